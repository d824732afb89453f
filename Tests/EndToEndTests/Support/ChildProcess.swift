import Foundation
import Glibc

/// A real process with its output captured.
final class ChildProcess: Sendable {
    private let ended: Signal<Int32>
    private let input: Pipe
    let identifier: pid_t
    let output = LineLog()
    let errors = LineLog()

    /// Starts it. Its standard input stays open until ``closeInput()`` or the end of this object.
    ///
    /// - Parameter environment: Added to the environment of the test.
    init(
        _ program: String, _ arguments: [String], environment: [String: String] = [:], folder: URL = Places.repository
    ) throws {
        let process = Process()
        process.executableURL = URL(filePath: program)
        process.arguments = arguments
        process.currentDirectoryURL = folder
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        let pipes = (input: Pipe(), output: Pipe(), errors: Pipe())
        process.standardInput = pipes.input
        process.standardOutput = pipes.output
        process.standardError = pipes.errors
        input = pipes.input
        let ended = Signal<Int32>()
        self.ended = ended
        process.terminationHandler = { process in
            // As a shell says it: 128 + signal when a signal ended it.
            let bySignal = process.terminationReason == .uncaughtSignal
            ended.fire(bySignal ? 128 + process.terminationStatus : process.terminationStatus)
        }
        try process.run()
        identifier = process.processIdentifier
        output.read(pipes.output.fileHandleForReading)
        errors.read(pipes.errors.fileHandleForReading)
    }

    deinit { signal(SIGKILL) }

    func signal(_ number: Int32) { if ended.current == nil { kill(identifier, number) } }

    func closeInput() throws { try input.fileHandleForWriting.close() }

    /// Waits for the end: the exit code, or 128 + the signal that ended it.
    func exit() async throws -> Int32 { try await ended.value() }

    /// Runs a program to its end.
    ///
    /// - Returns: Exit code, standard output and standard error.
    static func run(
        _ program: String, _ arguments: [String], environment: [String: String] = [:], folder: URL = Places.repository
    ) async throws -> (status: Int32, output: String, errors: String) {
        let process = try ChildProcess(program, arguments, environment: environment, folder: folder)
        try process.closeInput()
        let status = try await process.exit()
        return (status, try await process.output.whole(), try await process.errors.whole())
    }
}
