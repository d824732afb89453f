/// Everything about the HTTP side that can be set.
package struct HTTPServerSettings: Sendable, Equatable {
    /// A name or a numeric address (IPv4, or IPv6 without brackets). Default loopback.
    package var host = "127.0.0.1"
    /// 0…65535; 0 takes any free port. Default 4483.
    package var port = 4483
    /// Connections that the kernel keeps until they are accepted. Default 1024.
    package var backlog = 1024
    /// Connections at a time; one more gets 503 and is closed. Default 20,000.
    package var maximumConnections = 20_000
    /// Event loops, when the server makes its own; 0 = one per core. Default 0.
    package var threads = 0

    /// Bytes of a request's body; above it 413. Default 8 MiB.
    package var maximumBody = 8 << 20
    /// Bytes of all header fields of a request together; above it 431. Default 1 MiB.
    /// A single field may have 80 KiB, a limit of NIO's parser.
    package var maximumHeaders = 1 << 20
    /// Header fields of a request; above it 431. Default 256.
    package var maximumHeaderCount = 256
    /// Levels to which the JSON of a body may be nested; deeper ones are refused. Default 256.
    package var maximumDepth = 256
    /// Messages of one JSON-RPC batch; above it the batch is refused. Default 256.
    package var maximumBatch = 256
    /// Bytes of a stream that wait for a slow reader; a stream above it is closed. One message more may wait, whatever
    /// its size. Default 4 MiB.
    package var maximumStreamBacklog = 4 << 20

    /// The longest wait for a head: from accepting, or from the first byte of a later one. Default 10 s.
    package var headTimeout = Duration.seconds(10)
    /// The longest wait for a body after its head. Default 60 s.
    package var bodyTimeout = Duration.seconds(60)
    /// How long a connection may stay without a request. Default 120 s.
    package var idleTimeout = Duration.seconds(120)
    /// How long the rest of a refused request is read and dropped, so that the answer is not lost to a reset. Default 2 s.
    package var lingerTimeout = Duration.seconds(2)
    /// How long requests in flight may go on after a stop was asked for. Default 30 s.
    package var gracePeriod = Duration.seconds(30)
    /// How long connections that are being made are still taken after a stop was asked for, and how long one without a
    /// request is kept then, for a request that is on its way. Default 100 ms.
    package var lastRequestTimeout = Duration.milliseconds(100)
    /// The silence after which a stream gets a comment, at the latest. Default 30 s.
    package var keepAliveInterval = Duration.seconds(30)

    /// GET streams that one caller may have open at a time; above it 429. Anonymous callers are one. Default 10,000.
    package var streamsPerPrincipal = 10_000
    /// Events of one stream that are kept for a client that comes back. Default 1,000; 0 keeps none.
    package var bufferedEvents = 1_000
    /// Bytes of them. Default 1 MiB.
    package var bufferedBytesPerStream = 1 << 20
    /// Bytes of them in all streams of one session. Default 8 MiB.
    package var bufferedBytesPerSession = 8 << 20
    /// Bytes of them in all streams. Default 256 MiB.
    package var bufferedBytes = 256 << 20
    /// How long a stream without a connection waits for its client. Default 5 minutes.
    package var resumeTime = Duration.seconds(300)

    /// The path of the MCP endpoint, without a slash at its end. Default `/mcp`.
    package var endpointPath = "/mcp"
    /// Values of `Origin` that are allowed besides loopback ones on a loopback server, e.g. `https://app.example:8443`.
    package var allowedOrigins: [String] = []
    /// Names in `Host`, without port, that a server bound to loopback accepts besides loopback names: those of a
    /// reverse proxy on this machine. Not checked when bound elsewhere.
    package var allowedHosts: [String] = []

    package init() {}
}
