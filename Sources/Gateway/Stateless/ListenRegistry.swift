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

    /// Milliseconds that the first request over a session waits for the subscriptions of listens: what it changes could be
    /// told to nobody otherwise.
    static let followLimit: UInt64 = 1_500

    /// Lets the listens of a caller subscribe over a session that its requests are going to use. Returns when they have, or
    /// when that takes too long.
    /// - Parameter firstFor: What the client can be asked of whom it is the first session, which a listen takes by itself.
    func follow(
        _ session: BackendSession, of principal: Principal, firstFor: InteractionSet?, clock: GatewayClock
    ) async {
        let listens = all.filter { $0.principal == principal && $0.concerns(session) }
        if listens.isEmpty { return }
        let done = Latch()
        Task {
            await withTaskGroup(of: Void.self) { group in
                for listen in listens { group.addTask { await listen.follow(session, firstFor: firstFor) } }
            }
            done.open()
        }
        await done.wait(limit: Self.followLimit, clock: clock)
    }

    /// A session is closed that listens may have subscribed over.
    func forget(_ session: BackendSession) {
        for listen in all { listen.forget(session) }
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
