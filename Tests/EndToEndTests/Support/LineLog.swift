import Foundation
import Glibc
import Synchronization

/// The lines that a process has written so far, and a way to wait for one.
final class LineLog: Sendable {
    private struct Waiter: Sendable {
        let matches: @Sendable (String) -> Bool
        let found = Signal<String?>()
    }
    private struct State {
        var lines: [String] = []
        var waiters: [Waiter] = []
    }
    private let state = Mutex(State())
    private let end = Signal<Void>()

    var lines: [String] { state.withLock { $0.lines } }
    /// The last lines, as text for a failure.
    var tail: String { lines.suffix(60).joined(separator: "\n") }

    /// The first line, written already or to come, that fulfils a condition.
    ///
    /// - Throws: ``TestFailure`` when the output ends without one.
    func line(where matches: @escaping @Sendable (String) -> Bool) async throws -> String {
        let waiter = Waiter(matches: matches)
        let isOver = end.current != nil
        let early = state.withLock { state in
            let early = state.lines.first(where: matches)
            if early == nil { state.waiters.append(waiter) }
            return early
        }
        if let early { return early }
        if isOver || end.current != nil { waiter.found.fire(nil) }
        guard let line = try await waiter.found.value() else {
            throw TestFailure("the output ended without the line that was waited for:\n\(tail)")
        }
        return line
    }

    /// All of the output, once it has ended.
    func whole() async throws -> String {
        try await end.value()
        return lines.joined(separator: "\n")
    }

    private func append(_ line: String) {
        let found = state.withLock { state in
            state.lines.append(line)
            let found = state.waiters.filter { $0.matches(line) }
            state.waiters.removeAll { $0.matches(line) }
            return found
        }
        for waiter in found { waiter.found.fire(line) }
    }

    /// Reads lines until the end of the pipe, on a thread of its own.
    func read(_ handle: FileHandle) {
        let descriptor = dup(handle.fileDescriptor)
        Thread.detachNewThread { [self] in
            var rest: [UInt8] = []
            var buffer = [UInt8](repeating: 0, count: 65_536)
            while true {
                let count = Glibc.read(descriptor, &buffer, buffer.count)
                if count <= 0 { break }
                rest += buffer[..<count]
                while let newline = rest.firstIndex(of: UInt8(ascii: "\n")) {
                    append(String(decoding: rest[..<newline], as: UTF8.self))
                    rest.removeSubrange(...newline)
                }
            }
            if !rest.isEmpty { append(String(decoding: rest, as: UTF8.self)) }
            close(descriptor)
            end.fire(())
            for waiter in state.withLock({ $0.waiters }) { waiter.found.fire(nil) }
        }
    }
}
