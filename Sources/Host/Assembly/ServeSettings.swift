import HostHTTP

/// Where and how `vmcp serve` listens.
package struct ServeSettings: Sendable {
    /// The address to listen on. Default `127.0.0.1`.
    package var host: String
    /// The port; 0 takes any that is free. Default 4483.
    package var port: Int
    /// Milliseconds after which an unused session ends. Default 30 minutes.
    package var sessionTimeToLive: UInt64
    /// Web origins that may call, besides those of the loopback address itself.
    package var allowedOrigins: [String]
    /// `Host` values accepted besides the loopback names.
    package var allowedHosts: [String]

    /// Whether an address to listen on is reached from this machine alone.
    package static func isLoopback(_ host: String) -> Bool { host.isEmpty || LoopbackName.contains(host) }

    package init(
        host: String = "127.0.0.1", port: Int = 4483, sessionTimeToLive: UInt64 = 1_800_000,
        allowedOrigins: [String] = [], allowedHosts: [String] = []
    ) {
        self.host = host
        self.port = port
        self.sessionTimeToLive = sessionTimeToLive
        self.allowedOrigins = allowedOrigins
        self.allowedHosts = allowedHosts
    }
}
