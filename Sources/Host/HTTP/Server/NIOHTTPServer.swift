import CPosix
package import Logging
package import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// Why a server could not be started.
package struct HTTPServerError: Error, Equatable, CustomStringConvertible {
    package let host: String
    package let port: Int
    package let detail: String
    package var description: String {
        "could not listen on \(host) port \(port): \(detail); choose another address or port, or stop what uses it"
    }
}

/// The HTTP/1.1 server, on plain handlers of SwiftNIO.
///
/// Keep-alive and pipelining, bodies up to a limit, streams as answers. Handlers get whole requests on an event loop.
package final class NIOHTTPServer: Sendable {
    /// The numeric address that the server listens on.
    package let host: String
    /// The port that the server listens on; of interest when the settings say 0.
    package let port: Int

    private let settings: HTTPServerSettings
    private let listener: any Channel
    private let registry: ConnectionRegistry
    private let group: any EventLoopGroup
    private let ownsGroup: Bool
    private let logger: Logger
    private let draining = Mutex<Task<Void, Never>?>(nil)
    private let stopping = Mutex<Task<Void, Never>?>(nil)

    /// Connections open at this moment.
    package var connectionCount: Int { registry.count }

    /// Binds and begins to serve.
    /// - Parameter group: The event loops to run on; `nil` makes some that end with the server.
    /// - Throws: ``HTTPServerError`` when the address cannot be bound.
    package static func start(
        _ settings: HTTPServerSettings, handler: any HTTPHandler, group: (any EventLoopGroup)? = nil, logger: Logger
    ) async throws -> NIOHTTPServer {
        let threads = settings.threads > 0 ? settings.threads : System.coreCount
        let used = group ?? MultiThreadedEventLoopGroup(numberOfThreads: threads)
        let registry = ConnectionRegistry(limit: settings.maximumConnections)
        do {
            let listener = try await bootstrap(settings, handler, registry, used, logger)
                .bind(host: settings.host, port: settings.port).get()
            return NIOHTTPServer(settings, listener, registry, used, ownsGroup: group == nil, logger)
        } catch {
            if group == nil { try await used.shutdownGracefully() }
            throw HTTPServerError(host: settings.host, port: settings.port, detail: "\(error)")
        }
    }

    private init(
        _ settings: HTTPServerSettings, _ listener: any Channel, _ registry: ConnectionRegistry,
        _ group: any EventLoopGroup, ownsGroup: Bool, _ logger: Logger
    ) {
        self.settings = settings
        self.listener = listener
        self.registry = registry
        self.group = group
        self.ownsGroup = ownsGroup
        self.logger = logger
        host = listener.localAddress?.ipAddress ?? settings.host
        port = listener.localAddress?.port ?? settings.port
    }

    /// Calls `body` again and again until the server is stopped, on an event loop: it must not block.
    package func every(_ interval: Duration, _ body: @escaping @Sendable () -> Void) {
        let amount = TimeAmount(interval)
        let task = group.next().scheduleRepeatedTask(initialDelay: amount, delay: amount) { _ in body() }
        listener.closeFuture.whenComplete { _ in task.cancel() }
    }

    /// Takes no more connections, lets the requests in flight end, and closes what is left after the grace period.
    /// Whoever calls it again waits for the same end.
    /// - Parameter grace: `nil` = that of the settings.
    package func drain(within grace: Duration? = nil) async {
        await Self.once(draining) { await self.closeAll(grace ?? self.settings.gracePeriod) }
    }

    /// Drains, and ends the event loops if they are its own.
    package func stop() async { await Self.once(stopping) { await self.end() } }

    private static func once(
        _ place: borrowing Mutex<Task<Void, Never>?>, _ body: @escaping @Sendable () async -> Void
    ) async {
        let task = place.withLock { place in
            let task = place ?? Task { await body() }
            place = task
            return task
        }
        await task.value
    }

    private func end() async {
        await drain()
        guard ownsGroup else { return }
        do { try await group.shutdownGracefully() } catch {
            logger.warning("stopping the event loops failed", metadata: ["reason": "\(error)"])
        }
    }

    private func closeAll(_ grace: Duration) async {
        await takeLast()
        do { try await listener.close() } catch {
            logger.warning("closing the listener failed", metadata: ["reason": "\(error)"])
        }
        for channel in registry.drain() { channel.pipeline.fireUserInboundEventTriggered(ServerDraining()) }
        let timer = group.next().scheduleTask(in: TimeAmount(grace)) { [registry, logger] in
            let open = registry.open
            logger.notice("closing connections after the grace period", metadata: ["count": "\(open.count)"])
            for channel in open { channel.close(promise: nil) }
        }
        await registry.emptied()
        timer.cancel()
    }

    /// Takes the connections that the kernel has promised already, and has it promise no more: it would reset those that wait
    /// when the socket closes, and their clients could not know that nothing of a request was read.
    private func takeLast() async {
        guard let socket = listener as? any SocketOptionProvider else { return }
        do {
            try await socket.unsafeSetSocketOption(
                level: .socket, name: NIOBSDSocket.Option(rawValue: CInt(CPOSIX_ATTACH_FILTER)),
                value: cposix_ignore_newcomers()
            ).get()
            try await Task.sleep(for: settings.lastRequestTimeout)
        } catch {
            logger.debug("connections may be reset at the end", metadata: ["reason": "\(error)"])
        }
    }

    private static func bootstrap(
        _ settings: HTTPServerSettings, _ handler: any HTTPHandler, _ registry: ConnectionRegistry,
        _ group: any EventLoopGroup, _ logger: Logger
    ) -> ServerBootstrap {
        ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: CInt(clamping: settings.backlog))
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelInitializer { channel in
                switch registry.add(channel) {
                case .draining: return channel.close()
                case .full:
                    return channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(
                            OneConnectionTooMany(settings.maximumConnections))
                    }
                case .taken: break
                }
                return channel.eventLoop.makeCompletedFuture {
                    var limits = NIOHTTPDecoderLimitConfiguration()
                    limits.maxHeaderListSize = settings.maximumHeaders
                    limits.maxHeaderFieldCount = settings.maximumHeaderCount
                    let decoder = HTTPRequestDecoder(leftOverBytesStrategy: .dropBytes, limitConfiguration: limits)
                    try channel.pipeline.syncOperations.addHandlers([
                        ByteToMessageHandler(decoder),
                        HTTPConnection(handler: handler, settings: settings, logger: logger),
                    ])
                }
            }
    }
}
