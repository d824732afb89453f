import Synchronization

// A server over HTTP that is replaced by one of another era: its sessions find out when it refuses their requests.
extension BackendSession {
    /// The end of a request, kept until it is known what it means.
    struct Doubted {
        let id: UInt64
        let outcome: Outcome
        let last: [UInt8]
    }

    /// Keeps the end of a request back and asks the server of which era it is, when the end leaves that in doubt.
    /// - Returns: False when it does not.
    func doubts(_ id: UInt64, _ outcome: Outcome, last: [UInt8]) -> Bool {
        guard outcome.httpStatus >= 400, speaksPerExchange, let isModern = server?.isModern,
            EraDoubt.arises(from: outcome, last, isModern: isModern)
        else { return false }
        guard let isFirst = state.withLock({ $0.doubt(Doubted(id: id, outcome: outcome, last: last)) }) else {
            return false
        }
        if isFirst { Task { await settleDoubts(isModern: isModern) } }
        return true
    }

    /// The stream of a session is refused that was there before: nobody waits for an answer, but the server may be another.
    func doubtStream(_ outcome: Outcome) async {
        guard speaksPerExchange, let isModern = server?.isModern,
            EraDoubt.arises(from: outcome, [], isModern: isModern)
        else { return }
        await settleDoubts(isModern: isModern)
    }

    /// Whether each request has an exchange of its own, whose end has a status.
    private var speaksPerExchange: Bool {
        link.traits.contains(.hasHeaders) && !link.traits.contains(.answersOnSession)
    }

    private func settleDoubts(isModern: Bool) async {
        let context = CallContext(deadline: clock.now() + Self.discoveryLimit, identity: caller?.number ?? 0)
        _ = await checkEra(context, isModern: isModern)
        // What is left is told as it came; a session that has ended has told it already.
        for doubted in state.withLock({ $0.takeDoubts() }) {
            conclude(doubted.id, doubted.outcome, last: doubted.last)
        }
    }

    /// Asks a server of 2026-07-28 whether it is there, and still of that era.
    /// - Returns: ``Outcome/Status/ok`` for any answer.
    func probeEra(_ context: CallContext) async -> Outcome {
        switch await checkEra(context, isModern: true) {
        case .success: return .ok
        case .failure(let outcome): return outcome
        }
    }

    /// Asks `server/discover`, and ends the session when the answer is that of another era.
    private func checkEra(_ context: CallContext, isModern: Bool) async -> Result<JSONRPCMessage, Outcome> {
        var question: UInt64 = 0
        let answer = await withCheckedContinuation {
            (continuation: CheckedContinuation<Result<JSONRPCMessage, Outcome>, Never>) in
            _ = askDiscovery(ContinuationReply(continuation), context) { id in
                question = id
                state.withLock { _ = $0.discoveries.insert(id) }
            }
        }
        state.withLock { [question] in _ = $0.discoveries.remove(question) }
        if EraDoubt.isConfirmed(by: answer, isModern: isModern) {
            changedEra("speaks another revision of the protocol now than when its session was opened")
        }
        return answer
    }

    /// The server is of another era now: the session is over, and what it refused did not run.
    func changedEra(_ text: String) {
        // First, so that whoever sends its request again does not meet what was remembered.
        events.changedEra(self)
        lost(Outcome(.protocolError, sessionLost: true, message: text))
    }

    /// Asks `server/discover`, whatever the session speaks.
    /// - Parameter sending: Told the id right before the request leaves.
    func askDiscovery(
        _ reply: any BackendReply, _ context: CallContext, sending: (UInt64) -> Void = { _ in }
    ) -> UInt64 {
        var context = context
        if link.traits.contains(.hasHeaders) {
            context.headers.append(Header("MCP-Protocol-Version", ModernProtocol.revision))
            context.headers.append(Header("Mcp-Method", "server/discover"))
        }
        return start(reply, progressToken: nil, context: context) { id in
            sending(id)
            return JSONRPCWriter.request(id: String(id).utf8, method: "server/discover", params: dialect.own(nil))
        }
    }
}
