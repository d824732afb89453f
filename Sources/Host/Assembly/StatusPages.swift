import Gateway
import HostHTTP
import HostOptimizer
import HostServices

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// What `/status`, `/readyz` and `/api/backends/health` show of a gateway.
struct StatusPages: StatusProvider {
    let server: VirtualServer
    let parts: LiveParts
    /// Shown to whoever asks; `nil` when `telemetry` does not say so.
    var shown: MetricsRegistry?
    /// What backends logged of late; `nil` when that is nobody's business.
    var recent: RecentLines?
    /// Whether the gateway was started with `partialFailureMode: fail`.
    var waitsForAll = false

    /// Ready as soon as it listens, until it is told to end: a configuration that cannot be used leaves the former one. With
    /// `partialFailureMode: fail` not before every backend was there once. One that breaks later fails lists, and takes
    /// nothing from calls to the others.
    func readiness() async -> Readiness {
        if parts.isEnding { return .notReady(mode: "static", reason: "shutting_down") }
        if waitsForAll, server.settings.failsPartially, server.keeper.awaitsBackends {
            return .notReady(mode: "static", reason: "backends_starting")
        }
        return .ready(mode: "static")
    }

    func metrics() -> (text: [UInt8], contentType: String)? {
        shown.map { (PrometheusText.render($0.snapshot()), PrometheusText.contentType) }
    }

    func lines(of backend: String) -> [String]? {
        guard let recent, server.keeper.statuses.contains(where: { $0.name == backend }) else { return nil }
        return recent.lines(of: backend)
    }

    func status() -> GatewayStatus {
        let instants = Instants(server.clock)
        let catalog = server.keeper.snapshot.catalog
        let tools = Dictionary(grouping: catalog.tools, by: \.backend).mapValues(\.count)
        return GatewayStatus(
            backends: server.keeper.statuses.map { backend in
                HostHTTP.BackendStatus(
                    name: backend.name, health: Self.health(backend), transport: backend.transport,
                    authType: backend.authType, mcpRevision: backend.revision?.text,
                    message: backend.message.isEmpty ? nil : backend.message,
                    tools: backend.phase == .ready ? tools[backend.name] ?? 0 : nil, missing: Self.missing(backend),
                    trouble: Self.trouble(backend, instants))
            }, version: GatewayVersion.current, groupRef: parts.group, workflows: workflows,
            optimizer: parts.index.map { OptimizerStatus($0.status) }, reload: parts.reload)
    }

    private var workflows: [WorkflowState.Status: Int]? {
        guard !server.settings.compositeTools.isEmpty else { return nil }
        return server.workflowStates.reduce(into: [:]) { $0[$1.status, default: 0] += 1 }
    }

    func backendHealth() -> [BackendHealthRecord]? {
        let instants = Instants(server.clock)
        return server.keeper.statuses.map { backend in
            BackendHealthRecord(
                name: backend.name, status: Self.health(backend),
                consecutiveFailures: backend.vitals.consecutiveFailures,
                lastCheckTime: instants.nanoseconds(backend.vitals.lastCheck), lastErrorCategory: backend.lastError,
                lastTransitionTime: instants.nanoseconds(backend.vitals.lastTransition),
                circuit: BackendHealthRecord.Circuit(rawValue: backend.vitals.circuit.word) ?? .closed,
                circuitLastChanged: instants.nanoseconds(backend.vitals.circuitChanged),
                nextCheckTime: instants.nanoseconds(backend.nextTry ?? 0), mcpRevision: backend.revision?.text)
        }
    }

    /// What is shown of a backend that is not well.
    private static func trouble(
        _ backend: Gateway.BackendStatus, _ instants: Instants
    ) -> HostHTTP.BackendStatus.Trouble? {
        guard backend.health != "healthy", !backend.lastError.isEmpty || backend.vitals.circuit != .closed else {
            return nil
        }
        return HostHTTP.BackendStatus.Trouble(
            lastError: backend.lastError, circuit: backend.vitals.circuit.word,
            since: instants.nanoseconds(backend.vitals.lastTransition),
            nextCheck: instants.nanoseconds(backend.nextTry ?? 0))
    }

    private static func health(_ backend: Gateway.BackendStatus) -> BackendHealth {
        BackendHealth(rawValue: backend.health) ?? .unknown
    }

    private static func missing(_ backend: Gateway.BackendStatus) -> [String] {
        backend.phase == .down
            ? OfferKind.allCases.map(\.rawValue) : backend.failedKinds.keys.map(\.rawValue).sorted()
    }
}

/// Turns the gateway's times into those of the calendar.
private struct Instants {
    private let now: UInt64
    private let wall: Double

    init(_ clock: GatewayClock) { (now, wall) = (clock.now(), Date.now.timeIntervalSince1970) }

    /// Nanoseconds since 1970; 0 for 0.
    func nanoseconds(_ monotonic: UInt64) -> UInt64 {
        guard monotonic > 0 else { return 0 }
        return UInt64(max(0, (wall + (Double(monotonic) - Double(now)) / 1_000) * 1e9))
    }
}

extension OptimizerStatus {
    fileprivate init(_ status: SearchStatus) {
        self.init(
            ranking: status.ranking, tools: status.tools,
            embedding: status.embedding.map {
                Embedding(
                    provider: $0.provider, model: $0.model, state: $0.phase.rawValue, embedded: $0.embedded,
                    message: $0.message)
            })
    }
}
