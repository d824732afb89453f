import Synchronization

// Another configuration while the gateway runs.
extension VirtualServer {
    /// Longest time that a reload waits for new backends before the rest takes effect, in milliseconds.
    private static let longestWait: UInt64 = 8_000
    /// Milliseconds between two looks whether a backend that has left is idle, or sessions have ended.
    static let drainPause: UInt64 = 45

    /// Takes over another configuration, for all that comes from now on. One at a time.
    ///
    /// Backends that stay as they are keep their connections, processes and sessions. Others are started first, beside those
    /// that they replace; then everything takes effect at once, and clients are told at most once. Calls under way end on
    /// what they began on. A new backend that does not answer in time takes its place when it does; until then its
    /// predecessor, if there is one, goes on.
    ///
    /// The identity of the gateway, the key of `requestState` and how long sessions live stay as they were at the start.
    /// - Parameter backends: All there are to be. Starters of backends that stay are not used.
    package func reload(
        _ settings: Settings, backends: [(BackendDescriptor, any BackendStarter)]
    ) async -> ReloadOutcome {
        let plan = live.withLock { $0.group.plan(backends) }
        for name in plan.unwanted {
            if let former = live.withLock({ $0.group.successors.removeValue(forKey: name) }) { retire(former) }
        }
        let generation = live.withLock { live in
            live.group.generation += 1
            return live.group.generation
        }
        let made = plan.made.map { descriptor, starter in
            var member = makeMember(descriptor, starter, generation: generation)
            member.run = Task { [supervisor = member.supervisor] in await supervisor.run() }
            return member
        }
        let due = clock.now() + Self.longestWait
        for member in made { await member.seat.answered(limit: due - min(due, clock.now()), clock: clock) }
        return await apply(settings, plan, made)
    }

    private func apply(_ settings: Settings, _ plan: BackendGroup.Plan, _ made: [BackendGroup.Member]) async
        -> ReloadOutcome
    {
        var outcome = ReloadOutcome(removed: plan.removed.sorted())
        var news: [String: OfferNews] = [:]
        var late: [BackendGroup.Member] = []
        let optimizer = settings.optimizer.map { wanted -> Optimizer in
            if let own = self.optimizer, own.isFor(wanted.settings, wanted.search) { return own }
            return Optimizer(wanted.settings, search: wanted.search, policy: settings.policy)
        }
        if let optimizer, optimizer !== self.optimizer { optimizer.update(keeper.snapshot.catalog) }
        let (leaving, former, isOver) = live.withLock {
            live -> (leaving: [BackendGroup.Member], former: Optimizer?, isOver: Bool) in
            if live.isOver { return (made, nil, true) }
            var leaving: [BackendGroup.Member] = []
            for descriptor in plan.kept {
                let name = descriptor.name
                (live.group.successors[name] ?? live.group.members[name])?.backend.retune(descriptor)
            }
            for member in made {
                let name = member.backend.descriptor.name
                let predecessor = live.group.members[name]
                if predecessor == nil { outcome.added.append(name) } else { outcome.replaced.append(name) }
                if !member.seat.hasAnswered {
                    outcome.late.append(name)
                    if predecessor != nil {
                        live.group.successors[name] = member
                        late.append(member)
                        continue
                    }
                }
                news[name] = member.seat.take()
                live.group.members[name] = member
                guard let predecessor else { continue }
                predecessor.backend.give(placeTo: member.backend)
                leaving.append(predecessor)
            }
            let former = live.optimizer !== optimizer ? live.optimizer : nil
            (live.settings, live.optimizer) = (settings, optimizer)
            return (leaving, former, false)
        }
        if isOver {
            for member in leaving { retire(member) }
            return outcome
        }
        for member in leaving { member.seat.leave() }
        applyLimits(settings)
        for (name, said) in news { relay.note(name, said) }
        for name in plan.removed { relay.note(name, nil) }
        let members = live.withLock { live in
            live.group.members.filter { !plan.removed.contains($0.key) }.values.map {
                CatalogKeeper.Member(
                    descriptor: $0.backend.descriptor, health: $0.backend.health,
                    news: news[$0.backend.descriptor.name])
            }
        }
        await keeper.reconfigure(Self.pipeline(settings, optimizer), members)
        // Not before the catalogue without them is there: whoever finds their names there must find them.
        let removed = live.withLock { live in
            plan.removed.compactMap { live.group.members.removeValue(forKey: $0) }
        }
        remakeCallers(isReload: true)
        for member in leaving + removed { retire(member) }
        for member in late { member.seat.whenAnswered { [weak self] in self?.succeed(member) } }
        await former?.stop()
        return outcome
    }

    /// Makes the catalogues of callers anew, where backends list for callers: each caller's is read again when it asks.
    /// - Parameter isReload: Clients are told that lists have changed; whether theirs did nobody knows yet.
    func remakeCallers(isReload: Bool = false) {
        let (settings, optimizer, backends) = live.withLock { live in
            (live.settings, live.optimizer, live.group.members.values.map(\.backend))
        }
        let isForEverybody = !backends.contains { $0.descriptor.listsForCallers }
        let callers = isForEverybody ? nil : makeCallers(settings, optimizer, backends)
        let former = live.withLock { live in
            defer { live.callers = callers }
            return live.callers
        }
        relay.set(callers ?? keeper as any OfferReceiver)
        former?.stop()
        callers?.unionChanged()
        if isReload, former != nil || callers != nil { announce(Set(OfferKind.allCases)) }
    }

    private func makeCallers(
        _ settings: Settings, _ optimizer: Optimizer?, _ backends: [Backend]
    ) -> CallerCatalogs {
        CallerCatalogs(
            limits: settings.callers, pipeline: Self.pipeline(settings, optimizer), clock: clock,
            backends: backends.sorted { $0.descriptor.name < $1.descriptor.name }, everybody: keeper,
            optimizer: optimizer, news: relay.news
        ) { [weak self] principal, kinds in self?.announce(kinds, to: principal) }
    }

    private func applyLimits(_ settings: Settings) {
        sessions.capacity = settings.sessionCapacity
        subscriptions.limit = settings.session.subscriptionsPerPrincipal
        stateless.adjust(settings.stateless, settings.interactions)
        taskLimits.set(settings.tasks)
    }

    /// A late backend has answered, and takes the place that it was made for.
    private func succeed(_ member: BackendGroup.Member) {
        let name = member.backend.descriptor.name
        let former = live.withLock { live -> BackendGroup.Member? in
            guard live.group.successors[name]?.seat === member.seat else { return nil }
            live.group.successors[name] = nil
            defer { live.group.members[name] = member }
            live.group.members[name]?.backend.give(placeTo: member.backend)
            return live.group.members[name]
        }
        guard let former else { return }
        former.seat.leave()
        keeper.watch(member.backend.health, of: name)
        switch member.seat.take() {
        case .offered(let offer, let server): relay.offered(offer, server: server)
        case .withdrawn(let outcome): relay.withdrawn(name, outcome)
        case .closed(let outcome): relay.closed(name, outcome)
        case nil: break
        }
        if member.backend.descriptor.listsForCallers { remakeCallers(isReload: true) }
        retire(former)
    }

    /// Ends a backend that gets no more calls, once those under way are over; each has its own limit.
    private func retire(_ member: BackendGroup.Member) {
        member.seat.leave()
        member.run?.cancel()
        let drain = Task { [weak self, clock] in
            // Twice: a call may be between the opening of its session and its sending.
            var idle = 0
            while !Task.isCancelled {
                idle = member.backend.isInUse ? 0 : idle + 1
                if idle == 2 { break }
                do { try await clock.sleep(Self.drainPause) } catch { break }
                self?.sweep(member.backend, now: clock.now())
            }
            let sessions = member.backend.openSessions
            await member.backend.stop()
            for session in sessions { self?.left(session) }
        }
        drains.add(drain)
    }

    /// The end of a session whose backend has left.
    private func left(_ session: BackendSession) {
        for request in serverRequests.takeAll(of: session) { request.withdraw("the server is gone") }
        for client in audience.end(session) { client.restoreSubscriptions() }
    }
}
