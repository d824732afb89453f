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
    private let parts: LiveParts
    private let reloader: Reloader
    /// How long it goes on serving after the signal to end, while it says that it is not ready.
    private let shutdownDelay: Duration
    /// How long sessions and requests may go on after that.
    private let shutdownGrace: Duration
    private let log: Logger

    private init(
        endpoint: String, server: VirtualServer, http: HTTPService, hub: ServiceHub, parts: LiveParts,
        reloader: Reloader, shutdownDelay: Duration, shutdownGrace: Duration, log: Logger
    ) {
        self.endpoint = endpoint
        self.server = server
        self.http = http
        self.hub = hub
        self.parts = parts
        self.reloader = reloader
        self.shutdownDelay = shutdownDelay
        self.shutdownGrace = shutdownGrace
        self.log = log
    }

    static func start(
        server: VirtualServer, parts: LiveParts, reloader: Reloader, configuration: GatewayConfiguration,
        settings: ServeSettings, hub: ServiceHub, log: Logger
    ) async throws -> Application {
        var http = HTTPServerSettings()
        (http.host, http.port) = (settings.host.isEmpty ? "127.0.0.1" : settings.host, settings.port)
        http.apply(configuration.operational.limits)
        http.gracePeriod = settings.shutdownGrace
        (http.allowedOrigins, http.allowedHosts) = (settings.allowedOrigins, settings.allowedHosts)
        let listener = try await HTTPService.start(
            http, sessions: server, requests: server,
            status: StatusPages(
                server: server, parts: parts, shown: configuration.showsMetrics ? hub.metrics : nil,
                recent: hub.recent, waitsForAll: configuration.operational.partialFailureMode == .fail),
            gate: parts, logger: log)
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
        return Application(
            endpoint: url, server: server, http: listener, hub: hub, parts: parts, reloader: reloader,
            shutdownDelay: settings.shutdownDelay, shutdownGrace: settings.shutdownGrace, log: log)
    }

    // MARK: - What it is doing

    /// Returns when every backend has answered or failed once.
    package func firstRound() async { await server.keeper.firstRound() }

    /// Whether it was told to end.
    package var isEnding: Bool { parts.isEnding }

    package var backends: [Gateway.BackendStatus] { server.keeper.statuses }
    package var report: AggregationReport { server.keeper.snapshot.report }
    package var toolCount: Int { server.keeper.snapshot.catalog.tools.count }
    package func toolCount(of backend: String) -> Int {
        server.keeper.snapshot.catalog.tools.count { $0.backend == backend }
    }

    // MARK: - The end

    /// Reads the configuration again on SIGHUP, and serves until SIGINT, SIGTERM or SIGQUIT; then ends in order. A second
    /// of these ends the process at once.
    /// - Parameters:
    ///   - watches: Files and folders whose changes have the configuration read again too; empty watches none.
    ///   - ready: Called when signals and changes are waited for.
    package func runUntilSignal(watching watches: [String] = [], ready: () -> Void = {}) async {
        let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm, .sigquit, .sighup)
        if !watches.isEmpty {
            _ = hub.files.watch(watches) { [reloader] in Task { await reloader.reload("files have changed") } }
        }
        ready()
        let (ended, end) = AsyncStream<Void>.makeStream()
        await withTaskGroup(of: Void.self) { group in
            group.addTask { [self] in
                var isEnding = false
                for await signal in signals {
                    if signal == .sighup {
                        if !isEnding { Task { await self.reloader.reload("SIGHUP") } }
                        continue
                    }
                    if isEnding { ProcessEnd.now() }
                    isEnding = true
                    log.notice("Ending", metadata: ["signal": "\(signal)"])
                    Task {
                        // Who ends it by hand does not wait for clients that just listen.
                        await self.stop(drainsSessions: signal == .sigterm)
                        end.finish()
                    }
                }
            }
            for await _ in ended {}
            group.cancelAll()
        }
    }

    /// Says that it is not ready, takes no more connections, lets requests end within the grace period, then ends sessions
    /// and backends with their processes.
    /// - Parameter drainsSessions: Before connections are refused, sessions whose clients listen may go on until they end, for
    ///   half of the grace period at most; new ones are not opened.
    package func stop(drainsSessions: Bool = false) async {
        parts.end()
        await reloader.stop()
        if shutdownDelay > .zero {
            do { try await Task.sleep(for: shutdownDelay) } catch {
                log.debug("The delay of the end was cut short")
            }
        }
        let began = ContinuousClock.now
        if drainsSessions { await server.drainSessions(limit: UInt64(shutdownGrace / 2 / .milliseconds(1))) }
        await http.drain(within: shutdownGrace - (ContinuousClock.now - began))
        await server.stop()
        await http.stop()
        await hub.shutDown()
        log.notice("Ended")
    }
}
