/// What a backend of 2026-07-28 needs from a client with a session before it serves a call, round for round: a value
/// without I/O.
///
/// Each input request becomes a request to the client; when all are answered, the call is sent again with the answers. A user
/// who went to a URL is not asked for it again: the call is sent with growing pauses until the backend is content.
struct NeededInput {
    /// A request that the client gets.
    struct Question: Sendable {
        let key: String
        let method: String
        /// Raw; `nil` when there are none.
        let params: [UInt8]?
    }

    enum Step: Sendable {
        case ask([Question])
        /// Send the call again after so many milliseconds.
        case retry(after: UInt64)
        case fail(Outcome)
        /// The call ends with this raw error of the client.
        case end(error: [UInt8])
        /// Other answers are still to come, or the call is over.
        case wait
    }

    /// What the next attempt carries: `inputResponses` and `requestState`, raw.
    struct Retry: Sendable {
        let responses: [UInt8]?
        let state: [UInt8]?
    }

    private struct Visit {
        let key: String
        let url: [UInt8]
        let id: String
    }

    private static let accepted = Array("{\"action\":\"accept\"}".utf8)
    private static let cancelled = Array("{\"action\":\"cancel\"}".utf8)

    private var state: [UInt8]?
    private var open: [String: (request: InputRequest, url: [UInt8]?, id: String)] = [:]
    private var responses: [(key: String, json: [UInt8])] = []
    private var visits: [Visit] = []
    private var rounds = 0
    private var pauses = NeededInput.freshPauses
    /// When retries without questions end, in milliseconds on the monotonic clock; `nil` while there were none.
    private var deadline: UInt64?
    private var isOver = false

    private static var freshPauses: BackoffDelay { BackoffDelay(first: 100, ceiling: 5_000) }

    /// What the next attempt carries.
    var retry: Retry { Retry(responses: responses.isEmpty ? nil : JSONRPCWriter.object(responses), state: state) }

    /// The backend answered that it needs input.
    ///
    /// - Parameters:
    ///   - result: Its input-required result.
    ///   - id: Makes the id of an elicitation.
    /// - Returns: What to do, and the ids of the visits that the backend does not ask for any more.
    mutating func needs(
        _ result: JSONSlice, client: (askable: InteractionSet, revision: ProtocolRevision), limits: InteractionLimits,
        now: UInt64, id: () -> String
    ) -> (step: Step, completed: [String]) {
        if isOver { return (.wait, []) }
        state = result["requestState"].flatMap { $0.kind == .string ? $0.array : nil }
        (responses, open) = ([], [:])
        var questions: [Question] = []
        var pending: [Visit] = []
        let members = result["inputRequests"]?.members ?? []
        for (key, value) in members {
            guard let request = InputRequest(value) else {
                return fail(.protocolError, "asked for input \"\(key.prefix(100))\" that is no request of its revision")
            }
            if let refusal = request.refusal(declared: client.askable) {
                let names = refusal.missing.names.joined(separator: ", ")
                return fail(.protocolError, "asked for input that the client did not declare: \(names)")
            }
            let url = request.needs == .url ? request.params?["url"]?.array : nil
            if let visit = visits.first(where: { $0.key == key && $0.url == url }) {
                pending.append(visit)
                responses.append((key, Self.accepted))
                continue
            }
            let elicitation = url == nil ? "" : id()
            guard let question = Self.question(key, request, elicitation, client.revision) else {
                responses.append((key, Self.cancelled))
                continue
            }
            questions.append(question)
            open[key] = (request, url, elicitation)
        }
        let completed = visits.filter { visit in !pending.contains { $0.id == visit.id } }.map(\.id)
        visits = pending
        if questions.isEmpty, members.isEmpty || !pending.isEmpty { return (pause(limits, now), completed) }
        rounds += 1
        guard rounds <= limits.rounds else {
            return (.fail(.tooManyRounds(limit: limits.rounds)), finish())
        }
        (pauses, deadline) = (Self.freshPauses, nil)
        return (questions.isEmpty ? .retry(after: 0) : .ask(questions), completed)
    }

    private mutating func fail(_ status: Outcome.Status, _ text: String) -> (Step, [String]) {
        (.fail(Outcome(status, message: text)), finish())
    }

    private mutating func pause(_ limits: InteractionLimits, _ now: UInt64) -> Step {
        let end = deadline ?? now + limits.answerTime
        deadline = end
        let pause = pauses.next()
        guard now + pause <= end else {
            isOver = true
            return .fail(Outcome(.timeout, message: "still waits for something that has not happened in time"))
        }
        return .retry(after: pause)
    }

    /// The request as a client of that revision can read it; `nil` when it cannot.
    private static func question(
        _ key: String, _ request: InputRequest, _ id: String, _ revision: ProtocolRevision
    ) -> Question? {
        guard let params = request.params, params.kind == .object else {
            return Question(key: key, method: request.method, params: nil)
        }
        var splice = JSONSplice()
        if request.needs == .url {
            let start = params.range.lowerBound + 1
            splice.replace(start..<start, with: Array("\"elicitationId\":".utf8) + JSONText.quote(id) + Array(",".utf8))
        } else if request.needs == .form, revision < .v2025_11_25, !OlderForm.adapt(params, into: &splice) {
            return nil
        }
        return Question(key: key, method: request.method, params: splice.apply(to: params))
    }

    /// A question is answered.
    mutating func answer(_ key: String, _ answer: ServerRequests.Answer) -> Step {
        guard !isOver, let question = open.removeValue(forKey: key) else { return .wait }
        let isElicitation = question.request.method == "elicitation/create"
        switch answer {
        case .response(let response):
            if let result = response.result, result.kind == .object {
                responses.append((key, result.array))
                if let url = question.url, result["action"]?.string == "accept" {
                    visits.append(Visit(key: key, url: url, id: question.id))
                }
            } else if isElicitation {
                responses.append((key, Self.cancelled))
            } else {
                isOver = true
                if let error = response.error { return .end(error: error.array) }
                return .fail(Outcome(.invalid, message: "needs input, and the client answered what is no result"))
            }
        case .none where isElicitation: responses.append((key, Self.cancelled))
        case .none(let reason):
            isOver = true
            return .fail(Outcome(.timeout, message: "needs input: \(reason)"))
        }
        return open.isEmpty ? .retry(after: 0) : .wait
    }

    /// The call is over.
    /// - Returns: The ids of the visits that the backend asked for.
    mutating func finish() -> [String] {
        isOver = true
        defer { visits = [] }
        return visits.map(\.id)
    }
}
