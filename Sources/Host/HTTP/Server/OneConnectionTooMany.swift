import NIOCore

/// Refuses a connection for which there is no room, with a reason.
final class OneConnectionTooMany: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let limit: Int

    /// - Parameter limit: Connections that there may be at a time.
    init(_ limit: Int) { self.limit = limit }

    func channelActive(context: ChannelHandlerContext) {
        let text = "the gateway has \(limit) connections, its most (operational.limits.connections); try again later\n"
        let answer = """
            HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/plain; charset=utf-8\r\n\
            Content-Length: \(text.utf8.count)\r\nRetry-After: 1\r\nConnection: close\r\n\r\n\(text)
            """
        context.writeAndFlush(wrapOutboundOut(context.channel.allocator.buffer(string: answer)), promise: nil)
        context.close(mode: .output, promise: nil)
        // The other side closes when it has read that; if it does not, it is not waited for.
        let channel = context.channel
        let timer = context.eventLoop.scheduleTask(in: .seconds(1)) { channel.close(promise: nil) }
        channel.closeFuture.whenComplete { _ in timer.cancel() }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {}

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event as? ChannelEvent == .inputClosed { context.close(promise: nil) }
    }
}
