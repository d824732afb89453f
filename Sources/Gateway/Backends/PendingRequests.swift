/// Gets what comes of one request to a backend: `notified` zero or more times, then one of the other two.
package protocol BackendReply: AnyObject, Sendable {
    /// A notification that belongs to the request; progress carries the client's own token already. `level` is that of a
    /// log message and `nil` for everything else.
    func notified(_ notification: [UInt8], level: LogLevel?)
    /// A request of the backend that came on the call: whoever takes it answers it.
    /// - Returns: False when nobody does.
    func asked(_ request: JSONRPCMessage, by session: BackendSession) -> Bool
    /// The backend's answer: a response whose id is the gateway's own.
    func answered(_ response: JSONRPCMessage)
    /// There is no answer.
    func failed(_ outcome: Outcome)
}

/// The requests of one backend session that wait for their answers: a value without I/O.
///
/// Ids and progress tokens towards the backend are one number per request, never reused in a session, so answers of
/// several clients over one session cannot mix.
package struct PendingRequests {
    struct Request {
        let reply: any BackendReply
        /// The client's own progress token, raw; `nil` drops progress.
        let progressToken: [UInt8]?
        /// The link's number of the call, for cancelling; 0 until known.
        var call: UInt64 = 0
        /// Whether a client made it, which can be asked something in its course.
        var isCall = false
        /// Whether the server has refused it unrun, as it seems, for being of another era.
        var isRefused = false
        /// When it was sent, in milliseconds on the monotonic clock.
        var began: UInt64 = 0
        /// Milliseconds on the monotonic clock; 0 = none.
        var deadline: UInt64
        /// Milliseconds of silence allowed; 0 = any.
        let idle: UInt64
        var lastActivity: UInt64
        var lastProgress = -Double.infinity

        func isOverdue(now: UInt64) -> Bool {
            (deadline != 0 && now >= deadline) || (idle != 0 && now >= lastActivity + idle)
        }

        /// Which limit it is over, for people.
        func lateness(now: UInt64) -> String {
            deadline != 0 && now >= deadline
                ? "did not answer within the longest time a call may take"
                : "sent neither answer nor progress for \(idle) ms (operational.timeouts)"
        }
    }

    private(set) var requests: [UInt64: Request] = [:]
    private var next: UInt64 = 1
    /// Most answered requests whose progress goes on; one more ends the oldest's.
    private static let mostLasting = 1_000
    /// Requests that are answered and whose progress goes on, and their ids, oldest first.
    private var lasting: [UInt64: Request] = [:]
    private var lastingIDs: [UInt64] = []
    private var cancelledEarly: Set<UInt64> = []
    /// When ``overdue(now:isAsking:)`` was called last; until then, when the first request came.
    private var lastLook: UInt64 = 0

    mutating func add(_ request: Request) -> UInt64 {
        defer { next += 1 }
        if lastLook == 0 { lastLook = request.lastActivity }
        requests[next] = request
        return next
    }

    /// Notes the link's number of the call.
    /// - Returns: True when the request was cancelled before its number was known, so that nobody has ended the call.
    mutating func setCall(_ call: UInt64, of id: UInt64) -> Bool {
        requests[id]?.call = call
        return cancelledEarly.remove(id) != nil
    }

    /// Takes a request that nobody waits for any more.
    mutating func cancel(_ id: UInt64) -> Request? {
        guard let request = requests.removeValue(forKey: id) else { return nil }
        if request.call == 0 { cancelledEarly.insert(id) }
        return request
    }

    /// The call of a client that is under way alone; what comes on no call can mean no other.
    var onlyCall: Request? {
        var found: Request?
        for request in requests.values where request.isCall {
            if found != nil { return nil }
            found = request
        }
        return found
    }

    /// Whether a call of a client is under way.
    var hasCalls: Bool { requests.values.contains { $0.isCall } }

    mutating func remove(_ id: UInt64) -> Request? {
        requests.removeValue(forKey: id)
    }

    /// Takes the request that a response answers.
    mutating func answer(_ id: JSONSlice?) -> Request? {
        guard let id = id?.integer, id > 0 else { return nil }
        return requests.removeValue(forKey: UInt64(id))
    }

    /// Finds where a progress notification goes and what token to write into it; drops one that is unknown or does
    /// not rise (2025-06-18, Progress: the value must increase).
    mutating func progress(_ params: JSONSlice?, now: UInt64) -> (reply: any BackendReply, token: [UInt8])? {
        guard let token = params?["progressToken"]?.integer, token > 0,
            var request = requests[UInt64(token)] ?? lasting[UInt64(token)]
        else { return nil }
        request.lastActivity = now
        let value = params?["progress"]?.double ?? 0
        let rises = value > request.lastProgress
        if rises { request.lastProgress = value }
        if requests[UInt64(token)] == nil {
            lasting[UInt64(token)] = request
        } else {
            requests[UInt64(token)] = request
        }
        guard rises, let client = request.progressToken else { return nil }
        return (request.reply, client)
    }

    /// The progress of a request goes on after its answer.
    /// - Parameter token: The client's, raw.
    mutating func keepProgress(of id: UInt64, _ token: [UInt8], _ reply: any BackendReply) {
        lasting[id] = Request(reply: reply, progressToken: token, deadline: 0, idle: 0, lastActivity: lastLook)
        lastingIDs.append(id)
        if lastingIDs.count > Self.mostLasting { lasting[lastingIDs.removeFirst()] = nil }
    }

    /// Notes that the server has refused a request.
    /// - Returns: False when nobody waits for it any more.
    mutating func refuse(_ id: UInt64) -> Bool {
        requests[id]?.isRefused = true
        return requests[id] != nil
    }

    mutating func touch(_ id: UInt64, now: UInt64) {
        requests[id]?.lastActivity = now
    }

    /// Takes the requests whose time is over.
    /// - Parameter isAsking: The backend waits for an answer itself, so this time counts for nothing.
    mutating func overdue(now: UInt64, isAsking: Bool) -> [(id: UInt64, request: Request)] {
        let elapsed = now > lastLook ? now - lastLook : 0
        lastLook = now
        if isAsking {
            for id in requests.keys {
                requests[id]?.lastActivity = now
                if let deadline = requests[id]?.deadline, deadline != 0 { requests[id]?.deadline = deadline + elapsed }
            }
        }
        let late = requests.filter { $0.value.isOverdue(now: now) }
        for id in late.keys { requests[id] = nil }
        return late.map { (id: $0.key, request: $0.value) }
    }

    mutating func removeAll() -> [Request] {
        defer { requests = [:] }
        return Array(requests.values)
    }
}
