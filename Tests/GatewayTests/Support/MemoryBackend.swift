import Gateway
import Synchronization

/// A backend in memory: a link at the seam where plugins stand, with a small MCP server behind it.
///
/// What the server does not answer itself (everything but `initialize` and lists) waits in ``unanswered`` until the test
/// answers it, so that tests decide on order and contents.
final class MemoryBackend: BackendLink, BackendStarter {
    struct Waiting: Sendable {
        let session: UInt64
        let message: JSONRPCMessage
        let context: CallContext
        let observer: any BackendCallObserver
        let call: UInt64
        var id: [UInt8] { message.id?.array ?? [] }
    }

    struct State {
        var sessions: [UInt64: any BackendSessionObserver] = [:]
        var received: [JSONRPCMessage] = []
        var unanswered: [Waiting] = []
        var cancelled: [UInt64] = []
        var closed: [UInt64] = []
        var nextCall: UInt64 = 1
        var lists: [String: String]
        var startFailure: Outcome?
        var openFailure: Outcome?
        /// By identity.
        var openFailures: [UInt64: Outcome] = [:]
        /// Lists for those who are known by an identity.
        var ownLists: [UInt64: [String: String]] = [:]
        /// Identities that get no answer.
        var silent: Set<UInt64> = []
        /// On whose behalf each session was opened.
        var identities: [UInt64: UInt64] = [:]
        /// Methods whose exchanges stay open until the test ends them, answered by nothing.
        var heldMethods: Set<String> = []
        var starts = 0
        var listens: [any BackendCallObserver] = []
        /// Whether the test says when a stream is open.
        var opensStreamsLate = false
        /// What `server/discover` is answered; `nil` = no such method.
        var discoverResult: String?
        /// Methods that are answered with an error, raw.
        var errors: [String: String] = [:]
        /// The streams of `subscriptions/listen`, oldest first.
        var subscriptions: [Waiting] = []
        /// Whether the test acknowledges them.
        var acknowledgesLate = false
        var watchers: [(@Sendable (borrowing State) -> Bool, CheckedContinuation<Void, Never>)] = []
    }

    let traits: BackendTraits
    let listens: Bool
    let initializeResult: String
    let fingerprint: [UInt8]
    private let state: Mutex<State>

    init(
        traits: BackendTraits = [.shareable, .answersOnSession], listens: Bool = false,
        initializeResult: String = """
        {"protocolVersion":"2025-06-18","capabilities":{"tools":{},"resources":{"subscribe":true},"prompts":{},\
        "logging":{}},"serverInfo":{"name":"memory","version":"1"}}
        """,
        discoverResult: String? = nil, fingerprint: [UInt8] = [],
        lists: [String: String] = ["tools/list": #"{"tools":[{"name":"echo","inputSchema":{"type":"object"}}]}"#]
    ) {
        self.traits = traits
        self.listens = listens
        self.fingerprint = fingerprint
        self.initializeResult = initializeResult
        state = Mutex(State(lists: lists, discoverResult: discoverResult))
    }

    // MARK: What a test does with it

    func set(_ change: (inout State) -> Void) { mutate(change) }
    var received: [JSONRPCMessage] { state.withLock { $0.received } }
    var subscriptions: [Waiting] { state.withLock { $0.subscriptions } }
    var methods: [String] { received.map(\.method) }
    var closed: [UInt64] { state.withLock { $0.closed } }
    var cancelled: [UInt64] { state.withLock { $0.cancelled } }
    /// The oldest session that was opened on somebody's behalf.
    func session(of identity: UInt64) -> UInt64? {
        state.withLock { state in state.sessions.keys.filter { state.identities[$0] == identity }.min() }
    }
    var sessions: [UInt64] { state.withLock { $0.sessions.keys.sorted() } }

    /// Waits until a condition holds.
    func until(_ condition: @escaping @Sendable (borrowing State) -> Bool) async {
        await withCheckedContinuation { continuation in
            let holds = state.withLock { state in
                if condition(state) { return true }
                state.watchers.append((condition, continuation))
                return false
            }
            if holds { continuation.resume() }
        }
    }

    /// The next request that waits for the test's answer.
    func next(_ method: String) async -> Waiting {
        await until { state in state.unanswered.contains { $0.message.method == method } }
        return state.withLock { state in
            let index = state.unanswered.firstIndex { $0.message.method == method }
            return state.unanswered.remove(at: index ?? 0)
        }
    }

    /// Every request that waits for the test's answer.
    func takeUnanswered() -> [Waiting] {
        state.withLock { state in
            defer { state.unanswered = [] }
            return state.unanswered
        }
    }

    /// Answers a request on the channel that the traits name; `result` is raw JSON.
    func answer(_ waiting: Waiting, result: String) {
        push(
            waiting,
            "{\"jsonrpc\":\"2.0\",\"id\":\(String(decoding: waiting.id, as: UTF8.self)),\"result\":\(result)}")
    }

    /// Answers a request with an error, raw.
    func refuse(_ waiting: Waiting, _ error: String) {
        push(waiting, "{\"jsonrpc\":\"2.0\",\"id\":\(String(decoding: waiting.id, as: UTF8.self)),\"error\":\(error)}")
    }

    /// Agrees to a stream, to all it asks for or to `notifications`, raw.
    func acknowledge(_ waiting: Waiting, _ notifications: String? = nil) {
        let asked = waiting.message.params?["notifications"].map { String(decoding: $0.array, as: UTF8.self) } ?? "{}"
        tell(waiting, "notifications/subscriptions/acknowledged", "\"notifications\":\(notifications ?? asked)")
    }

    /// Sends a notification on a stream of `subscriptions/listen`; `members` are raw.
    func tell(_ waiting: Waiting, _ method: String, _ members: String = "", mark: String? = nil) {
        let id = mark ?? String(decoding: waiting.id, as: UTF8.self)
        let text = """
            {"jsonrpc":"2.0","method":"\(method)","params":{\(members)\(members.isEmpty ? "" : ",")\
            "_meta":{"io.modelcontextprotocol/subscriptionId":\(id),"x/own":1}}}
            """
        if traits.contains(.answersOnSession) {
            say(text, session: waiting.session)
        } else {
            _ = waiting.observer.received(Array(text.utf8))
        }
    }

    /// Sends raw text as the last message of a request.
    func push(_ waiting: Waiting, _ text: String) {
        if traits.contains(.answersOnSession) {
            say(text, session: waiting.session)
        } else {
            waiting.observer.ended(.ok, last: Array(text.utf8))
        }
    }

    /// Sends raw text on a session's own channel.
    func say(_ text: String, session: UInt64) {
        _ = state.withLock { $0.sessions[session] }?.received(Array(text.utf8))
    }

    var starts: Int { state.withLock { $0.starts } }

    /// Ends the stream that was opened last.
    func endListen(_ outcome: Outcome) { state.withLock { $0.listens.last }?.ended(outcome, last: []) }

    func lose(_ session: UInt64, _ outcome: Outcome) {
        mutate { $0.sessions.removeValue(forKey: session) }?.lost(outcome)
    }

    // MARK: BackendStarter

    func start(progress: @escaping @Sendable (String) -> Void) async throws(Outcome) -> any BackendLink {
        let failure = mutate { state in
            state.starts += 1
            return state.startFailure
        }
        if let failure { throw failure }
        return self
    }

    func stop() async {}

    // MARK: BackendLink

    func open(
        _ session: UInt64, shared: Bool, context: CallContext, sessionObserver: any BackendSessionObserver,
        observer: any BackendCallObserver
    ) -> UInt64 {
        let failure = mutate { state in
            let failure = state.openFailures[context.identity] ?? state.openFailure
            if failure == nil {
                (state.sessions[session], state.identities[session]) = (sessionObserver, context.identity)
            }
            return failure
        }
        observer.ended(failure ?? .ok, last: [])
        return number()
    }

    func send(_ session: UInt64, _ message: [UInt8], context: CallContext, observer: any BackendCallObserver) -> UInt64
    {
        let call = number()
        guard let message = try? JSONRPCMessage(message) else {
            observer.ended(Outcome(.invalid), last: [])
            return call
        }
        let waiting = Waiting(session: session, message: message, context: context, observer: observer, call: call)
        let (list, isHeld) = mutate { state -> (String?, Bool) in
            state.received.append(message)
            let isHeld =
                state.heldMethods.contains(message.method)
                || message.method.hasSuffix("/list") && state.silent.contains(context.identity)
            if isHeld { state.unanswered.append(waiting) }
            let list = state.ownLists[context.identity]?[message.method] ?? state.lists[message.method]
            return (message.kind == .request ? list : nil, isHeld)
        }
        if isHeld { return call }
        if traits.contains(.answersOnSession) || message.kind != .request { observer.ended(.ok, last: []) }
        if message.kind == .request {
            if let error = state.withLock({ $0.errors[message.method] }) {
                refuse(waiting, error)
            } else if message.method == "server/discover" {
                if let result = state.withLock({ $0.discoverResult }) {
                    answer(waiting, result: result)
                } else {
                    refuse(waiting, #"{"code":-32601,"message":"no"}"#)
                }
            } else if message.method == "subscriptions/listen" {
                let isLate = mutate { state in
                    state.subscriptions.append(waiting)
                    return state.acknowledgesLate
                }
                if !isLate { acknowledge(waiting) }
            } else if message.method == "initialize" {
                answer(waiting, result: initializeResult)
            } else if let list {
                answer(waiting, result: list)
            } else if message.method.hasSuffix("/list") {
                refuse(waiting, #"{"code":-32601,"message":"no"}"#)
            } else {
                mutate { $0.unanswered.append(waiting) }
            }
        }
        return call
    }

    func listen(_ session: UInt64, context: CallContext, observer: any BackendCallObserver) -> UInt64 {
        let isOpen = mutate { state in
            state.listens.append(observer)
            return !state.opensStreamsLate
        }
        if isOpen { observer.progressed("listening") }
        return number()
    }

    func close(_ session: UInt64, context: CallContext, observer: any BackendCallObserver) -> UInt64 {
        mutate { state in
            state.sessions[session] = nil
            state.closed.append(session)
        }
        observer.ended(.ok, last: [])
        return number()
    }

    func cancel(_ call: UInt64, reason: CancelReason) { mutate { $0.cancelled.append(call) } }
    func resume(_ call: UInt64) {}
    func resumeSession(_ session: UInt64) {}

    private func number() -> UInt64 {
        state.withLock { state in
            defer { state.nextCall += 1 }
            return state.nextCall
        }
    }

    private func mutate<T: Sendable>(_ change: (inout State) -> T) -> T {
        let (result, ready) = state.withLock { state -> (T, [CheckedContinuation<Void, Never>]) in
            let result = change(&state)
            var ready: [CheckedContinuation<Void, Never>] = []
            var waiting: [(@Sendable (borrowing State) -> Bool, CheckedContinuation<Void, Never>)] = []
            for (condition, continuation) in state.watchers {
                if condition(state) { ready.append(continuation) } else { waiting.append((condition, continuation)) }
            }
            state.watchers = waiting
            return (result, ready)
        }
        for continuation in ready { continuation.resume() }
        return result
    }
}
