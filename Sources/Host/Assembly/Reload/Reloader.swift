import Gateway
import HostConfiguration
import HostHTTP
import HostOptimizer
import Logging

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Takes over the configuration that the files have now.
///
/// It is read and checked whole first; one with errors changes nothing. Wishes that come meanwhile make it be read once
/// more afterwards.
actor Reloader {
    private let assembly: GatewayAssembly
    private let server: VirtualServer
    private let parts: LiveParts
    private let sessionTimeToLive: UInt64
    private let log: Logger
    private let reloaded: @Sendable (GatewayConfiguration) -> Void
    /// What the gateway was started with.
    private let first: GatewayConfiguration
    private var current: GatewayConfiguration
    private var applied = 0
    private var isWanted = false
    private var running: Task<Void, Never>?
    private var isOver = false

    init(
        assembly: GatewayAssembly, server: VirtualServer, parts: LiveParts, configuration: GatewayConfiguration,
        sessionTimeToLive: UInt64, log: Logger, reloaded: @escaping @Sendable (GatewayConfiguration) -> Void
    ) {
        self.assembly = assembly
        self.server = server
        self.parts = parts
        (first, current) = (configuration, configuration)
        self.sessionTimeToLive = sessionTimeToLive
        self.log = log
        self.reloaded = reloaded
    }

    /// Reads the configuration again; returns when what it says now holds, or was refused.
    /// - Parameter cause: Why, for the log.
    func reload(_ cause: String) async {
        guard !isOver else { return }
        log.info("Reading the configuration again", metadata: ["cause": "\(cause)"])
        isWanted = true
        let task = running ?? Task { await work() }
        running = task
        await task.value
    }

    /// Returns when nothing is being taken over any more, and nothing will be.
    func stop() async {
        isOver = true
        isWanted = false
        await running?.value
    }

    private func work() async {
        while isWanted {
            isWanted = false
            await reloadOnce()
        }
        running = nil
    }

    private func reloadOnce() async {
        let result = assembly.load()
        for warning in result.warnings { log.warning("The configuration", metadata: ["what": "\(warning)"]) }
        guard let configuration = result.configuration, result.errors.isEmpty else { return refuse(result.errors) }
        guard configuration.notImplemented.isEmpty else { return refuse(configuration.notImplemented) }
        let index: ToolIndex?
        do {
            index =
                configuration.optimizer == current.optimizer
                ? parts.index : try configuration.optimizer.map { try assembly.makeIndex($0) }
        } catch {
            return refuse(["the index of tools cannot be made: \(error)"])
        }
        assembly.prepare(configuration)
        let settings = assembly.settings(
            configuration, sessionTimeToLive: sessionTimeToLive, stateKey: nil, workflowEvents: nil, index: index)
        let outcome = await server.reload(
            settings,
            backends: assembly.backends(configuration, knowsCallers: configuration.incomingAuth == .oidc))
        if configuration.incomingAuth != current.incomingAuth || configuration.oidc != current.oidc {
            parts.set(Gates.gate(configuration, hub: assembly.hub, log: log))
        }
        parts.set(group: configuration.group, index: index)
        current = configuration
        applied += 1
        parts.set(ReloadStatus(time: Self.now, applied: applied, errors: []))
        reloaded(configuration)
        report(outcome)
        for text in Self.unchangeable(first, configuration) {
            log.warning("A change of the configuration waits for a restart", metadata: ["what": "\(text)"])
        }
    }

    private func report(_ outcome: ReloadOutcome) {
        var metadata: Logger.Metadata = [:]
        for (key, names) in [
            ("added", outcome.added), ("removed", outcome.removed), ("replaced", outcome.replaced),
            ("late", outcome.late),
        ] where !names.isEmpty {
            metadata[key] = "\(names.joined(separator: ", "))"
        }
        log.notice("The configuration was read again and holds now", metadata: metadata)
    }

    private func refuse(_ errors: [Diagnostic]) { refuse(errors.map(\.description)) }

    private func refuse(_ errors: [String]) {
        for error in errors {
            log.error(
                "The configuration cannot be used; the gateway goes on with the former one",
                metadata: ["why": "\(error)"])
        }
        parts.set(ReloadStatus(time: Self.now, applied: applied, errors: errors))
    }

    private static var now: UInt64 { UInt64(Date.now.timeIntervalSince1970 * 1e9) }

    /// What differs from what the gateway was started with and cannot be changed while it runs, for people.
    private static func unchangeable(_ first: GatewayConfiguration, _ now: GatewayConfiguration) -> [String] {
        var texts: [String] = []
        if first.name != now.name {
            texts.append("the gateway is called \"\(first.name)\" towards clients and backends until a restart")
        }
        if first.showsMetrics != now.showsMetrics { texts.append("whether /metrics is served, after a restart") }
        let ofServer: [Limit] = [
            .requestBytes, .jsonDepth, .batchMessages, .connections, .streamsPerPrincipal, .bufferedEvents,
            .bufferedBytesPerStream,
            .bufferedBytesPerSession, .bufferedBytes, .calls, .callsPerBackend,
        ]
        for limit in ofServer where first.operational.limits[limit] != now.operational.limits[limit] {
            texts.append("operational.limits.\(limit.rawValue) holds after a restart")
        }
        return texts
    }
}
