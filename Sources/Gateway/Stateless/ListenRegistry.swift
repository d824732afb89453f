import Synchronization

/// The open `subscriptions/listen` streams.
final class ListenRegistry: Sendable {
    private struct State {
        var listens: [ObjectIdentifier: Listen] = [:]
        var counts: [Principal: Int] = [:]
    }

    /// Most streams of one principal.
    private let limit: Int
    private let state = Mutex(State())

    init(limit: Int) { self.limit = limit }

    var all: [Listen] { state.withLock { Array($0.listens.values) } }

    /// - Returns: False when its principal has as many as it may.
    func add(_ listen: Listen) -> Bool {
        state.withLock { state in
            guard state.counts[listen.principal, default: 0] < limit else { return false }
            state.counts[listen.principal, default: 0] += 1
            state.listens[ObjectIdentifier(listen)] = listen
            return true
        }
    }

    /// Again is fine.
    func remove(_ listen: Listen) {
        state.withLock { state in
            guard state.listens.removeValue(forKey: ObjectIdentifier(listen)) != nil else { return }
            let count = state.counts[listen.principal, default: 1] - 1
            state.counts[listen.principal] = count == 0 ? nil : count
        }
    }

    /// Tells all that want to know of changed lists.
    /// - Parameter principal: Whose lists changed; `nil` = everybody's.
    func announce(_ kinds: Set<OfferKind>, to principal: Principal? = nil) {
        let methods = Set(kinds.map(\.changedMethod)).sorted()
        let resourcesChanged = !kinds.isDisjoint(with: [.resources, .resourceTemplates])
        for listen in all where principal == nil || listen.principal == principal {
            for method in methods { listen.changed(method) }
            // A backend that came back has forgotten who was subscribed.
            if resourcesChanged { listen.restoreSubscriptions() }
        }
    }
}
