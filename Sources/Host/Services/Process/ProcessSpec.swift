/// A child to be: the Swift face of `vmcp_process_spec`.
package struct ProcessSpec: Sendable {
    /// The first is the program: a path, or a name looked up on the child's PATH.
    package var arguments: [String]
    /// Added to what children inherit. Values may be secrets.
    package var environment: [HTTPField] = []
    /// Working directory; empty = the host's.
    package var directory = ""
    /// Output comes a line at a time, without its end.
    package var isByLine = false
    /// A longer line is dropped, counted and logged. Default 16 MiB.
    package var maxLineBytes = 16_777_216

    package init(_ arguments: [String]) { self.arguments = arguments }
}

/// A stream of a child's output.
package enum OutputStream: UInt32, Sendable { case standardOutput = 1, standardError = 2 }

/// Where a child's output and end go. Called on one thread, one call at a time, and not to block there.
package protocol ProcessSink: Sendable {
    /// Bytes, or a line; borrowed. The answer is about that stream.
    func output(_ stream: OutputStream, _ data: UnsafeRawBufferPointer) -> SinkAnswer
    /// The process and all its descendants are gone. `signal` is 0 when it exited with `code`. Once, last.
    func exited(code: Int32, signal: Int32)
    /// After a write answered ``SinkAnswer/pause``: writing may go on.
    func drained()
}

/// Why a child was not started.
package struct ProcessSpawnError: Error, Equatable, CustomStringConvertible {
    package let description: String

    init(_ description: String) { self.description = description }
}
