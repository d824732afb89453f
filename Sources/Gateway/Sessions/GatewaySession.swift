import Synchronization

/// What a session needs of the gateway.
protocol SessionHost: AnyObject, Sendable {
    /// What a caller sees; `nil` before ``ready(for:)``.
    func catalog(for principal: Principal) -> Catalog?
    /// Returns when there is a catalogue for a caller.
    func ready(for principal: Principal) async
    /// Whether each caller has a catalogue of its own.
    var hasCallers: Bool { get }
    var clock: GatewayClock { get }
    var audience: Audience { get }
    var serverRequests: ServerRequests { get }
    var sessionLimits: SessionLimits { get }
    /// The subscriptions of each caller.
    var subscriptions: PrincipalQuota { get }
    var interactions: InteractionLimits { get }
    /// Client headers, names in lower case, that are handed to backends.
    var passthroughHeaders: Set<String> { get }
    /// Backends whose absence makes a caller's lists fail; empty when what is there is served.
    func missingBackends(for principal: Principal) -> [String]
    func backend(named name: String) -> Backend?
    func ended(_ session: GatewaySession)
    var workflows: WorkflowEngine { get }
    var taskSeal: TaskSeal { get }
    var taskMemory: any TaskMemory { get }
    /// `nil` when clients see the tools themselves.
    var optimizer: Optimizer? { get }
}

/// A call that the gateway answers itself, in the course of a session.
protocol OwnCall: AnyObject, Sendable {
    var stream: any ClientStream { get }
    /// The client wants no answer any more (`notifications/cancelled`).
    func cancel()
    /// The client's session has ended.
    func abandon()
}

/// One session of a client, for the revisions that have sessions.
///
/// It holds one session with each backend it has called, opened at the first call and kept: a stateful backend keeps its
/// state, and no call pays a handshake.
package final class GatewaySession: ClientSession {

    /// The session with one backend.
    enum Slot {
        /// With the calls that wait for it.
        case opening([ForwardedCall])
        case open(BackendSession)
    }

    struct State {
        var backends: [String: Slot] = [:]
        /// Calls under way by the client's raw id.
        var calls: [[UInt8]: ForwardedCall] = [:]
        /// Calls that the gateway answers itself likewise.
        var ownCalls: [[UInt8]: any OwnCall] = [:]
        var streams: [any ClientStream] = []
        var level: LogLevel?
        /// Changes that it was not told of for want of a stream, as whole notifications.
        var untold: [[UInt8]] = []
        /// The backend of each resource that the client is subscribed to.
        var subscriptions: [String: String] = [:]
        var lastUse: UInt64
        /// What the last request showed.
        var identity: (any CallerIdentity)?
        /// To be called when it has ended.
        var over: [@Sendable () -> Void] = []
        var isOver = false
    }

    package let id: String
    package let revision: ProtocolRevision
    let principal: Principal
    /// The client as its `initialize` described it.
    private let client: RequestOrigin
    /// What its `initialize` was told of tasks.
    let offeredTasks: TaskSupport
    let host: any SessionHost
    let state: Mutex<State>

    init(
        id: String, revision: ProtocolRevision, principal: Principal, client: RequestOrigin, tasks: TaskSupport = [],
        host: any SessionHost
    ) {
        self.id = id
        self.revision = revision
        self.principal = principal
        self.client = client
        offeredTasks = tasks
        self.host = host
        state = Mutex(State(lastUse: host.clock.now(), identity: principal.identity))
    }

    /// What the client can be asked.
    var capabilities: ClientCapabilities { client.capabilities }

    /// What its requests say of the client where they must say it themselves.
    var origin: RequestOrigin { client.wanting(state.withLock { $0.level ?? .info }) }

    // MARK: - Use and end

    func touch(_ now: UInt64) { state.withLock { $0.lastUse = now } }

    /// A request of its principal came, perhaps with a newer token.
    func touch(_ now: UInt64, by principal: Principal) {
        state.withLock { ($0.lastUse, $0.identity) = (now, principal.identity) }
    }

    /// On whose behalf requests are made now.
    var identity: (any CallerIdentity)? { state.withLock { $0.identity } }

    /// When it was last used; `nil` while something is open on it.
    var idleSince: UInt64? {
        state.withLock { $0.calls.isEmpty && $0.ownCalls.isEmpty && $0.streams.isEmpty ? $0.lastUse : nil }
    }

    var lastUse: UInt64 { state.withLock { $0.lastUse } }

    package func end() async {
        let ended = state.withLock { state -> State? in
            guard !state.isOver else { return nil }
            state.isOver = true
            defer {
                (state.backends, state.calls, state.ownCalls) = ([:], [:], [:])
                (state.streams, state.subscriptions, state.over) = ([], [:], [])
            }
            return state
        }
        guard let ended else { return }
        host.subscriptions.give(principal, ended.subscriptions.count)
        for call in ended.ownCalls.values { call.abandon() }
        for call in ended.calls.values { call.abandon() }
        for request in host.serverRequests.takeAll(of: self) { request.refuse("the client's session has ended") }
        for stream in ended.streams { stream.close() }
        for case .open(let session) in ended.backends.values { leave(session) }
        forgetTasks()
        host.ended(self)
        for over in ended.over { over() }
    }

    package func whenOver(_ over: @escaping @Sendable () -> Void) {
        let isOver = state.withLock { state in
            if !state.isOver { state.over.append(over) }
            return state.isOver
        }
        if isOver { over() }
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
            guard let catalog = host.catalog(for: currentPrincipal) else {
                return afterPreparation(request, headers: headers, stream: stream)
            }
            let form = offeredTasks.contains(.asked) ? ToolForm.withTasks : .older
            switch host.optimizer?.enter(request, catalog, principal) ?? .ordinary {
            case .ordinary:
                route(request, id: id, RequestRouter(catalog, form: form), catalog, headers: headers, stream: stream)
            case .inner(let inner):
                let router = RequestRouter(catalog, form: form, isInner: true)
                route(inner, id: id, router, catalog, headers: headers, stream: CallToolStream(stream))
            case .find(let wanted): find(wanted, id: id, in: host.hasCallers ? catalog : nil, stream: stream)
            case .answered(let result): stream.finish(JSONRPCWriter.result(id: id.bytes, result))
            case .malformed:
                let result = FindToolAnswer.failure("arguments must be object")
                stream.finish(JSONRPCWriter.result(id: id.bytes, result))
            }
        }
    }

    /// The caller's catalogue was forgotten, because nothing was asked for long: the request waits for a new one.
    private func afterPreparation(_ request: JSONRPCMessage, headers: [Header], stream: any ClientStream) {
        let newest = currentPrincipal
        Task {
            await host.ready(for: newest)
            // Forgotten again already, or the gateway ends.
            guard host.catalog(for: newest) != nil else { return stream.close() }
            self.request(request, headers: headers, stream: stream)
        }
    }

    /// Its principal with what the last request showed.
    private var currentPrincipal: Principal {
        Principal(issuer: principal.issuer, subject: principal.subject, identity: identity)
    }

    private func route(
        _ request: JSONRPCMessage, id: JSONSlice, _ router: RequestRouter, _ catalog: Catalog, headers: [Header],
        stream: any ClientStream
    ) {
        switch router.route(request) {
        case .result(let result):
            let missing = host.missingBackends(for: currentPrincipal)
            stream.finish(
                missing.isEmpty
                    ? JSONRPCWriter.result(id: id.bytes, Self.marked(result, catalog.absences.marker))
                    : FailureAnswer.incomplete(id: id.array, missing: missing))
        case .error(let code, let message, let data):
            stream.finish(JSONRPCWriter.error(id: id.array, code: code, message: message, data: data))
        case .forward(let backend, let splice):
            let uris = catalog.uris[backend]
            forward(request, id: id, to: backend, splice, uris, headers: headers, stream: stream)
        case .run(let workflow, let arguments):
            run(workflow, arguments, request, id: id, headers: headers, stream: stream)
        case nil where serveTask(request, id: id, headers: headers, stream: stream): break
        case nil:
            stream.finish(
                JSONRPCWriter.error(
                    id: id.array, code: -32601, message: "Method not found: \(request.method.prefix(200))"))
        }
    }

    /// A page of a list, saying what is missing in it.
    private static func marked(_ page: [UInt8], _ marker: [UInt8]) -> [UInt8] {
        marker.isEmpty ? page : page.dropLast() + Array(",\"_meta\":{".utf8) + marker + Array("}}".utf8)
    }

    func forward(
        _ request: JSONRPCMessage, id: JSONSlice, to backend: String, _ splice: JSONSplice, _ uris: BackendURIs?,
        headers: [Header], stream: any ClientStream
    ) {
        let call = ForwardedCall(
            request, backend: backend, splice: splice, uris: uris, headers: passed(headers), stream: stream,
            owner: self)
        if enter(id, stream, { $0.calls[id.array] = call }) { begin(call) }
    }

    /// Runs a composite tool.
    private func run(
        _ workflow: ResolvedWorkflow, _ arguments: JSONSlice, _ request: JSONRPCMessage, id: JSONSlice,
        headers: [Header], stream: any ClientStream
    ) {
        let call = CompositeCall(request, headers: passed(headers), stream: stream, owner: self)
        guard enter(id, stream, { $0.ownCalls[id.array] = call }) else { return }
        call.start(workflow, arguments: arguments, engine: host.workflows)
    }

    /// Serves `find_tool`.
    private func find(_ wanted: ToolRequest, id: JSONSlice, in catalog: Catalog?, stream: any ClientStream) {
        guard let optimizer = host.optimizer else { return stream.close() }
        let call = FindCall(id: id, stream: stream, owner: self)
        if enter(id, stream, { $0.ownCalls[id.array] = call }) { call.start(wanted, optimizer, in: catalog) }
    }

    /// The client's headers that are handed to backends.
    func passed(_ headers: [Header]) -> [Header] {
        let names = host.passthroughHeaders
        return names.isEmpty ? [] : headers.filter { names.contains($0.name) }
    }

    /// Enters a call under the client's id.
    /// - Returns: False when it cannot be entered; then the client was told.
    private func enter(_ id: JSONSlice, _ stream: any ClientStream, _ entering: (inout State) -> Void) -> Bool {
        enum Entry { case entered, inUse, over }
        let entry = state.withLock { state -> Entry in
            if state.isOver { return .over }
            let raw = id.array
            guard state.calls[raw] == nil, state.ownCalls[raw] == nil else { return .inUse }
            entering(&state)
            return .entered
        }
        switch entry {
        case .over: stream.close()
        case .inUse:
            let message = "Invalid Request: a request with this id is under way; ids must not be used twice"
            stream.finish(JSONRPCWriter.error(id: id.array, code: -32600, message: message))
        case .entered: return true
        }
        return false
    }

    /// Sends a call on its way.
    func begin(_ call: ForwardedCall) {
        guard let backend = host.backend(named: call.backend) else { return dispatch(call) }
        do throws(Outcome) { try call.enter(backend) } catch { return call.fail(error) }
        if let refusal = backend.refusal(of: call.headers) { return call.fail(refusal) }
        dispatch(call)
    }

    /// A call that the gateway answers itself has its answer, or will have none.
    func finished(_ call: any OwnCall, id: JSONSlice?) {
        guard let id else { return }
        let now = host.clock.now()
        state.withLock { state in
            guard state.ownCalls[id.array] === call else { return }
            state.ownCalls[id.array] = nil
            state.lastUse = now
        }
    }

    /// A call has its answer, or will have none.
    func finished(_ call: ForwardedCall) {
        guard let id = call.request.id?.array else { return }
        let now = host.clock.now()
        state.withLock { state in
            guard state.calls[id] === call else { return }
            state.calls[id] = nil
            state.lastUse = now
        }
    }

    // MARK: - Notifications of the client

    package func accept(_ message: JSONRPCMessage) {
        touch(host.clock.now())
        switch message.method {
        case "notifications/cancelled":
            guard let id = message.params?["requestId"] else { return }
            let (call, own) = state.withLock { ($0.calls[id.array], $0.ownCalls[id.array]) }
            call?.cancel()
            own?.cancel()
        case "notifications/roots/list_changed": rootsChanged(message)
        default: if message.kind == .response { answered(message) }
        }
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
}
