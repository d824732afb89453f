import Synchronization

/// Holds the catalogue of the moment and makes a new one when a backend's part changes.
///
/// Requests take one snapshot and finish on it. Bursts of changes lead to one new catalogue.
package final class CatalogKeeper: OfferReceiver {
    /// A catalogue with the report of how it came about.
    package struct Snapshot: Sendable {
        package let catalog: Catalog
        package let report: AggregationReport
    }

    fileprivate struct State {
        var pipeline: Pipeline
        /// Backends whose lists depend on the caller, and are in no catalogue that is for everybody.
        var callersOnly: Set<String>
        var monitors: [String: HealthMonitor]
        var offers: [String: BackendOffer] = [:]
        var statuses: [String: BackendStatus]
        /// The statuses that belong to ``snapshot``: who reads there that a backend is ready finds its tools.
        var told: [String: BackendStatus]
        var snapshot: Snapshot
        var isStale = false
        var isBuilding = false
        /// Backends that have neither offered nor failed yet.
        var unheard: Set<String>
        /// Backends of the start that were never ready.
        var awaited: Set<String>
        /// What backends that are ready said of themselves.
        var servers: [String: BackendServer] = [:]
        /// Who waits for a catalogue that has all that came before.
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    /// Makes equal catalogues once; `nil` makes each.
    private let shared: SharedCatalogs?
    private let clock: GatewayClock
    private let state: Mutex<State>
    private let round = Latch()
    private let grace: StartGrace
    /// Told when a backend comes or goes, or for another reason than before.
    private let backendChanged: @Sendable (BackendStatus) -> Void
    /// Told which kinds changed for clients, and the new snapshot, after each change.
    private let changed: @Sendable (Set<OfferKind>, Snapshot) -> Void

    /// - Parameter shared: For the catalogue of one caller: what the catalogues of callers have in common.
    init(
        pipeline: Pipeline, clock: GatewayClock, backends: [BackendDescriptor], grace: StartGrace? = nil,
        shared: SharedCatalogs? = nil, monitors: [String: HealthMonitor] = [:],
        backendChanged: @escaping @Sendable (BackendStatus) -> Void = { _ in },
        changed: @escaping @Sendable (Set<OfferKind>, Snapshot) -> Void
    ) {
        self.shared = shared
        self.clock = clock
        self.backendChanged = backendChanged
        self.changed = changed
        self.grace = grace ?? StartGrace(clock: clock, limit: 10_000)
        let starting = backends.map { Absences.Backend(name: $0.name, category: "starting") }
        let (catalog, report) = pipeline.catalog(from: [], absences: Absences(of: starting, after: Catalog()))
        // What is for everybody was waited for before.
        let awaited = Set(backends.filter { shared == nil || $0.listsForCallers }.map(\.name))
        let statuses = Dictionary(uniqueKeysWithValues: backends.map { ($0.name, BackendStatus($0)) })
        state = Mutex(
            State(
                pipeline: pipeline,
                callersOnly: shared == nil ? Set(backends.filter(\.listsForCallers).map(\.name)) : [],
                monitors: monitors,
                offers: Dictionary(
                    uniqueKeysWithValues: backends.map { ($0.name, Self.nothing($0.name, "is starting")) }),
                statuses: statuses, told: statuses,
                snapshot: Snapshot(catalog: catalog, report: report), unheard: awaited,
                awaited: Set(backends.map(\.name))))
        if awaited.isEmpty { stop() }
    }

    /// What ``statuses`` show of a backend's health comes from here.
    func watch(_ health: HealthMonitor, of backend: String) { state.withLock { $0.monitors[backend] = health } }

    /// The catalogue of the moment.
    package var snapshot: Snapshot { state.withLock { $0.snapshot } }

    /// How every backend is, by name.
    package var statuses: [BackendStatus] {
        let (told, monitors) = state.withLock { ($0.told.values.sorted { $0.name < $1.name }, $0.monitors) }
        return told.map { told in
            guard let monitor = monitors[told.name] else { return told }
            var status = told
            (status.vitals, status.nextTry) = (monitor.state, monitor.nextTry)
            return status
        }
    }

    /// Whether a backend of the start has never been ready.
    package var awaitsBackends: Bool { state.withLock { !$0.awaited.isEmpty } }

    /// Returns when every backend has offered its part or failed once; at once when that was so before, or when the
    /// gateway ends.
    /// - Parameter limit: Longest wait in milliseconds; `nil` = none.
    package func firstRound(limit: UInt64? = nil) async { await round.wait(limit: limit, clock: clock) }

    /// Backends are being started: from now on clients wait for them, for a while.
    func start() { grace.begin() }

    /// Whether lists need not wait for backends any more.
    var isSettled: Bool { grace.isOver }

    /// Returns when lists need not wait for backends any more: all have answered, or those that have not are slow.
    func settled() async { await grace.wait() }

    /// What every backend offers, by name.
    var offers: [String: BackendOffer] { state.withLock { $0.offers } }

    /// What the backends offer together.
    var offering: Offering {
        state.withLock { state in
            Offering(servers: Array(state.servers.values), isComplete: state.servers.count == state.statuses.count)
        }
    }

    /// Nobody needs to wait any more: the gateway ends.
    func stop() {
        round.open()
        grace.end()
    }

    // MARK: - OfferReceiver

    package func offered(_ offer: BackendOffer, server: BackendServer) {
        update(offer.backend) { $0.take(offer, server) }
    }

    package func withdrawn(_ backend: String, _ outcome: Outcome) {
        update(backend) { $0.takeAway(backend, outcome) }
    }

    package func closed(_ backend: String, _ outcome: Outcome) {
        update(backend) { $0.close(backend) }
    }

    fileprivate static let forCallers = "lists what it offers to each caller, with the caller's own credential"

    package func progressed(_ backend: String, _ text: String) {
        state.withLock { state in
            state.statuses[backend]?.message = text
            state.told[backend]?.message = text
        }
    }

    // MARK: - Another configuration

    /// What becomes of a backend with another configuration.
    struct Member: Sendable {
        let descriptor: BackendDescriptor
        let health: HealthMonitor
        /// What it offers, or why nothing; `nil` leaves what is known.
        var news: OfferNews?
    }

    /// Takes over another pipeline and other backends, all at once: one catalogue is made of it.
    /// - Parameter members: All backends there are from now on.
    /// - Returns: When the catalogue of the moment is made of it.
    func reconfigure(_ pipeline: Pipeline, _ members: [Member]) async {
        let (builds, news) = state.withLock { state in
            state.pipeline = pipeline
            state.callersOnly = Set(members.map(\.descriptor).filter(\.listsForCallers).map(\.name))
            state.monitors = Dictionary(uniqueKeysWithValues: members.map { ($0.descriptor.name, $0.health) })
            let names = Set(members.map(\.descriptor.name))
            for name in state.statuses.keys where !names.contains(name) { state.forget(name) }
            let former = state.statuses
            for member in members {
                let name = member.descriptor.name
                state.statuses[name, default: BackendStatus(member.descriptor)].describe(member.descriptor)
                if state.offers[name] == nil { state.offers[name] = Self.nothing(name, "is starting") }
                switch member.news {
                case .offered(let offer, let server): state.take(offer, server)
                case .withdrawn(let outcome): state.takeAway(name, outcome)
                case .closed: state.close(name)
                case nil: break
                }
            }
            state.isStale = true
            defer { state.isBuilding = true }
            return (!state.isBuilding, state.statuses.values.filter { Self.isNews($0, after: former[$0.name]) })
        }
        for status in news.sorted(by: { $0.name < $1.name }) { backendChanged(status) }
        if builds { return build() }
        await withCheckedContinuation { continuation in
            let isBuilt = state.withLock { state in
                if state.isBuilding { state.waiters.append(continuation) }
                return !state.isBuilding
            }
            if isBuilt { continuation.resume() }
        }
    }

    /// A backend that offers nothing now: its settings are those of a known backend all the same.
    fileprivate static func nothing(_ backend: String, _ reason: String) -> BackendOffer {
        BackendOffer(
            backend: backend, failures: Dictionary(uniqueKeysWithValues: OfferKind.allCases.map { ($0, reason) }))
    }

    private static func isNews(_ status: BackendStatus, after former: BackendStatus?) -> Bool {
        former?.phase != status.phase || former?.message != status.message
    }

    fileprivate static func describe(_ failures: [OfferKind: String]) -> String {
        failures.sorted { $0.key.rawValue < $1.key.rawValue }.map(\.value).joined(separator: "; ")
    }

    private func update(_ backend: String, _ change: (inout State) -> Void) {
        let (builds, news) = state.withLock { state -> (Bool, BackendStatus?) in
            // It may have been taken out of the group meanwhile.
            guard let before = state.statuses[backend] else { return (false, nil) }
            change(&state)
            let news = state.statuses[backend].flatMap { Self.isNews($0, after: before) ? $0 : nil }
            state.unheard.remove(backend)
            state.isStale = true
            defer { state.isBuilding = true }
            return (!state.isBuilding, news)
        }
        if let news { backendChanged(news) }
        if builds { Task { self.build() } }
    }

    /// What a catalogue is made of.
    private struct Parts {
        let pipeline: Pipeline
        let offers: [BackendOffer]
        let statuses: [String: BackendStatus]
        let former: Catalog
    }

    private func build() {
        while true {
            let (parts, waiters) = state.withLock { state -> (Parts?, [CheckedContinuation<Void, Never>]) in
                guard state.isStale else {
                    state.isBuilding = false
                    defer { state.waiters = [] }
                    return (nil, state.waiters)
                }
                state.isStale = false
                let parts = Parts(
                    pipeline: state.pipeline, offers: Array(state.offers.values), statuses: state.statuses,
                    former: state.snapshot.catalog)
                return (parts, [])
            }
            for waiter in waiters { waiter.resume() }
            guard let parts else { break }
            let away = parts.statuses.values.filter { $0.phase != .ready }.map {
                Absences.Backend(name: $0.name, category: $0.phase == .starting ? "starting" : $0.category)
            }
            let absences = Absences(of: away, after: parts.former)
            let (catalog, report) =
                shared?.catalog(from: parts.offers, absences: absences, by: parts.pipeline)
                ?? parts.pipeline.catalog(from: parts.offers, absences: absences)
            let snapshot = Snapshot(catalog: catalog, report: report)
            let (kinds, isNews) = state.withLock { state in
                defer { (state.snapshot, state.told) = (snapshot, parts.statuses) }
                let former = state.snapshot.catalog
                let kinds = Set(OfferKind.allCases.filter { former.contentHash(of: $0) != catalog.contentHash(of: $0) })
                // Behind the optimizer tools come and go while the list stays what it is.
                return (kinds, !kinds.isEmpty || catalog.isOptimized && former.contentHash != catalog.contentHash)
            }
            if isNews { changed(kinds, snapshot) }
        }
        let (isWhole, isReady) = state.withLock { state in
            (state.unheard.isEmpty && !state.isBuilding, !state.servers.isEmpty)
        }
        if isWhole { stop() } else if isReady { grace.backendReady() }
    }
}

extension CatalogKeeper.State {
    fileprivate mutating func take(_ offer: BackendOffer, _ server: BackendServer) {
        statuses[offer.backend]?.phase = .ready
        statuses[offer.backend]?.message = CatalogKeeper.describe(
            offer.failures.merging(offer.doubts) { failure, _ in failure })
        statuses[offer.backend]?.category = ""
        statuses[offer.backend]?.revision = server.revision
        statuses[offer.backend]?.failedKinds = offer.failures
        if callersOnly.contains(offer.backend) {
            offers[offer.backend] = CatalogKeeper.nothing(offer.backend, CatalogKeeper.forCallers)
            if offer.failures.isEmpty { statuses[offer.backend]?.message = CatalogKeeper.forCallers }
        } else {
            offers[offer.backend] = offer
        }
        servers[offer.backend] = server
        unheard.remove(offer.backend)
        awaited.remove(offer.backend)
    }

    fileprivate mutating func close(_ backend: String) {
        statuses[backend]?.phase = .ready
        statuses[backend]?.message = CatalogKeeper.forCallers
        statuses[backend]?.category = ""
        statuses[backend]?.failedKinds = [:]
        offers[backend] = CatalogKeeper.nothing(backend, CatalogKeeper.forCallers)
        unheard.remove(backend)
        awaited.remove(backend)
    }

    fileprivate mutating func takeAway(_ backend: String, _ outcome: Outcome) {
        statuses[backend]?.phase = .down
        statuses[backend]?.message = outcome.message
        statuses[backend]?.category = FailureAnswer.category(outcome)
        statuses[backend]?.failedKinds = [:]
        offers[backend] = CatalogKeeper.nothing(backend, outcome.message)
        servers[backend] = nil
        unheard.remove(backend)
    }

    /// It is not part of the group any more.
    fileprivate mutating func forget(_ backend: String) {
        (statuses[backend], told[backend], offers[backend], servers[backend]) = (nil, nil, nil, nil)
        unheard.remove(backend)
        awaited.remove(backend)
    }
}
