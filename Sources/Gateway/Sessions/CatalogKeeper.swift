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

    private struct State {
        var offers: [String: BackendOffer] = [:]
        var statuses: [String: BackendStatus]
        /// The statuses that belong to ``snapshot``: who reads there that a backend is ready finds its tools.
        var told: [String: BackendStatus]
        var snapshot: Snapshot
        var isStale = false
        var isBuilding = false
        /// Backends that have neither offered nor failed yet.
        var unheard: Set<String>
        /// What backends that are ready said of themselves.
        var servers: [String: BackendServer] = [:]
    }

    private let pipeline: Pipeline
    /// Makes equal catalogues once; `nil` makes each.
    private let shared: SharedCatalogs?
    /// Backends whose lists depend on the caller, and are in no catalogue that is for everybody.
    private let callersOnly: Set<String>
    private let clock: GatewayClock
    private let monitors: [String: HealthMonitor]
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
        self.pipeline = pipeline
        self.shared = shared
        callersOnly = shared == nil ? Set(backends.filter(\.listsForCallers).map(\.name)) : []
        self.clock = clock
        self.monitors = monitors
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
                offers: Dictionary(
                    uniqueKeysWithValues: backends.map { ($0.name, Self.nothing($0.name, "is starting")) }),
                statuses: statuses, told: statuses,
                snapshot: Snapshot(catalog: catalog, report: report), unheard: awaited))
        if awaited.isEmpty { stop() }
    }

    /// The catalogue of the moment.
    package var snapshot: Snapshot { state.withLock { $0.snapshot } }

    /// How every backend is, by name.
    package var statuses: [BackendStatus] {
        state.withLock { $0.told.values.sorted { $0.name < $1.name } }.map { told in
            guard let monitor = monitors[told.name] else { return told }
            var status = told
            (status.vitals, status.nextTry) = (monitor.state, monitor.nextTry)
            return status
        }
    }

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
        update(offer.backend) { state in
            state.statuses[offer.backend]?.phase = .ready
            state.statuses[offer.backend]?.message = Self.describe(
                offer.failures.merging(offer.doubts) { failure, _ in failure })
            state.statuses[offer.backend]?.category = ""
            state.statuses[offer.backend]?.revision = server.revision
            state.statuses[offer.backend]?.failedKinds = offer.failures
            if callersOnly.contains(offer.backend) {
                state.offers[offer.backend] = Self.nothing(offer.backend, Self.forCallers)
                if offer.failures.isEmpty { state.statuses[offer.backend]?.message = Self.forCallers }
            } else {
                state.offers[offer.backend] = offer
            }
            state.servers[offer.backend] = server
        }
    }

    package func withdrawn(_ backend: String, _ outcome: Outcome) {
        update(backend) { state in
            state.statuses[backend]?.phase = .down
            state.statuses[backend]?.message = outcome.message
            state.statuses[backend]?.category = FailureAnswer.category(outcome)
            state.statuses[backend]?.failedKinds = [:]
            state.offers[backend] = Self.nothing(backend, outcome.message)
            state.servers[backend] = nil
        }
    }

    package func closed(_ backend: String, _ outcome: Outcome) {
        update(backend) { state in
            state.statuses[backend]?.phase = .ready
            state.statuses[backend]?.message = Self.forCallers
            state.statuses[backend]?.category = ""
            state.statuses[backend]?.failedKinds = [:]
            state.offers[backend] = Self.nothing(backend, Self.forCallers)
        }
    }

    private static let forCallers = "lists what it offers to each caller, with the caller's own credential"

    package func progressed(_ backend: String, _ text: String) {
        state.withLock { state in
            state.statuses[backend]?.message = text
            state.told[backend]?.message = text
        }
    }

    /// A backend that offers nothing now: its settings are those of a known backend all the same.
    private static func nothing(_ backend: String, _ reason: String) -> BackendOffer {
        BackendOffer(
            backend: backend, failures: Dictionary(uniqueKeysWithValues: OfferKind.allCases.map { ($0, reason) }))
    }

    private static func describe(_ failures: [OfferKind: String]) -> String {
        failures.sorted { $0.key.rawValue < $1.key.rawValue }.map(\.value).joined(separator: "; ")
    }

    private func update(_ backend: String, _ change: (inout State) -> Void) {
        let (builds, news) = state.withLock { state -> (Bool, BackendStatus?) in
            let before = state.statuses[backend]
            change(&state)
            let now = state.statuses[backend]
            let news = before?.phase != now?.phase || before?.message != now?.message ? now : nil
            state.unheard.remove(backend)
            state.isStale = true
            defer { state.isBuilding = true }
            return (!state.isBuilding, news)
        }
        if let news { backendChanged(news) }
        if builds { Task { self.build() } }
    }

    private func build() {
        while true {
            let parts = state.withLock {
                state -> (offers: [BackendOffer], statuses: [String: BackendStatus], former: Catalog)? in
                guard state.isStale else {
                    state.isBuilding = false
                    return nil
                }
                state.isStale = false
                return (Array(state.offers.values), state.statuses, state.snapshot.catalog)
            }
            guard let parts else { break }
            let away = parts.statuses.values.filter { $0.phase != .ready }.map {
                Absences.Backend(name: $0.name, category: $0.phase == .starting ? "starting" : $0.category)
            }
            // What callers have in common says nothing of absences.
            let (catalog, report) =
                shared?.catalog(from: parts.offers, by: pipeline)
                ?? pipeline.catalog(from: parts.offers, absences: Absences(of: away, after: parts.former))
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
