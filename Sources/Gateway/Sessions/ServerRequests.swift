import Synchronization

/// The requests of backends that clients have not answered yet: elicitation, sampling, roots.
///
/// A request gets an id of the gateway's own towards the client, so that two backends with equal ids do not mix; the answer
/// goes back to the backend session that asked, under the backend's id.
final class ServerRequests: Sendable {
    struct Entry: Sendable {
        let owner: GatewaySession
        let session: BackendSession
        /// The backend's raw id.
        let backendID: [UInt8]
        /// Towards the client.
        let clientID: String
        /// Where the client got it.
        let stream: (any ClientStream)?
        /// Milliseconds on the monotonic clock.
        let deadline: UInt64
    }

    private struct State {
        var entries: [String: Entry] = [:]
        var next: UInt64 = 1
    }

    private let state = Mutex(State())

    /// Requests under way.
    var count: Int { state.withLock { $0.entries.count } }

    /// Backend sessions that wait for an answer.
    var sessions: Set<ObjectIdentifier> {
        state.withLock { Set($0.entries.values.map { ObjectIdentifier($0.session) }) }
    }

    /// Enters a request and gives it an id.
    func add(
        _ owner: GatewaySession, _ session: BackendSession, backendID: [UInt8], stream: (any ClientStream)?,
        deadline: UInt64
    ) -> Entry {
        state.withLock { state in
            let entry = Entry(
                owner: owner, session: session, backendID: backendID, clientID: "vmcp-\(state.next)", stream: stream,
                deadline: deadline)
            state.next += 1
            state.entries[entry.clientID] = entry
            return entry
        }
    }

    /// Takes the request that a client answered; only its own.
    func take(_ clientID: String, of owner: GatewaySession) -> Entry? {
        state.withLock { state in
            guard state.entries[clientID]?.owner === owner else { return nil }
            return state.entries.removeValue(forKey: clientID)
        }
    }

    /// Takes the request that a backend cancelled.
    func take(backendID: [UInt8], of session: BackendSession) -> Entry? {
        takeAll { $0.session === session && $0.backendID == backendID }.first
    }

    /// Takes what a client's session leaves unanswered.
    func takeAll(of owner: GatewaySession) -> [Entry] { takeAll { $0.owner === owner } }

    /// Takes what a backend session does not wait for any more.
    func takeAll(of session: BackendSession) -> [Entry] { takeAll { $0.session === session } }

    /// Takes what was not answered in time.
    func overdue(now: UInt64) -> [Entry] { takeAll { now >= $0.deadline } }

    private func takeAll(where matches: (Entry) -> Bool) -> [Entry] {
        state.withLock { state in
            let found = state.entries.values.filter(matches)
            for entry in found { state.entries[entry.clientID] = nil }
            return found
        }
    }
}
