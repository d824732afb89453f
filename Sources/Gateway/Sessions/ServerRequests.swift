import Synchronization

/// The requests to clients with sessions that they have not answered yet: elicitation, sampling, roots.
///
/// A request gets an id of the gateway's own towards the client, so that two backends with equal ids do not mix; the answer
/// goes back to whoever asked. Every lookup is by a key.
final class ServerRequests: Sendable {
    /// What became of a request.
    enum Answer: Sendable {
        /// The client's response, a result or an error, under our id.
        case response(JSONRPCMessage)
        /// There will be none.
        case none(reason: String)
    }

    /// A backend session that asked, and its raw id of the request.
    struct Origin: Sendable {
        let session: BackendSession
        let id: [UInt8]
    }

    struct Entry: Sendable {
        let owner: GatewaySession
        /// `nil` when the gateway asks by itself.
        let origin: Origin?
        /// Towards the client.
        let clientID: String
        /// Where the client got it.
        let stream: (any ClientStream)?
        /// Milliseconds on the monotonic clock.
        let deadline: UInt64
        let reply: @Sendable (Answer) -> Void
    }

    fileprivate struct State {
        var entries: [String: Entry] = [:]
        var owners: [ObjectIdentifier: Set<String>] = [:]
        /// The ids towards the client by the backend's own, for each backend session.
        var sessions: [ObjectIdentifier: [[UInt8]: String]] = [:]
        var next: UInt64 = 1
    }

    private let state = Mutex(State())

    /// Requests under way.
    var count: Int { state.withLock { $0.entries.count } }

    /// Whether a backend session waits for an answer.
    func isAsking(_ session: BackendSession) -> Bool {
        state.withLock { $0.sessions[ObjectIdentifier(session)] != nil }
    }

    /// Whether a backend session waits for as many answers as it may.
    func isFull(_ session: BackendSession) -> Bool {
        state.withLock { $0.sessions[ObjectIdentifier(session)]?.count ?? 0 } >= InteractionLimits.questions
    }

    /// Enters a request and gives it an id.
    /// - Parameter reply: Called once by whoever takes the entry, if at all.
    func add(
        _ owner: GatewaySession, origin: Origin?, stream: (any ClientStream)?, deadline: UInt64,
        reply: @escaping @Sendable (Answer) -> Void
    ) -> Entry {
        state.withLock { state in
            let entry = Entry(
                owner: owner, origin: origin, clientID: "vmcp-\(state.next)", stream: stream, deadline: deadline,
                reply: reply)
            state.next += 1
            state.entries[entry.clientID] = entry
            state.owners[ObjectIdentifier(owner), default: []].insert(entry.clientID)
            if let origin { state.sessions[ObjectIdentifier(origin.session), default: [:]][origin.id] = entry.clientID }
            return entry
        }
    }

    /// Takes the request that a client answered; only its own.
    func take(_ clientID: String, of owner: GatewaySession) -> Entry? {
        state.withLock { state in
            state.entries[clientID]?.owner === owner ? state.remove(clientID) : nil
        }
    }

    /// Takes the request that a backend cancelled.
    func take(backendID: [UInt8], of session: BackendSession) -> Entry? {
        state.withLock { state in
            state.sessions[ObjectIdentifier(session)]?[backendID].flatMap { state.remove($0) }
        }
    }

    /// Takes what a client's session leaves unanswered.
    func takeAll(of owner: GatewaySession) -> [Entry] {
        state.withLock { state in
            (state.owners[ObjectIdentifier(owner)] ?? []).compactMap { state.remove($0) }
        }
    }

    /// Takes what a backend session does not wait for any more.
    func takeAll(of session: BackendSession) -> [Entry] {
        state.withLock { state in
            (state.sessions[ObjectIdentifier(session)] ?? [:]).values.compactMap { state.remove($0) }
        }
    }

    /// Takes what was not answered in time; called now and then.
    func overdue(now: UInt64) -> [Entry] {
        state.withLock { state in
            state.entries.values.filter { now >= $0.deadline }.compactMap { state.remove($0.clientID) }
        }
    }
}

extension ServerRequests.State {
    fileprivate mutating func remove(_ clientID: String) -> ServerRequests.Entry? {
        guard let entry = entries.removeValue(forKey: clientID) else { return nil }
        let owner = ObjectIdentifier(entry.owner)
        owners[owner]?.remove(clientID)
        if owners[owner]?.isEmpty == true { owners[owner] = nil }
        if let origin = entry.origin {
            let session = ObjectIdentifier(origin.session)
            // A backend that uses an id again has another entry under it by now.
            if sessions[session]?[origin.id] == clientID { sessions[session]?[origin.id] = nil }
            if sessions[session]?.isEmpty == true { sessions[session] = nil }
        }
        return entry
    }
}

extension ServerRequests.Entry {
    /// Tells who asked that there will be no answer.
    func refuse(_ reason: String) { reply(.none(reason: reason)) }

    /// Tells the client that its answer is not wanted any more.
    func withdraw(_ reason: String) {
        var params = Array("{\"requestId\":".utf8)
        JSONText.append(clientID, to: &params)
        params.append(contentsOf: ",\"reason\":".utf8)
        JSONText.append(reason, to: &params)
        params.append(UInt8(ascii: "}"))
        _ = stream?.send(JSONRPCWriter.notification(method: "notifications/cancelled", params: params))
    }
}
