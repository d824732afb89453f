import Synchronization

/// The live sessions of clients.
package final class SessionStore: Sendable {
    private let sessions = Mutex<[String: GatewaySession]>([:])
    /// Milliseconds after which an unused session ends.
    private let timeToLive: UInt64
    /// Most sessions at a time; one more ends the one that was unused for longest.
    private let mostSessions: Atomic<Int>

    init(timeToLive: UInt64, capacity: Int) {
        self.timeToLive = timeToLive
        mostSessions = Atomic(capacity)
    }

    /// How many there may be at a time; the next new session is the first that a lower number concerns.
    var capacity: Int {
        get { mostSessions.load(ordering: .relaxed) }
        set { mostSessions.store(newValue, ordering: .relaxed) }
    }

    package var count: Int { sessions.withLock { $0.count } }
    var all: [GatewaySession] { sessions.withLock { Array($0.values) } }

    /// 128 random bits in hexadecimal: unguessable and visible ASCII, as the transport asks (2025-03-26, Session Management).
    static func makeID() -> String {
        var generator = SystemRandomNumberGenerator()
        return (0..<2).map { _ in
            let digits = String(generator.next() as UInt64, radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }

    /// Adds a session; answers the one that has to end for it: the one unused for longest, rather than one with something
    /// open on it.
    func add(_ session: GatewaySession) -> GatewaySession? {
        sessions.withLock { sessions in
            defer { sessions[session.id] = session }
            guard sessions.count >= capacity else { return nil }
            let oldest =
                sessions.values.compactMap { session in session.idleSince.map { (session: session, since: $0) } }
                .min { $0.since < $1.since }?.session ?? sessions.values.min { $0.lastUse < $1.lastUse }
            // Taken out at once, or another one added meanwhile would choose the same.
            return oldest.flatMap { sessions.removeValue(forKey: $0.id) }
        }
    }

    func session(_ id: String, principal: Principal, now: UInt64) -> GatewaySession? {
        guard let session = sessions.withLock({ $0[id] }), session.principal == principal else { return nil }
        session.touch(now, by: principal)
        return session
    }

    func remove(_ session: GatewaySession) { sessions.withLock { $0[session.id] = nil } }

    /// Takes out the sessions that were unused for too long: nobody finds them any more, while they still end.
    func takeExpired(now: UInt64) -> [GatewaySession] {
        sessions.withLock { sessions in
            let expired = sessions.values.filter { session in
                session.idleSince.map { now >= $0 + timeToLive } ?? false
            }
            for session in expired { sessions[session.id] = nil }
            return expired
        }
    }
}
