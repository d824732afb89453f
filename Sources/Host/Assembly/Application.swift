package import Gateway
import HostConfiguration
import HostHTTP
import HostOptimizer
import HostServices
import Logging
import UnixSignals

/// A gateway that listens: what `vmcp serve` runs.
package final class Application: Sendable {
    /// The address of the MCP endpoint, for clients.
    package let endpoint: String

    private let server: VirtualServer
    private let http: HTTPService
    private let hub: ServiceHub
    private let log: Logger

    private init(endpoint: String, server: VirtualServer, http: HTTPService, hub: ServiceHub, log: Logger) {
        self.endpoint = endpoint
        self.server = server
        self.http = http
        self.hub = hub
        self.log = log
    }

    static func start(
        server: VirtualServer, index: ToolIndex?, configuration: GatewayConfiguration, settings: ServeSettings,
        hub: ServiceHub,
        log: Logger
    ) async throws -> Application {
        var http = HTTPServerSettings()
        (http.host, http.port) = (settings.host.isEmpty ? "127.0.0.1" : settings.host, settings.port)
        http.apply(configuration.operational.limits)
        (http.allowedOrigins, http.allowedHosts) = (settings.allowedOrigins, settings.allowedHosts)
        let listener = try await HTTPService.start(
            http, sessions: server, requests: server,
            status: StatusPages(
                server: server, group: configuration.group, index: index,
                shown: configuration.showsMetrics ? hub.metrics : nil),
            gate: Gates.gate(configuration, hub: hub, log: log), logger: log)
        hub.metrics.observe { [weak server, http = listener.server] in
            server.map { GatewayMetrics(server: $0, http: http).series } ?? [:]
        }
        let url = listener.endpoint
        log.notice("Listening", metadata: ["endpoint": "\(url)"])
        if !ServeSettings.isLoopback(http.host), configuration.incomingAuth != .oidc {
            log.warning(
                "Anyone who reaches this address can use every backend: incoming authentication asks nobody",
                metadata: ["endpoint": "\(url)", "type": "\(configuration.incomingAuth.rawValue)"])
        }
        return Application(endpoint: url, server: server, http: listener, hub: hub, log: log)
    }

    // MARK: - What it is doing

    /// Returns when every backend has answered or failed once.
    package func firstRound() async { await server.keeper.firstRound() }

    package var backends: [Gateway.BackendStatus] { server.keeper.statuses }
    package var report: AggregationReport { server.keeper.snapshot.report }
    package var toolCount: Int { server.keeper.snapshot.catalog.tools.count }
    package func toolCount(of backend: String) -> Int {
        server.keeper.snapshot.catalog.tools.count { $0.backend == backend }
    }

    // MARK: - The end

    /// Serves until SIGINT, SIGTERM or SIGQUIT, then ends in order; a second signal ends the process at once.
    package func runUntilSignal() async {
        let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm, .sigquit)
        let (ended, end) = AsyncStream<Void>.makeStream()
        await withTaskGroup(of: Void.self) { group in
            group.addTask { [self] in
                var isEnding = false
                for await signal in signals {
                    if isEnding { ProcessEnd.now() }
                    isEnding = true
                    log.notice("Ending", metadata: ["signal": "\(signal)"])
                    Task {
                        await self.stop()
                        end.finish()
                    }
                }
            }
            for await _ in ended {}
            group.cancelAll()
        }
    }

    /// Takes no more requests, drains, ends sessions and backends with their processes.
    package func stop() async {
        async let drained: Void = http.stop()
        await server.stop()
        await drained
        await hub.shutDown()
        log.notice("Ended")
    }
}
