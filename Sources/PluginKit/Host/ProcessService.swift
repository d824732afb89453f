import PluginAPI

/// A child to be started.
public struct ProcessSpecification: Sendable, Equatable {
    /// The first is the program: a path, or a name looked up on PATH.
    public var arguments: [String]
    /// Added to a small environment of the host's choice. Values may be secrets: they are never logged.
    public var environment: [Header]
    /// Working directory; empty = the host's.
    public var directory: String
    /// Output comes a line at a time, without its end; a line that is too long is dropped, counted and logged.
    public var byLine: Bool
    /// Longest line in bytes, 0 = 16,777,216.
    public var maximumLine: UInt64

    /// Makes a specification whose output comes by line.
    public init(
        _ arguments: [String], environment: [Header] = [], directory: String = "", byLine: Bool = true,
        maximumLine: UInt64 = 0
    ) {
        self.arguments = arguments
        self.environment = environment
        self.directory = directory
        self.byLine = byLine
        self.maximumLine = maximumLine
    }
}

/// A stream that a child writes to.
public enum ProcessStream: UInt32, Sendable {
    /// Standard output.
    case output = 1
    /// Standard error.
    case error = 2
}

/// Gets what a child says. Functions are called on a thread of the host, one at a time, and must not block.
public protocol ProcessHandler: AnyObject, Sendable {
    /// Bytes, or a line. ``Flow/pause`` holds that stream until ``ChildProcess/resume(_:)``; ``Flow/stop`` drops it.
    func output(_ stream: ProcessStream, _ data: RawSpan) -> Flow
    /// The process and all its descendants are gone; `signal` is 0 when it exited with `code`. Once, last.
    func exited(code: Int, signal: Int)
    /// After ``ChildProcess/write(_:)`` answered ``Flow/pause``: it may go on.
    func drained()
}

extension ProcessHandler {
    /// Does nothing.
    public func drained() {}
}

/// Supervised children: each has its own process group, and its whole tree ends with the gateway.
public struct ProcessService: Sendable {
    let host: HostHandle
    let table: vmcp_process?

    /// Starts a child; the handler is kept until it exited, and may be called before this returns.
    ///
    /// - Throws: ``PluginError`` with the host's reason.
    public func spawn(
        _ specification: ProcessSpecification, handler: any ProcessHandler
    ) throws(PluginError) -> ChildProcess {
        guard let spawn = table?.spawn else { throw PluginError(.unsupported, "the host has no process service") }
        var sink = vmcp_process_sink()
        sink.struct_size = UInt32(MemoryLayout<vmcp_process_sink>.size)
        let box = HandlerBox(handler)
        sink.context = Unmanaged.passRetained(box).toOpaque()
        sink.output = { context, stream, data in
            HandlerBox.borrowed(context).output(ProcessStream(rawValue: stream) ?? .error, data.buffer.bytes).rawValue
        }
        sink.exited = { HandlerBox.taken($0).exited(code: Int($1), signal: Int($2)) }
        sink.drained = { HandlerBox.borrowed($0).drained() }
        let (number, reason) = withUnsafeTemporaryAllocation(of: CChar.self, capacity: 512) { room in
            var text = vmcp_text(data: room.baseAddress, capacity: room.count, size: 0)
            let number = withTable(specification) { spawn(host.pointer, $0, &sink, &text) }
            let bytes = UnsafeRawBufferPointer(start: room.baseAddress, count: min(text.size, room.count))
            return (number, String(decoding: bytes, as: UTF8.self))
        }
        guard number != 0 else {
            // The host keeps no sink of a child that did not start.
            Unmanaged.passUnretained(box).release()
            throw PluginError(.unavailable, reason.isEmpty ? "the host could not start the process" : reason)
        }
        return ChildProcess(service: self, number: number)
    }

    private func withTable(
        _ specification: ProcessSpecification, _ start: (UnsafePointer<vmcp_process_spec>) -> UInt64
    ) -> UInt64 {
        withBorrowedTexts(specification.arguments + [specification.directory]) { texts in
            withBorrowedHeaders(specification.environment) { environment, count in
                var table = vmcp_process_spec()
                table.struct_size = UInt32(MemoryLayout<vmcp_process_spec>.size)
                table.flags = specification.byLine ? UInt32(VMCP_PROCESS_LINES) : 0
                table.arguments = texts.baseAddress
                table.argument_count = specification.arguments.count
                table.environment = environment
                table.environment_count = count
                table.directory = texts[specification.arguments.count]
                table.max_line_bytes = specification.maximumLine
                return start(&table)
            }
        }
    }

    /// Keeps a handler while its process lives.
    private final class HandlerBox {
        private let handler: any ProcessHandler
        init(_ handler: any ProcessHandler) { self.handler = handler }

        static func borrowed(_ context: UnsafeMutableRawPointer?) -> any ProcessHandler {
            Unmanaged<HandlerBox>.fromOpaque(context.unsafelyUnwrapped).takeUnretainedValue().handler
        }

        /// Balances the retain of `spawn`: the exit comes exactly once, last.
        static func taken(_ context: UnsafeMutableRawPointer?) -> any ProcessHandler {
            Unmanaged<HandlerBox>.fromOpaque(context.unsafelyUnwrapped).takeRetainedValue().handler
        }
    }
}

/// A child that was started.
public struct ChildProcess: Sendable {
    let service: ProcessService
    /// The host's number for it.
    let number: UInt64

    /// Writes to its standard input, whole and in order. ``Flow/pause`` means: taken, wait for
    /// ``ProcessHandler/drained()``; ``Flow/stop``: closed, not taken.
    public func write(_ data: [UInt8]) -> Flow {
        data.withUnsafeBytes { data in
            let answer = service.table?.write?(service.host.pointer, number, vmcp_bytes(data))
            return answer.flatMap(Flow.init) ?? .stop
        }
    }
    /// Ends its standard input once what was written is through.
    public func closeInput() { service.table?.close_input?(service.host.pointer, number) }
    /// After ``Flow/pause`` of a stream.
    public func resume(_ stream: ProcessStream) {
        service.table?.resume?(service.host.pointer, number, stream.rawValue)
    }
    /// Closes its input, sends SIGTERM to the tree after `grace` milliseconds, SIGKILL after as long again.
    /// ``ProcessHandler/exited(code:signal:)`` follows.
    public func stop(grace: UInt64) { service.table?.stop?(service.host.pointer, number, grace) }
}
