import Synchronization

// What a client is told at the end of a call, or of a round of it.
extension StatelessCall {
    /// Answers a request that was taken from the call: nothing else answers it.
    func deliver(_ end: CallRounds.End, to client: StatelessRound) {
        switch end {
        case .failure(let outcome): fail(outcome, client)
        case .answer(let response): answer(response, client)
        }
    }

    private func answer(_ response: JSONRPCMessage, _ client: StatelessRound) {
        if let refused = state.withLock({ $0.refused }), Self.fails(response, with: refused.code, refused.message) {
            return finish(client, .missing(refused.missing))
        }
        if let error = response.error {
            if error["code"]?.integer == -32042, askForURLs(error, client) { return }
            finish(client, RequestFault(translating: error, of: request))
        } else if let number = response.id, let result = response.result, result.kind == .object {
            let isModern = state.withLock { $0.isModern }
            let kind = isModern ? result["resultType"]?.string : nil
            if kind == "input_required" { return relay(result, client) }
            if kind == "task", result["taskId"]?.string == nil {
                return fail(Outcome(.protocolError, message: "made a task without \"taskId\", a string"), client)
            }
            var splice = JSONSplice()
            splice.replace(number.range, with: client.id.array)
            gateway.stamp.stamp(result, method.caching, isModern: isModern, into: &splice)
            client.stream.finish(splice.apply(to: response.json), code: nil)
        } else {
            fail(Outcome(.protocolError, message: "answered with a result that is not an object"), client)
        }
    }

    /// Whether a call failed for what was refused to its backend: with the same code, or with the text of the refusal.
    private static func fails(_ response: JSONRPCMessage, with code: Int, _ message: String) -> Bool {
        if let error = response.error, error["code"]?.integer == code { return true }
        guard response.error != nil || response.result?["isError"]?.bool == true else { return false }
        return String(decoding: response.json.bytes, as: UTF8.self).contains(message)
    }

    // MARK: - Input that is needed first

    /// A backend of 2025-11-25 needs the user at a URL before it can serve the call (2025-11-25, Elicitation, URL
    /// elicitation required): the call is sent again when the client says that the user was there.
    /// - Returns: False when the error names no URL.
    private func askForURLs(_ error: JSONSlice, _ client: StatelessRound) -> Bool {
        let requests = (error["data"]?["elicitations"]?.elements ?? []).compactMap {
            $0["mode"]?.string == "url" ? InputRequest(method: "elicitation/create", params: $0) : nil
        }
        guard !requests.isEmpty else { return false }
        guard interactions.contains(.url) else {
            finish(client, .missing(.url))
            return true
        }
        guard let round = nextRound else {
            fail(tooManyRounds, client)
            return true
        }
        let members = requests.enumerated().map { (key: "q\($0.offset + 1)", json: $0.element.json) }
        client.stream.finish(
            gateway.stamp.answer(
                askingFor: JSONRPCWriter.object(members), state: seal(.again, round: round), id: client.id), code: nil)
        return true
    }

    /// A backend of this revision needs input: its requests go on as they are, its state inside one of ours.
    private func relay(_ result: JSONSlice, _ client: StatelessRound) {
        var missing: InteractionSet = []
        for (key, value) in result["inputRequests"]?.members ?? [] {
            guard let request = InputRequest(value) else {
                let text = "asked for input \"\(key.prefix(100))\" that is no request of this revision"
                return fail(Outcome(.protocolError, message: text), client)
            }
            missing.formUnion(request.needs.subtracting(interactions))
        }
        if !missing.isEmpty { return finish(client, .missing(missing)) }
        guard let round = nextRound else { return fail(tooManyRounds, client) }
        let own = result["requestState"].flatMap { $0.kind == .string ? $0.array : nil }
        let state = seal(.relayed(backend: backend.descriptor.name, state: own), round: round)
        let stamped: Set = ["resultType", "inputRequests", "requestState", "_meta", "ttlMs", "cacheScope"]
        client.stream.finish(
            gateway.stamp.answer(
                askingFor: result["inputRequests"]?.array, state: state, id: client.id, meta: result["_meta"],
                others: result.members.filter { !stamped.contains($0.key) }), code: nil)
    }

    /// The number of a further round; `nil` when there were enough.
    private var nextRound: Int? {
        let round = state.withLock { $0.rounds.round } + 1
        return round <= gateway.interactions.rounds ? round : nil
    }

    // MARK: - Failures

    func fail(_ outcome: Outcome, _ client: StatelessRound) {
        let answer = FailureAnswer.answer(
            id: client.id.array, method: request.method, backend: backend.descriptor.name, outcome: outcome)
        do throws(JSONRPCMessage.Malformed) {
            let message = try JSONRPCMessage(answer)
            guard let result = message.result else {
                return client.stream.finish(answer, code: message.error?["code"]?.integer)
            }
            var splice = JSONSplice()
            gateway.stamp.stamp(result, .none, into: &splice)
            client.stream.finish(splice.apply(to: message.json), code: nil)
        } catch {
            finish(client, RequestFault(code: -32603, message: "Internal error"))
        }
    }

    private func finish(_ client: StatelessRound, _ fault: RequestFault) {
        client.stream.finish(JSONRPCWriter.error(id: client.id.bytes, raw: fault.json), code: fault.code)
    }
}
