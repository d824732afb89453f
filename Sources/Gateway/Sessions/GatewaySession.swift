import Synchronization

/// What a session needs of the gateway.
protocol SessionHost: AnyObject, Sendable {
    var catalog: Catalog { get }
    var clock: GatewayClock { get }
    /// Client headers, names in lower case, that are handed to backends.
    var passthroughHeaders: [String] { get }
    /// Backends whose absence makes lists fail; empty when what is there is served.
    var missingBackends: [String] { get }
    func backend(named name: String) -> Backend?
    func ended(_ session: GatewaySession)
    /// Whether another session that uses the same backend session is subscribed to this URI.
    func isSubscribed(_ uri: String, over session: BackendSession, besides: GatewaySession) -> Bool
}

/// One session of a client, for the revisions that have sessions.
///
/// It holds one session with each backend it has called, opened at the first call and kept: a stateful backend keeps its
/// state, and no call pays a handshake.
package final class GatewaySession: ClientSession {
    private enum Slot {
        case opening([ForwardedCall])
        case open(BackendSession)
    }

    private struct State {
        var backends: [String: Slot] = [:]
        /// Calls under way by the client's raw id.
        var calls: [[UInt8]: ForwardedCall] = [:]
        var streams: [any ClientStream] = []
        var level: LogLevel?
        var subscriptions: Set<String> = []
        var lastUse: UInt64
        var isOver = false
    }

    package let id: String
    package let revision: ProtocolRevision
    let principal: Principal
    /// Whether the client can be asked something: elicitation, sampling, roots.
    private let interactive: Bool
    private let host: any SessionHost
    private let state: Mutex<State>

    init(id: String, revision: ProtocolRevision, principal: Principal, interactive: Bool, host: any SessionHost) {
        self.id = id
        self.revision = revision
        self.principal = principal
        self.interactive = interactive
        self.host = host
        state = Mutex(State(lastUse: host.clock.now()))
    }

    // MARK: - Use and end

    func touch(_ now: UInt64) { state.withLock { $0.lastUse = now } }

    /// When it was last used; `nil` while something is open on it.
    var idleSince: UInt64? {
        state.withLock { $0.calls.isEmpty && $0.streams.isEmpty ? $0.lastUse : nil }
    }

    var lastUse: UInt64 { state.withLock { $0.lastUse } }

    package func end() async {
        let ended = state.withLock { state -> State? in
            guard !state.isOver else { return nil }
            state.isOver = true
            defer { (state.backends, state.calls, state.streams) = ([:], [:], []) }
            return state
        }
        guard let ended else { return }
        for call in ended.calls.values { call.cancel() }
        for stream in ended.streams { stream.close() }
        for case (let name, .open(let session)) in ended.backends { host.backend(named: name)?.release(session) }
        host.ended(self)
    }

    // MARK: - Requests

    package func request(_ request: JSONRPCMessage, headers: [Header], stream: any ClientStream) {
        guard let id = request.id else { return stream.close() }
        touch(host.clock.now())
        switch request.method {
        case "ping": stream.finish(JSONRPCWriter.result(id: id.bytes, "{}".utf8))
        case "initialize":
            stream.finish(
                JSONRPCWriter.error(
                    id: id.array, code: -32600, message: "Invalid Request: this session is initialized already"))
        case "logging/setLevel": setLevel(request, id: id, stream: stream)
        default:
            switch RequestRouter(host.catalog).route(request) {
            case .result(let result):
                let missing = host.missingBackends
                stream.finish(
                    missing.isEmpty
                        ? JSONRPCWriter.result(id: id.bytes, result)
                        : FailureAnswer.incomplete(id: id.array, missing: missing))
            case .error(let code, let message, let data):
                stream.finish(JSONRPCWriter.error(id: id.array, code: code, message: message, data: data))
            case .forward(let backend, let splice):
                forward(request, to: backend, splice, headers: headers, stream: stream)
            case nil:
                stream.finish(
                    JSONRPCWriter.error(
                        id: id.array, code: -32601, message: "Method not found: \(request.method.prefix(200))"))
            }
        }
    }

    private func forward(
        _ request: JSONRPCMessage, to backend: String, _ splice: JSONSplice, headers: [Header],
        stream: any ClientStream
    ) {
        let passed = headers.filter { host.passthroughHeaders.contains($0.name) }
        let call = ForwardedCall(
            request, backend: backend, splice: splice, headers: passed, stream: stream, owner: self)
        if let id = request.id { state.withLock { $0.calls[id.array] = call } }
        if let own = host.backend(named: backend)?.descriptor.staticHeaders,
            let both = passed.first(where: { own.contains($0.name) })
        {
            return call.fail(
                Outcome(
                    .invalid, notSent: true,
                    message:
                        "header \"\(both.name)\" is both passed through and set by headerForward; remove one of them"))
        }
        dispatch(call)
    }

    /// Sends a call over the session with its backend, opening that first when there is none.
    func dispatch(_ call: ForwardedCall) {
        guard let backend = host.backend(named: call.backend) else {
            return call.fail(Outcome(.unavailable, notSent: true, message: "is not part of the group any more"))
        }
        enum Step { case send(BackendSession), open, wait }
        let step = state.withLock { state -> Step in
            switch state.backends[call.backend] {
            case .open(let session) where session.server != nil: return .send(session)
            case .opening(var waiting):
                waiting.append(call)
                state.backends[call.backend] = .opening(waiting)
                return .wait
            default:
                state.backends[call.backend] = .opening([call])
                return .open
            }
        }
        switch step {
        case .wait: break
        case .send(let session): send(call, over: session, backend)
        case .open: Task { await self.open(backend) }
        }
    }

    private func open(_ backend: Backend) async {
        let name = backend.descriptor.name
        let result: Result<BackendSession, Outcome>
        do throws(Outcome) { result = .success(try await backend.session(interactive: interactive)) } catch {
            result = .failure(error)
        }
        let (waiting, isOver) = state.withLock { state -> ([ForwardedCall], Bool) in
            guard case .opening(let waiting) = state.backends[name] else { return ([], state.isOver) }
            if case .success(let session) = result {
                state.backends[name] = .open(session)
            } else {
                state.backends[name] = nil
            }
            return (waiting, state.isOver)
        }
        switch result {
        case .success(let session):
            if isOver { return backend.release(session) }
            if let level = state.withLock({ $0.level }) { session.wantLogs(at: level) }
            for call in waiting { send(call, over: session, backend) }
        case .failure(let outcome): for call in waiting { call.fail(outcome) }
        }
    }

    private func send(_ call: ForwardedCall, over session: BackendSession, _ backend: Backend) {
        let now = backend.clock.now()
        let timeout = backend.descriptor.timeout
        if let answer = answerHere(call, over: session) { return call.answer(answer) }
        call.send(over: session, context: CallContext(deadline: now + max(timeout * 10, 600_000), idle: timeout))
    }

    /// Requests that a backend need not or must not see, given what it announced.
    private func answerHere(_ call: ForwardedCall, over session: BackendSession) -> [UInt8]? {
        guard let id = call.request.id, let server = session.server else { return nil }
        let uri = call.request.params?["uri"]?.string ?? ""
        switch call.request.method {
        case "completion/complete" where !server.offersCompletions:
            return JSONRPCWriter.result(id: id.bytes, "{\"completion\":{\"values\":[]}}".utf8)
        case "resources/subscribe":
            state.withLock { _ = $0.subscriptions.insert(uri) }
            return server.offersSubscriptions ? nil : JSONRPCWriter.result(id: id.bytes, "{}".utf8)
        case "resources/unsubscribe":
            state.withLock { _ = $0.subscriptions.remove(uri) }
            let isNeeded = host.isSubscribed(uri, over: session, besides: self)
            return server.offersSubscriptions && !isNeeded ? nil : JSONRPCWriter.result(id: id.bytes, "{}".utf8)
        default: return nil
        }
    }

    func finished(_ call: ForwardedCall) {
        guard let id = call.request.id?.array else { return }
        state.withLock { state in
            if state.calls[id] === call { state.calls[id] = nil }
        }
    }

    // MARK: - Notifications of the client

    package func accept(_ message: JSONRPCMessage) {
        touch(host.clock.now())
        guard message.method == "notifications/cancelled", let id = message.params?["requestId"] else { return }
        state.withLock { $0.calls[id.array] }?.cancel()
    }

    private func setLevel(_ request: JSONRPCMessage, id: JSONSlice, stream: any ClientStream) {
        guard let text = request.params?["level"]?.string, let level = LogLevel(rawValue: text) else {
            let known = LogLevel.allCases.map(\.rawValue).joined(separator: ", ")
            let message = "Invalid params: \"level\" must be one of \(known)"
            return stream.finish(JSONRPCWriter.error(id: id.array, code: -32602, message: message))
        }
        let sessions = state.withLock { state in
            state.level = level
            return state.backends.values.compactMap { if case .open(let session) = $0 { session } else { nil } }
        }
        for session in sessions { session.wantLogs(at: level) }
        stream.finish(JSONRPCWriter.result(id: id.bytes, "{}".utf8))
    }

    // MARK: - Towards the client

    /// Whether the client wants this notification: log messages under its level are left out.
    func wants(_ notification: [UInt8]) -> Bool {
        guard let level = state.withLock({ $0.level }) else { return true }
        do throws(JSONRPCMessage.Malformed) {
            let message = try JSONRPCMessage(notification)
            guard message.method == "notifications/message" else { return true }
            return message.params?["level"]?.string.flatMap(LogLevel.init(rawValue:)).map { $0 >= level } ?? true
        } catch {
            return false
        }
    }

    /// Whether it has this session with a backend.
    func uses(_ session: BackendSession) -> Bool {
        state.withLock { state in
            state.backends.values.contains { if case .open(let own) = $0 { own === session } else { false } }
        }
    }

    func isSubscribed(_ uri: String) -> Bool { state.withLock { $0.subscriptions.contains(uri) } }

    /// Sends what belongs to no request, on the first of its streams that takes it; without one it is dropped.
    func deliver(_ notification: [UInt8]) {
        guard wants(notification) else { return }
        for stream in state.withLock({ $0.streams }) where stream.send(notification) != .stop { return }
    }

    package func attach(_ stream: any ClientStream) {
        let isOver = state.withLock { state in
            if !state.isOver { state.streams.append(stream) }
            return state.isOver
        }
        if isOver { stream.close() }
    }

    package func detach(_ stream: any ClientStream) {
        state.withLock { $0.streams.removeAll { $0 === stream } }
    }
}
