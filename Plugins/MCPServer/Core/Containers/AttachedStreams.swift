import PluginKit
import Synchronization

/// The streams of one container: what it writes, by line and in order, and the way to its standard input.
final class AttachedStreams: HTTPHandler {
    private struct State: Sendable {
        var exchange: HTTPExchange?
        var status = 0
        var refusal: [UInt8] = []
        var frames = FrameSplitter()
        var output: LineBuffer
        var errors = LineBuffer()
        var queue: [(stream: ProcessStream, line: [UInt8])] = []
        var isDelivering = false
        var isPaused = false
        var wasResumed = false
        var isHeld = false
        var end: Outcome?
        var isOver = false
        /// Lines that were too long and are lost.
        var dropped: Int { output.dropped + errors.dropped }
        var opened: (@Sendable (PluginError?) -> Void)?
        var over: (@Sendable (Outcome) -> Void)?
    }

    private let handler: any ProcessHandler
    private let log: LogService
    private let state: Mutex<State>

    /// - Parameter limit: Longest line of standard output in bytes; `nil` leaves the default.
    init(_ handler: any ProcessHandler, limit: Int?, log: LogService) {
        self.handler = handler
        self.log = log
        state = Mutex(State(output: LineBuffer(limit: limit)))
    }

    /// Attaches to a container that does not run yet.
    ///
    /// - Throws: ``PluginError`` with what the engine said.
    func open(_ engine: EngineClient, _ path: String) async throws(PluginError) {
        let refusal: PluginError? = await withCheckedContinuation { continuation in
            state.withLock { $0.opened = { continuation.resume(returning: $0) } }
            let exchange = engine.attach(path, handler: self)
            state.withLock { $0.exchange = exchange }
        }
        if let refusal { throw refusal }
    }

    /// Returns when the container has closed its streams and all it wrote is handed out.
    func ended() async -> Outcome {
        await withCheckedContinuation { continuation in
            let end = state.withLock { state -> Outcome? in
                if state.isOver { return state.end }
                state.over = { continuation.resume(returning: $0) }
                return nil
            }
            if let end { continuation.resume(returning: end) }
        }
    }

    func write(_ data: [UInt8]) -> Flow {
        guard let exchange = state.withLock({ $0.exchange }) else { return .stop }
        return data.withUnsafeBytes { exchange.write($0.bytes) }
    }

    func closeInput() { state.withLock { $0.exchange }?.closeWrite() }
    /// Lets go of the connection.
    func abandon() { state.withLock { $0.exchange }?.cancel() }

    func resume() {
        state.withLock { state in
            state.isPaused = false
            // Thread A hands out a line and is told to wait; thread B says "go on" before A could note it.
            if state.isDelivering { state.wasResumed = true }
        }
        deliver()
        let exchange = state.withLock { state -> HTTPExchange? in
            guard !state.isPaused, state.isHeld else { return nil }
            state.isHeld = false
            return state.exchange
        }
        exchange?.resume()
    }

    // MARK: HTTPHandler

    func head(_ head: borrowing HTTPHead) -> Flow {
        let status = head.status
        let opened = state.withLock { state -> (@Sendable (PluginError?) -> Void)? in
            state.status = status
            guard status == 101 else { return nil }
            defer { state.opened = nil }
            return state.opened
        }
        opened?(nil)
        return .go
    }

    func body(_ data: RawSpan) -> Flow {
        let (isProper, dropped) = data.withUnsafeBytes { bytes in
            state.withLock { state -> (Bool, Int) in
                let before = state.dropped
                guard state.status == 101 else {
                    state.refusal += bytes.prefix(4_096)
                    return (true, 0)
                }
                do throws(FrameSplitter.NoFrame) {
                    var frames = state.frames
                    var found: [(ProcessStream, [UInt8])] = []
                    try frames.take(bytes) { stream, data in
                        let lines = stream == .error ? state.errors.take(data) : state.output.take(data)
                        for line in lines { found.append((stream, line)) }
                    }
                    state.frames = frames
                    for (stream, line) in found { state.queue.append((stream, line)) }
                    return (true, state.dropped - before)
                } catch {
                    return (false, 0)
                }
            }
        }
        if dropped > 0 {
            log.warning(
                "server wrote lines that are too long; dropped", [Header("lines", "\(dropped)")])
        }
        guard isProper else { return .stop }
        deliver()
        return state.withLock { state in
            state.isHeld = state.isPaused
            return state.isHeld ? .pause : .go
        }
    }

    func ended(_ outcome: Outcome) {
        let opened = state.withLock { state -> (@Sendable (PluginError?) -> Void)? in
            for (stream, line) in [(ProcessStream.output, state.output.last()), (.error, state.errors.last())] {
                if let line { state.queue.append((stream, line)) }
            }
            state.end = outcome
            defer { state.opened = nil }
            return state.opened
        }
        if let opened {
            let answer = state.withLock { EngineAnswer(status: $0.status, body: $0.refusal) }
            let reason = outcome.status == .ok ? answer.message : outcome.message
            opened(PluginError(.unavailable, "the container engine did not attach to the container: \(reason)"))
        }
        deliver()
    }

    func drained() { handler.drained() }

    /// Hands out what waits, one line after the other, on one thread at a time.
    private func deliver() {
        while true {
            let next = state.withLock { state -> (stream: ProcessStream, line: [UInt8])? in
                guard !state.isDelivering, !state.isPaused, !state.queue.isEmpty else { return nil }
                state.isDelivering = true
                return state.queue.removeFirst()
            }
            guard let next else { break }
            let flow = next.line.withUnsafeBytes { handler.output(next.stream, $0.bytes) }
            state.withLock { state in
                state.isDelivering = false
                state.isPaused = flow == .pause && !state.wasResumed
                state.wasResumed = false
            }
        }
        let over = state.withLock { state -> (@Sendable (Outcome) -> Void)? in
            guard state.end != nil, state.queue.isEmpty, !state.isDelivering, !state.isOver else { return nil }
            state.isOver = true
            defer { state.over = nil }
            return state.over
        }
        if let over, let end = state.withLock({ $0.end }) { over(end) }
    }
}
