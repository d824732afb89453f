import PluginKit
import Synchronization

/// A session with a server over its pipes: one process, one JSON-RPC message a line (MCP 2025-11-25, transports, stdio).
final class PipeSession: ServerHandler {
    /// Milliseconds between end of input and SIGTERM, and again until SIGKILL.
    static let grace: UInt64 = 2_000
    /// Milliseconds between two warnings about output that is no message.
    private static let garbageInterval: UInt64 = 10_000

    private struct State: Sendable {
        var process: (any RunningServer)?
        var hasSpoken = false
        var hasExited = false
        var isClosing = false
        var farewells: [Call] = []
        var garbage = LogLimit(interval: PipeSession.garbageInterval)
    }

    private let host: HostServices
    private let restarts: Restarts
    private let sink: SessionSink
    private let words: LastWords
    private let startedAt: UInt64
    private let input = InputQueue()
    private let state = Mutex(State())
    private let onExit: @Sendable () -> Void

    init(host: HostServices, restarts: Restarts, sink: SessionSink, onExit: @escaping @Sendable () -> Void) {
        self.host = host
        self.restarts = restarts
        self.sink = sink
        self.onExit = onExit
        words = LastWords(host: host)
        startedAt = host.timer.now
    }

    /// Starts the server, unless nobody wants it any more.
    func launch(_ runtime: any Runtime) throws(PluginError) {
        guard !state.withLock({ $0.isClosing }) else { return forgo("closed while it was starting") }
        let process = try runtime.launch(port: nil, handler: self)
        let isClosing = state.withLock { state in
            state.process = process
            return state.isClosing
        }
        input.open { process.write($0) }
        if isClosing { process.stop(grace: Self.grace) }
    }

    func send(_ message: RawSpan, call: Call) { input.send(Self.line(message), call: call) }

    /// Ends the session; the call is resolved when the process is gone.
    func close(_ call: Call?) {
        sink.closed()
        let (process, isGone) = state.withLock { state in
            state.isClosing = true
            if !state.hasExited, let call { state.farewells.append(call) }
            return (state.process, state.hasExited)
        }
        if isGone { call?.resolve() } else { process?.stop(grace: Self.grace) }
    }

    func resume() { state.withLock { $0.process }?.resume(.output) }

    func output(_ stream: ProcessStream, _ data: RawSpan) -> Flow {
        guard stream == .output else {
            words.take(data)
            return .go
        }
        guard let first = Self.firstVisible(data) else { return .go }
        guard first == UInt8(ascii: "{") || first == UInt8(ascii: "[") else {
            garbage(data)
            return .go
        }
        let isFirst = state.withLock { state in
            defer { state.hasSpoken = true }
            return !state.hasSpoken
        }
        if isFirst { restarts.works() }
        return sink.message(data)
    }

    func drained() { input.drained() }

    func exited(code: Int, signal: Int) { ended(LastWords.how(code: code, signal: signal)) }

    func ended(_ how: String) { end(words.end(how), counts: true) }

    /// There will be no server.
    func forgo(_ reason: String) { end(reason, counts: false) }

    private func end(_ reason: String, counts: Bool) {
        let (isClosing, farewells) = state.withLock { state in
            state.hasExited = true
            state.process = nil
            defer { state.farewells = [] }
            return (state.isClosing, state.farewells)
        }
        let lost = Outcome(.unavailable, reason, sessionLost: true)
        input.close(lost)
        if !isClosing, counts {
            restarts.died(startedAt: startedAt, reason)
            sink.lost(lost)
        }
        onExit()
        for call in farewells { call.resolve() }
    }

    /// A line that is no message breaks the protocol, but harms nobody: many servers greet on standard output.
    private func garbage(_ data: RawSpan) {
        host.metrics.count("garbage_lines_total")
        let now = host.timer.now
        guard let count = state.withLock({ $0.garbage.pass(now: now) }) else { return }
        let start = data.withUnsafeBytes { String(decoding: $0.prefix(200), as: UTF8.self) }
        host.log.warning(
            "server wrote something else than JSON-RPC to its standard output; dropped",
            [Header("lines", "\(count)"), Header("start", start)])
    }

    /// A message as a line: a raw line end can only be white space between tokens, and would end the message early.
    private static func line(_ message: RawSpan) -> [UInt8] {
        message.withUnsafeBytes { bytes in
            var line: [UInt8] = []
            line.reserveCapacity(bytes.count + 1)
            for byte in bytes { line.append(byte == 0x0A || byte == 0x0D ? 0x20 : byte) }
            line.append(0x0A)
            return line
        }
    }

    private static func firstVisible(_ data: RawSpan) -> UInt8? {
        data.withUnsafeBytes { $0.first { $0 != 0x20 && $0 != 0x09 && $0 != 0x0D } }
    }
}
