import Foundation
import Synchronization
import Testing

@testable import HostDescribed

/// The library of `Fixtures`, compiled once for the test process.
enum Fixture {
    struct CompilationFailed: Error { let output: String }

    static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Fixtures")

    private static let compiled = Result<String, any Error> {
        let target = NSTemporaryDirectory() + "vmcp-described-\(UUID().uuidString).so"
        let gcc = Process()
        gcc.executableURL = URL(filePath: "/usr/bin/env")
        gcc.arguments = [
            "gcc", "-std=c11", "-D_GNU_SOURCE", "-O1", "-g", "-shared", "-fPIC", "-pthread", "-o", target,
            folder.appending(path: "library.c").path(),
        ]
        let output = Pipe()
        gcc.standardError = output
        try gcc.run()
        let words = output.fileHandleForReading.readDataToEndOfFile()
        gcc.waitUntilExit()
        guard gcc.terminationStatus == 0 else {
            throw CompilationFailed(output: String(decoding: words, as: UTF8.self))
        }
        atexit { Fixture.remove() }
        return target
    }

    private static func remove() {
        do {
            try FileManager.default.removeItem(atPath: try compiled.get())
        } catch {
            print("left behind: the compiled fixture: \(error)")
        }
    }

    static func library() throws -> String { try compiled.get() }

    /// The text of `library.yaml`, with a rule on threads in front.
    static func text(threads: String = "serial") throws -> String {
        "threads: \(threads)\n" + (try String(contentsOf: folder.appending(path: "library.yaml"), encoding: .utf8))
    }

    /// The library of `library.yaml`, with an instance.
    static func open(
        threads: String = "serial", onEvent: @escaping @Sendable (String, Value) -> Void = { _, _ in }
    ) throws -> OpenLibrary<LoadedLibrary> {
        let library = try LoadedLibrary(
            try LibraryDescription(parsing: try text(threads: threads)), at: try self.library(), onEvent: onEvent)
        return OpenLibrary(runner: library, instance: try library.open(values))
    }

    static let values = ["box_open": [Member("value", .integer(10))]]

    /// A description of one function of the fixture.
    static func describe(_ function: String, more: String = "") -> String {
        """
        id: one
        version: 1.0.0
        library: libfixture.so
        provides: []
        \(more)
        functions:
          \(function)
        """
    }
}

struct OpenLibrary<Runner: LibraryRunner> {
    let runner: Runner
    let instance: UInt64

    func call(_ function: String, _ arguments: (String, Value)...) throws(CallFailure) -> [Member] {
        try runner.call(instance, function, arguments.map { Member($0.0, $0.1) }, CallTerms())
    }

    /// What a call that must fail says.
    func failure(_ function: String, _ arguments: (String, Value)...) -> CallFailure? {
        do throws(CallFailure) {
            _ = try runner.call(instance, function, arguments.map { Member($0.0, $0.1) }, CallTerms())
            return nil
        } catch {
            return error
        }
    }

    func close() { runner.close(instance) }
}
