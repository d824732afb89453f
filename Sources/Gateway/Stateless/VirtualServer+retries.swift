// Requests that bring answers to what a server asked (2026-07-28, Multi round-trip requests).
extension VirtualServer {
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

    /// Brings a retry to the call that waits for it; `nil` when none waits in this process.
    func resume(_ request: StatelessRequest, _ retry: Retry?) throws(RequestFault) -> (any StatelessExchange)? {
        guard let retry, case .parked(let instance, let number) = retry.state.purpose else { return nil }
        guard instance == stateless.parked.instance else {
            throw .invalid(
                "\"requestState\" is of a call that waits in another instance of the gateway, or in one that has ended: "
                    + "send the retry to that instance, or the request again without it")
        }
        guard let call = stateless.parked.call(number) else {
            throw .invalid("\"requestState\" is of a call that is over: send the request again without it")
        }
        return try call.resume(
            request.message, id: request.id, level: request.level, stream: request.stream, round: retry.state.round,
            retry.responses)
    }

    /// Sends a request on to its backend, as a call of its own.
    /// - Parameters:
    ///   - splice: The edits that make it fit the backend.
    ///   - uris: Those of the backend that are rewritten, if there are any.
    func forward(
        _ request: StatelessRequest, to name: String, _ splice: JSONSplice, uris: BackendURIs?, retry: Retry?
    ) throws(RequestFault) -> StatelessRound {
        guard let backend = backend(named: name) else {
            throw RequestFault(code: -32603, message: "Backend \"\(name)\" is not part of the group any more")
        }
        var edits = splice
        try adapt(request.message, to: name, retry?.state, into: &edits)
        let meta = request.message.params?["_meta"]
        let origin = RequestOrigin(
            clientInfo: meta?[ModernProtocol.clientInfoKey],
            capabilities: ClientCapabilities(meta?[ModernProtocol.capabilitiesKey]), logLevel: request.level,
            takesTasks: request.method == .callTool && TasksExtension.isDeclared(by: request.message.params))
        let call = StatelessCall(
            request.message, method: request.method, backend: backend, splice: edits, uris: uris,
            tasks: origin.takesTasks ? translation(of: name, for: request.principal) : nil,
            round: retry?.state.round ?? 0, headers: request.headers, principal: request.principal, origin: origin,
            gateway: stateless,
            mayRepeat: { [self, principal = request.principal] in
                catalog(for: principal)?.mayRepeat($0) == true
            })
        let client = StatelessRound(
            request.message, id: request.id, level: request.level, stream: request.stream, call: call)
        call.start(client, refusal: retry?.refusal)
        return client
    }

    /// Notes the edits that a request needs for being, or not being, a retry towards its backend.
    private func adapt(
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
