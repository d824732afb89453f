import Synchronization

/// The open `subscriptions/listen` streams.
final class ListenRegistry: Sendable {
    private struct State {
        var listens: [ObjectIdentifier: Listen] = [:]
        var counts: [Principal: Int] = [:]
    }

    private let most: Atomic<Int>
    private let state = Mutex(State())

    init(limit: Int) { most = Atomic(limit) }

    /// Most streams of one principal; who has more when it falls keeps them.
    var limit: Int {
        get { most.load(ordering: .relaxed) }
        set { most.store(newValue, ordering: .relaxed) }
    }

    var all: [Listen] { state.withLock { Array($0.listens.values) } }

    /// - Returns: False when its principal has as many as it may.
    func add(_ listen: Listen) -> Bool {
        let limit = limit
        return state.withLock { state in
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
