import PluginKit
import Synchronization

/// A session over streamable HTTP: one exchange for each message, and the server's session id on all but the first.
final class HTTPSession: TransportSession {
    /// Milliseconds that saying good-bye may take.
    private static let farewellTimeout: UInt64 = 5_000

    private struct State: Sendable {
        var sessionID: String?
        var lastListenedEventID = ""
        var underWay: [ObjectIdentifier: any Underway] = [:]
        var isClosed = false
    }

    let endpoint: Endpoint
    let host: HostServices
    private let parameters: SessionParameters
    private let sink: SessionSink
    private let state = Mutex(State())
    private let hasServed = Atomic(false)

    init(endpoint: Endpoint, parameters: SessionParameters, sink: SessionSink, host: HostServices) {
        self.endpoint = endpoint
        self.parameters = parameters
        self.sink = sink
        self.host = host
    }

    /// What the server calls the session; `nil` when it keeps none, or has not said so yet.
    var sessionID: String? { state.withLock { $0.sessionID } }
    /// Where the last GET stream ended.
    var lastListenedEventID: String { state.withLock { $0.lastListenedEventID } }

    /// Whether the server has taken a message: it speaks this transport.
    var isServed: Bool { hasServed.load(ordering: .relaxed) }

    /// The server has taken a message.
    func served() { if !isServed { hasServed.store(true, ordering: .relaxed) } }

    func open(_ call: Call) { call.resolve() }

    func send(_ message: RawSpan, call: Call) { PostExchange(session: self, call: call).start(message) }

    func listen(_ call: Call) { ListenExchange(session: self, call: call).start() }

    func close(_ call: Call) {
        let (sessionID, underWay) = shut()
        sink.closed()
        for exchange in underWay { exchange.end(Outcome(.cancelled, "the session was closed")) }
        guard sessionID != nil else {
            call.resolve()
            return
        }
        do {
            var request = try request("DELETE", [], call: call)
            request.options.insert(.teardown)
            request.totalTimeout = min(Self.farewellTimeout, request.totalTimeout > 0 ? request.totalTimeout : .max)
            let exchange = host.http.request(request, handler: Farewell(call: call))
            call.onCancel { _ in exchange.cancel() }
        } catch {
            call.resolve(Outcome(.ok, "the server was not told: \(error.message)"))
        }
    }

    func abandon(_ outcome: Outcome) {
        let (_, underWay) = shut()
        for exchange in underWay { exchange.end(outcome) }
        sink.lost(outcome)
    }

    func resume() {}

    private func shut() -> (sessionID: String?, underWay: [any Underway]) {
        state.withLock { state in
            state.isClosed = true
            defer { state.underWay = [:] }
            return (state.sessionID, Array(state.underWay.values))
        }
    }

    /// Keeps what is under way, so that closing ends it; `false` when the session is closed.
    func admit(_ exchange: any Underway) -> Bool {
        state.withLock { state in
            guard !state.isClosed else { return false }
            state.underWay[ObjectIdentifier(exchange)] = exchange
            return true
        }
    }

    /// Lets go of what has ended.
    func forget(_ exchange: any Underway) {
        _ = state.withLock { $0.underWay.removeValue(forKey: ObjectIdentifier(exchange)) }
    }

    /// Takes the first session id that a response brings; it must be visible ASCII (MCP 2025-11-25, transports).
    func adopt(_ sessionID: String?) {
        guard let sessionID, !sessionID.isEmpty, sessionID.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            return
        }
        state.withLock { if $0.sessionID == nil { $0.sessionID = sessionID } }
    }

    /// Remembers where the GET stream is.
    func listened(to id: String) { state.withLock { if !id.isEmpty { $0.lastListenedEventID = id } } }

    /// A request of this session with all its headers and the call's time.
    func request(_ method: String, _ headers: [Header], call: Call) throws(PluginError) -> HTTPRequest {
        var transport = headers
        if let sessionID, !call.isStateless { transport.append(Header("Mcp-Session-Id", sessionID)) }
        var request = try endpoint.request(
            method, endpoint.address, transport: transport, session: parameters, call: call)
        try request.limit(to: call, now: host.timer.now)
        return request
    }
}

extension HTTPRequest {
    /// Takes over the call's deadline and its longest silence.
    ///
    /// - Throws: ``PluginError`` when the deadline is over.
    mutating func limit(to call: Call, now: UInt64) throws(PluginError) {
        idleTimeout = call.idleLimit
        guard call.deadline != 0 else { return }
        guard call.deadline > now else {
            throw PluginError(.timeout, "the deadline was over before the request could be sent")
        }
        totalTimeout = call.deadline - now
    }
}
