/// What a backend with sessions asks in the course of one call, round for round: a value without I/O.
///
/// The call is attached to a request of its client, or parked between two of them: the client has an input-required
/// answer and may come back with a retry. What the backend does meanwhile is kept for it.
struct CallRounds {
    /// A request of the backend that has no answer yet.
    struct Question: Sendable {
        /// Towards the client, unique in the call.
        let key: String
        /// The backend's raw id.
        let backendID: [UInt8]
        let request: InputRequest
    }

    /// How the backend ended the call.
    enum End: Sendable {
        case answer(JSONRPCMessage)
        case failure(Outcome)
    }

    private enum Phase: Equatable {
        case attached
        /// Until then, in milliseconds on the monotonic clock.
        case parked(until: UInt64)
        case over
    }

    private(set) var questions: [Question] = []
    /// Input-required answers so far; a retry names the one that it answers.
    private(set) var round: Int
    private var phase = Phase.attached
    private var isGathering = false
    private var asked = 0
    private var kept: End?

    /// - Parameter round: Those that came before this call was sent.
    init(round: Int = 0) { self.round = round }

    var isOver: Bool { phase == .over }
    var isParked: Bool { if case .parked = phase { true } else { false } }
    /// Whether the backend was heard to ask anything.
    var hasAsked: Bool { asked > 0 }

    // MARK: - What the backend does

    enum Asked { case gather, later, over, full }

    /// The backend asks.
    /// - Returns: Whether the time for further questions begins now.
    mutating func ask(_ request: InputRequest, id: [UInt8]) -> Asked {
        if phase == .over { return .over }
        if questions.count >= InteractionLimits.questions { return .full }
        asked += 1
        questions.append(Question(key: "q\(asked)", backendID: id, request: request))
        return gather() ? .gather : .later
    }

    /// Whether the time for gathering questions begins now.
    private mutating func gather() -> Bool {
        guard phase == .attached, !isGathering, !questions.isEmpty else { return false }
        isGathering = true
        return true
    }

    /// The backend takes a question back.
    mutating func withdraw(_ id: [UInt8]) { questions.removeAll { $0.backendID == id } }

    enum Ended { case deliver, kept, over }

    /// The backend ended the call: nothing that it asked matters any more.
    mutating func end(_ end: End) -> Ended {
        switch phase {
        case .over: return .over
        case .attached:
            finish()
            return .deliver
        case .parked:
            questions = []
            kept = end
            return .kept
        }
    }

    // MARK: - What the client does

    /// The time for gathering is over.
    /// - Returns: The questions of the next input-required answer, the call being parked now; `nil` when there is none.
    mutating func park(until: UInt64) -> [Question]? {
        isGathering = false
        guard phase == .attached, !questions.isEmpty else { return nil }
        round += 1
        phase = .parked(until: until)
        return questions
    }

    struct Attached {
        /// What the backend is to be told, under its ids.
        var answers: [(id: [UInt8], result: JSONSlice)] = []
        /// How the backend ended the call meanwhile.
        var end: End?
        /// Whether there are questions that the retry left open: the time for gathering begins.
        var gathers = false
    }

    /// A retry is here. Answers to nothing are passed over, and what has no answer is asked again.
    /// - Throws: When the round was answered before, or an answer is malformed; nothing has changed then.
    mutating func attach(round: Int, _ responses: InputResponses) throws(RequestFault) -> Attached {
        guard isParked, round == self.round else {
            throw .invalid("\"requestState\" was used already: each round of a call is answered once")
        }
        var attached = Attached(end: kept)
        for question in questions {
            guard let result = responses.results[question.key] else { continue }
            try InputResponses.check(result, to: question.request, key: question.key)
            attached.answers.append((question.backendID, result))
        }
        questions.removeAll { responses.results[$0.key] != nil }
        if kept == nil {
            phase = .attached
            attached.gathers = gather()
        } else {
            finish()
        }
        return attached
    }

    /// Ends the call from our side.
    /// - Returns: The questions that will have no answer; `nil` when it was over before.
    mutating func stop() -> [Question]? {
        if phase == .over { return nil }
        defer { finish() }
        return questions
    }

    /// Ends the call when its client has not come back in time.
    mutating func expire(now: UInt64) -> [Question]? {
        guard case .parked(let until) = phase, now >= until else { return nil }
        return stop()
    }

    private mutating func finish() { (phase, questions, kept) = (.over, [], nil) }
}
