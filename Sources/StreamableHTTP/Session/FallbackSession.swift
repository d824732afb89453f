import PluginKit
import Synchronization

/// Which transport the server of a backend was found to speak, for all its sessions.
final class FoundTransport: Sendable {
    private let older = Atomic(false)
    /// Whether the last session that was opened got HTTP+SSE.
    var isOlder: Bool {
        get { older.load(ordering: .relaxed) }
        set { older.store(newValue, ordering: .relaxed) }
    }
}

/// A session with a server that is said to speak streamable HTTP, and may turn out to know only HTTP+SSE of 2024-11-05.
///
/// A server that refuses `initialize` with 400, 404 or 405 is asked for a stream by GET; when that begins with an `endpoint`
/// event, the session is one over HTTP+SSE (MCP 2025-03-26 to 2026-07-28, Transports, backwards compatibility). What was found
/// is remembered: the next session begins with the stream, and goes back to streamable HTTP when there is none any more.
final class FallbackSession: TransportSession {
    /// Milliseconds that the first event of the stream may take.
    static let firstEvent: UInt64 = 5_000

    private struct State {
        /// What is asked whether it is one.
        var candidate: EventStreamSession?
        var older: EventStreamSession?
        var isClosed = false
    }

    private let endpoint: Endpoint
    private let parameters: SessionParameters
    private let sink: SessionSink
    private let host: HostServices
    private let found: FoundTransport
    private let onEnd: @Sendable () -> Void
    private let streamable: HTTPSession
    private let state = Mutex(State())

    /// Makes a session; `onEnd` is called when it could not be opened, or ended by itself.
    init(
        endpoint: Endpoint, parameters: SessionParameters, sink: SessionSink, host: HostServices, found: FoundTransport,
        onEnd: @escaping @Sendable () -> Void
    ) {
        self.endpoint = endpoint
        self.parameters = parameters
        self.sink = sink
        self.host = host
        self.found = found
        self.onEnd = onEnd
        streamable = HTTPSession(endpoint: endpoint, parameters: parameters, sink: sink, host: host)
    }

    private var older: EventStreamSession? { state.withLock { $0.older } }
    /// What speaks for it now.
    private var current: any TransportSession { older ?? streamable }

    func open(_ call: Call) {
        guard found.isOlder else { return streamable.open(call) }
        openOlder(call) { [self] outcome in
            if Self.isOfAnother(outcome) {
                found.isOlder = false
                streamable.open(call)
            } else {
                if outcome.status != .ok { onEnd() }
                call.resolve(outcome)
            }
        }
    }

    func send(_ message: RawSpan, call: Call) {
        if let older { return older.send(message, call: call) }
        let copy = streamable.isServed ? [] : message.withUnsafeBytes { Array($0) }
        guard OutermostMembers.scalar("method", in: copy)?.elementsEqual("\"initialize\"".utf8) == true else {
            return streamable.send(message, call: call)
        }
        PostExchange(session: streamable, call: call) { [self] refusal, body in
            turnToOlder(copy, call, refusal, body)
        }.start(message)
    }

    func listen(_ call: Call) { current.listen(call) }
    func resume() { current.resume() }

    func close(_ call: Call) {
        shut(Outcome(.cancelled, "the session was closed"))
        current.close(call)
    }

    func abandon(_ outcome: Outcome) {
        shut(outcome)
        current.abandon(outcome)
    }

    private func shut(_ outcome: Outcome) {
        let candidate = state.withLock { state in
            state.isClosed = true
            return state.candidate
        }
        candidate?.giveUp(outcome)
    }

    // MARK: - The older transport

    /// Sends `initialize` over the older transport, or ends its call with what the server said to the POST.
    private func turnToOlder(_ message: [UInt8], _ call: Call, _ refusal: Outcome, _ body: [UInt8]) {
        openOlder(call) { [self] outcome in
            switch outcome.status {
            case .ok:
                found.isOlder = true
                older?.send(message.span.bytes, call: call)
            // What keeps the server from telling is what there is to tell.
            case .cancelled, .unauthenticated, .forbidden: call.resolve(outcome)
            default:
                var both = refusal
                both.message += "; nor does it speak HTTP+SSE: \(outcome.message)"
                call.resolve(both, last: body)
            }
        }
    }

    private func openOlder(_ call: Call, _ opened: @escaping @Sendable (Outcome) -> Void) {
        let made = EventStreamSession(
            endpoint: endpoint, parameters: parameters, sink: sink, host: host, isSubstitute: true
        ) { [weak self] in
            if let self, older != nil { onEnd() }
        }
        let patience = host.timer.after(Self.firstEvent) { [weak made] in
            made?.giveUp(Outcome(.timeout, "no event came within \(Self.firstEvent) ms that says where to post"))
        }
        state.withLock { $0.candidate = made }
        made.open(call) { [self] outcome in
            patience.cancel()
            let isClosed = state.withLock { state in
                state.candidate = nil
                if outcome.status == .ok, !state.isClosed { state.older = made }
                return state.isClosed
            }
            guard isClosed, outcome.status == .ok else { return opened(outcome) }
            let closed = Outcome(.cancelled, "the session was closed")
            made.abandon(closed)
            opened(closed)
        }
        if state.withLock({ $0.isClosed }) { made.giveUp(Outcome(.cancelled, "the session was closed")) }
    }

    /// Whether the end of the attempt to open a stream shows a server of another transport. What says nothing about the
    /// server, such as a connection that could not be made, does not.
    private static func isOfAnother(_ outcome: Outcome) -> Bool {
        switch outcome.status {
        case .protocolError: true
        case .timeout, .invalid, .notFound, .unsupported: outcome.httpStatus < 500 && outcome.httpStatus != 408
        default: false
        }
    }
}
