import HostHTTP

/// Where and how `vmcp serve` listens.
package struct ServeSettings: Sendable {
    /// The address to listen on. Default `127.0.0.1`.
    package var host: String
    /// The port; 0 takes any that is free. Default 4483.
    package var port: Int
    /// Milliseconds after which an unused session ends. Default 30 minutes.
    package var sessionTimeToLive: UInt64
    /// How long requests may go on after the signal to end. Default 30 s.
    package var shutdownGrace: Duration
    /// How long the gateway goes on serving after the signal to end, while `/readyz` says that it is not ready, so that
    /// load balancers take it out first. Default none.
    package var shutdownDelay: Duration
    /// Web origins that may call, besides those of the loopback address itself.
    package var allowedOrigins: [String]
    /// `Host` values accepted besides the loopback names.
    package var allowedHosts: [String]

    /// Whether an address to listen on is reached from this machine alone.
    package static func isLoopback(_ host: String) -> Bool { host.isEmpty || LoopbackName.contains(host) }

    package init(
        host: String = "127.0.0.1", port: Int = 4483, sessionTimeToLive: UInt64 = 1_800_000,
        shutdownGrace: Duration = .seconds(30), shutdownDelay: Duration = .zero, allowedOrigins: [String] = [],
        allowedHosts: [String] = []
    ) {
        self.shutdownGrace = shutdownGrace
        self.shutdownDelay = shutdownDelay
        self.host = host
        self.port = port
        self.sessionTimeToLive = sessionTimeToLive
        self.allowedOrigins = allowedOrigins
        self.allowedHosts = allowedHosts
    }
}
