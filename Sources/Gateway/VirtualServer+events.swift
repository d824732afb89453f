import Synchronization

// What backends tell that belongs to no request.
extension VirtualServer {
    /// - Parameter principal: Whose lists changed; `nil` = everybody's.
    func announce(_ kinds: Set<OfferKind>, to principal: Principal? = nil) {
        stateless.listens.announce(kinds, to: principal)
        let notifications = Set(kinds.map(\.changedMethod)).sorted().map {
            JSONRPCWriter.notification(method: $0, params: nil)
        }
        let resourcesChanged = !kinds.isDisjoint(with: [.resources, .resourceTemplates])
        for session in sessions.all where principal == nil || session.principal == principal {
            for notification in notifications { session.tell(changed: notification) }
            // A backend that came back has forgotten who was subscribed.
            if resourcesChanged { session.restoreSubscriptions() }
        }
    }

    fileprivate func supervisor(of session: BackendSession) -> BackendSupervisor? {
        callers?.supervisor(of: session) ?? supervisor(named: session.backend)
    }

    fileprivate func lost(_ session: BackendSession, _ outcome: Outcome) {
        supervisor(of: session)?.lost(session, outcome)
        for request in serverRequests.takeAll(of: session) { request.withdraw("the server is gone") }
        for client in audience.end(session) { client.restoreSubscriptions() }
    }

    /// Only a session of one client's own can ask: whose answer would it be otherwise?
    fileprivate func asked(_ request: JSONRPCMessage, by session: BackendSession) -> Bool {
        guard !session.shared, let client = audience.users(of: session).first else { return false }
        return client.asked(request, by: session)
    }

    fileprivate func notified(_ notification: JSONRPCMessage, by backendSession: BackendSession) {
        let kinds = OfferKind.allCases.filter { $0.changedMethod == notification.method }
        if !kinds.isEmpty {
            supervisor(of: backendSession)?.refresh(Set(kinds))
            // It may be a session of a caller's own.
            guard let callers else { return }
            for case let client as GatewaySession in audience.users(of: backendSession) {
                callers.refresh(client.principal, backendSession.backend, Set(kinds))
            }
            return
        }
        switch notification.method {
        case _ where TaskTranslation.isOfTask(notification):
            let level = notification.method == "notifications/message" ? LogLevel(of: notification) : nil
            for case let client as GatewaySession in audience.users(of: backendSession) {
                client.told(ofTask: notification, by: backendSession.backend, level: level)
            }
        case "notifications/message":
            let level = LogLevel(of: notification)
            let bytes = notification.json.array
            for member in audience.users(of: backendSession) { member.told(bytes, level: level) }
        case "notifications/cancelled":
            guard let id = notification.params?["requestId"] else { return }
            serverRequests.take(backendID: id.array, of: backendSession)?.withdraw("the server cancelled it")
            stateless.parked.withdraw(id.array, of: backendSession)
        case "notifications/elicitation/complete":
            guard !backendSession.shared else { return }
            let bytes = notification.json.array
            for member in audience.users(of: backendSession) { member.told(bytes, level: nil) }
        case "notifications/resources/updated":
            guard let uri = notification.params?["uri"]?.string else { return }
            for (member, name) in audience.subscribers(to: uri, backendSession) {
                member.updated(notification.renaming(uri, name))
            }
        default: break  // Unknown notifications are ignored (JSON-RPC 2.0, section 4.1).
        }
    }
}

/// Breaks the ring between the server and the sessions that tell it things.
final class EventRouter: BackendSessionEvents {
    private struct Target { weak var server: VirtualServer? }
    private let target = Mutex(Target())

    var server: VirtualServer? { target.withLock { $0.server } }
    func set(_ server: VirtualServer) { target.withLock { $0.server = server } }

    func notified(_ notification: JSONRPCMessage, by session: BackendSession) {
        server?.notified(notification, by: session)
    }
    func lost(_ session: BackendSession, _ outcome: Outcome) { server?.lost(session, outcome) }
    func asked(_ request: JSONRPCMessage, by session: BackendSession) -> Bool {
        server?.asked(request, by: session) ?? false
    }
    func reopened(_ session: BackendSession) { server?.supervisor(of: session)?.reopened(session) }
}
