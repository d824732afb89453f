import Synchronization

/// One who uses backend sessions and hears what belongs to no request of it.
protocol AudienceMember: AnyObject, Sendable {
    /// A notification of a backend session that it uses; `level` is that of a log message, `nil` when that is unknown
    /// and for everything else.
    func told(_ notification: [UInt8], level: LogLevel?)
    /// A request of a backend session that is its own.
    /// - Returns: False when its client cannot be asked that.
    func asked(_ request: JSONRPCMessage, by session: BackendSession) -> Bool
    /// `notifications/resources/updated` of a resource that it is subscribed to.
    func updated(_ notification: JSONRPCMessage)
    /// A backend session is gone or a backend has come back: what was subscribed to has to be subscribed to again.
    func restoreSubscriptions()
}

/// Which client sessions use each backend session, and which of its resources each is subscribed to: so that what a backend
/// tells reaches those it concerns without a look at all the others.
final class Audience: Sendable {
    private struct Key: Hashable {
        let backend: String
        let number: UInt64

        init(_ session: BackendSession) { (backend, number) = (session.backend, session.number) }
    }

    private typealias Clients = [ObjectIdentifier: any AudienceMember]

    private struct Entry {
        var users: Clients = [:]
        /// By the backend's own name of the resource.
        var subscribers: [String: Subscribers] = [:]
    }

    private struct Subscriber {
        let client: any AudienceMember
        /// What the client calls the resource: a ``RewrittenURI`` or its own name, or one after the other.
        var names: Set<CatalogKey> = []

        func joined(with other: Subscriber) -> Subscriber {
            var both = self
            both.names.formUnion(other.names)
            return both
        }
    }

    private typealias Subscribers = [ObjectIdentifier: Subscriber]

    private let entries = Mutex<[Key: Entry]>([:])

    /// A client uses a backend session from now on.
    func join(_ client: any AudienceMember, _ session: BackendSession) {
        entries.withLock { $0[Key(session), default: Entry()].users[ObjectIdentifier(client)] = client }
    }

    /// A client uses it no more.
    /// - Returns: The resources, as the backend calls them, that nobody who uses it is subscribed to any more.
    func leave(_ client: any AudienceMember, _ session: BackendSession) -> [String] {
        entries.withLock { entries in
            guard var entry = entries.removeValue(forKey: Key(session)) else { return [] }
            let id = ObjectIdentifier(client)
            entry.users[id] = nil
            let own = entry.subscribers.filter { $0.value[id] != nil }.keys
            for uri in own { entry.subscribers[uri]?[id] = nil }
            let unwanted = own.filter { entry.subscribers[$0]?.isEmpty == true }
            for uri in unwanted { entry.subscribers[uri] = nil }
            if !entry.users.isEmpty { entries[Key(session)] = entry }
            return unwanted.sorted()
        }
    }

    /// The backend session is gone.
    /// - Returns: Those who used it.
    func end(_ session: BackendSession) -> [any AudienceMember] {
        entries.withLock { $0.removeValue(forKey: Key(session)).map { Array($0.users.values) } ?? [] }
    }

    /// A client that uses the session wants to know when a resource changes, which it calls `uri`.
    func subscribe(_ client: any AudienceMember, to uri: String, _ session: BackendSession) {
        entries.withLock { entries in
            let original = RewrittenURI.original(of: uri)
            entries[Key(session)]?.subscribers[original, default: [:]][
                ObjectIdentifier(client), default: Subscriber(client: client)
            ].names.insert(CatalogKey(uri))
        }
    }

    /// The opposite.
    /// - Returns: Whether nobody is subscribed to it any more.
    func unsubscribe(_ client: any AudienceMember, from uri: String, _ session: BackendSession) -> Bool {
        entries.withLock { entries in
            guard var entry = entries.removeValue(forKey: Key(session)) else { return true }
            defer { entries[Key(session)] = entry }
            let (original, id) = (RewrittenURI.original(of: uri), ObjectIdentifier(client))
            entry.subscribers[original]?[id]?.names.remove(CatalogKey(uri))
            if entry.subscribers[original]?[id]?.names.isEmpty == true { entry.subscribers[original]?[id] = nil }
            guard entry.subscribers[original]?.isEmpty != false else { return false }
            entry.subscribers[original] = nil
            return true
        }
    }

    func users(of session: BackendSession) -> [any AudienceMember] {
        entries.withLock { $0[Key(session)].map { Array($0.users.values) } ?? [] }
    }

    /// Those subscribed to a resource, or to one that it is part of (2025-06-18, Resources: an update may name a
    /// sub-resource).
    /// - Parameter uri: As the backend calls it.
    /// - Returns: Each with what it calls the resource that the update is of.
    func subscribers(to uri: String, _ session: BackendSession) -> [(client: any AudienceMember, name: String)] {
        entries.withLock { entries in
            guard let subscribers = entries[Key(session)]?.subscribers, !subscribers.isEmpty else { return [] }
            var found = subscribers[uri] ?? [:]
            var rest = Substring(uri)
            while let slash = rest.lastIndex(of: "/") {
                for form in [rest[...slash], rest[..<slash]] {
                    found.merge(subscribers[String(form)] ?? [:]) { $0.joined(with: $1) }
                }
                rest = rest[..<slash]
            }
            return found.values.flatMap { subscriber in
                Set(subscriber.names.map { RewrittenURI($0.text)?.prefix ?? "" }).map { (subscriber.client, $0 + uri) }
            }
        }
    }
}
