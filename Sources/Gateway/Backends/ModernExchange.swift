import Synchronization

/// A client's request on its way through a backend of 2026-07-28.
///
/// When the backend says that headers and body disagree, its tools have changed: they are listed again and the request is
/// sent once more, since it cannot have run (2026-07-28, Transports, validation of headers).
final class ModernExchange: BackendReply {
    private struct State {
        /// The session's id of the first attempt, by which its caller knows it.
        var first: UInt64 = 0
        /// That of the second; 0 before there is one.
        var second: UInt64 = 0
        var isAgain = false
        var isCancelled = false
    }

    private let session: BackendSession
    private let request: JSONRPCMessage
    private let splice: JSONSplice
    private let context: CallContext
    private let origin: RequestOrigin
    private let reply: any BackendReply
    private let state = Mutex(State())

    init(
        _ session: BackendSession, _ request: JSONRPCMessage, splice: JSONSplice, context: CallContext,
        origin: RequestOrigin, reply: any BackendReply
    ) {
        self.session = session
        self.request = request
        self.splice = splice
        self.context = context
        self.origin = origin
        self.reply = reply
    }

    /// - Returns: The session's id of the request; 0 when it failed at once.
    func start() -> UInt64 {
        let token = RequestMeta.progressToken(in: request.params)?.array
        var context = context
        if session.link.traits.contains(.hasHeaders) {
            context.headers += ModernRequest.headers(
                method: request.method, params: request.params, splice: splice,
                parameters: session.toolHeaders.parameters)
        }
        return session.start(self, progressToken: token, context: context, isCall: true) {
            [request, origin, session, splice] id in
            state.withLock { if $0.isAgain { $0.second = id } else { $0.first = id } }
            var splice = splice
            let number = Array(String(id).utf8)
            if let range = request.id?.range { splice.replace(range, with: number) }
            if let params = request.params {
                session.dialect.adapt(params, origin: origin, progressToken: number, into: &splice)
            }
            return splice.apply(to: request.json)
        }
    }

    /// Nobody waits for it any more, while it is between its two attempts or in the second.
    func cancel(reason: CancelReason) {
        let second = state.withLock { state in
            state.isCancelled = true
            return state.second
        }
        if second != 0 { session.cancel(second, reason: reason) }
    }

    // MARK: - BackendReply

    func notified(_ notification: [UInt8], level: LogLevel?) { reply.notified(notification, level: level) }

    /// A backend of this revision asks nothing; what it needs to know is in its result.
    func asked(_ request: JSONRPCMessage, by session: BackendSession) -> Bool { false }

    func answered(_ response: JSONRPCMessage) {
        switch response.error?["code"]?.integer {
        case ModernProtocol.headerMismatch where session.link.traits.contains(.hasHeaders): mismatched()
        case ModernProtocol.unsupportedVersion:
            // It has changed: whoever sends the request again finds out what it speaks now.
            let text = "does not speak \(ModernProtocol.revision) any more"
            session.changedEra(text)
            finish { $0.failed(Outcome(.protocolError, notSent: true, sessionLost: true, message: text)) }
        default:
            if let type = unknownResultType(response.result) {
                let text = "answered with the result type \"\(type.prefix(80))\": expected complete or input_required"
                return finish { $0.failed(Outcome(.protocolError, message: text)) }
            }
            finish { $0.answered(response) }
        }
    }

    func failed(_ outcome: Outcome) { finish { $0.failed(outcome) } }

    private func unknownResultType(_ result: JSONSlice?) -> String? {
        guard let type = result?["resultType"] else { return nil }
        switch type.string {
        case "complete": return nil
        case "task" where request.method == "tools/call" && origin.takesTasks: return nil
        case "input_required" where StatelessMethod(rawValue: request.method)?.takesInput == true: return nil
        default: return type.string ?? String(decoding: type.bytes, as: UTF8.self)
        }
    }

    private func mismatched() {
        let (isSecond, first) = state.withLock { state in
            defer { state.isAgain = true }
            return (state.isAgain, state.first)
        }
        guard !isSecond else {
            let text = "says that headers and body of a request disagree, also after its tools were listed again"
            return finish { $0.failed(Outcome(.protocolError, message: text)) }
        }
        session.repeats(self, first)
        Task {
            await session.listHeaderParameters()
            guard !state.withLock({ $0.isCancelled }) else { return finish { _ in } }
            let second = start()
            if state.withLock({ $0.isCancelled }) { session.cancel(second, reason: .byClient) }
        }
    }

    private func finish(_ tell: (any BackendReply) -> Void) {
        let first = state.withLock { $0.isAgain ? $0.first : 0 }
        if first != 0 { session.repeated(first) }
        tell(reply)
    }
}
