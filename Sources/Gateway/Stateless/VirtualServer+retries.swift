// Requests that bring answers to what a server asked (2026-07-28, Multi round-trip requests).
extension VirtualServer {
    /// What a retry brings.
    struct Retry {
        let state: SealedState
        let responses: InputResponses

        /// Why the call is not sent again: the backend asked for the user, and the user does not want to.
        var refusal: Outcome? {
            guard state.purpose == .again else { return nil }
            let isRefused = responses.results.values.contains { ["decline", "cancel"].contains($0["action"]?.string) }
            return isRefused
                ? Outcome(
                    .cancelled, notSent: true, message: "the user did not open what the backend asks to be opened")
                : nil
        }
    }

    /// `nil` when the request is no retry.
    func retry(_ request: JSONRPCMessage, _ principal: Principal) throws(RequestFault) -> Retry? {
        guard let member = request.params?[RetryParams.state] else { return nil }
        guard let text = member.string else { throw .invalid("\"requestState\" must be a string") }
        let binding = SealedState.Binding(
            principal: principal, method: request.method, params: ParamsDigest.of(request.params))
        let state: SealedState
        do throws(StateSeal.Refusal) { state = try stateless.seal.open(text, for: binding) } catch {
            throw .invalid(error.rawValue)
        }
        return Retry(state: state, responses: try InputResponses(request.params))
    }

    /// Brings a retry to the call that waits for it.
    func resume(
        _ request: JSONRPCMessage, id: JSONSlice, level: LogLevel?, stream: any StatelessStream, _ instance: [UInt8],
        _ number: UInt64, _ round: Int, _ responses: InputResponses
    ) throws(RequestFault) -> any StatelessExchange {
        guard instance == stateless.parked.instance else {
            throw .invalid(
                "\"requestState\" is of a call that waits in another instance of the gateway, or in one that has ended: "
                    + "send the retry to that instance, or the request again without it")
        }
        guard let call = stateless.parked.call(number) else {
            throw .invalid("\"requestState\" is of a call that is over: send the request again without it")
        }
        return try call.resume(request, id: id, level: level, stream: stream, round: round, responses)
    }

    /// Notes the edits that a request needs for being, or not being, a retry towards its backend.
    func adapt(
        _ request: JSONRPCMessage, to backend: String, _ state: SealedState?, into splice: inout JSONSplice
    ) throws(RequestFault) {
        guard let params = request.params else { return }
        guard case .relayed(let origin, let own) = state?.purpose else {
            // "task" asks a backend with a session for a task (2025-11-25, Tasks), and means nothing in this revision.
            RetryParams.remove([RetryParams.responses, RetryParams.state, "task"], from: params, into: &splice)
            return
        }
        guard origin == backend else {
            throw .invalid("\"requestState\" is of another backend: send the request again without it")
        }
        guard let own, let member = params[RetryParams.state] else {
            RetryParams.remove([RetryParams.state], from: params, into: &splice)
            return
        }
        splice.replace(member.range, with: own)
    }
}
