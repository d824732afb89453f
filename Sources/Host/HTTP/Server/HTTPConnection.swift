import Gateway
import Logging
import NIOCore
import NIOHTTP1

/// What the server tells its connections when it is about to stop.
struct ServerDraining {}

/// One connection: takes requests in their order, one at a time, and writes their answers.
///
/// Requests that come while another is being answered wait in a queue, and the socket is not read as long as one waits;
/// nor is it while the client does not take its answers. So a client occupies no more than one read's worth of requests
/// and one answer. A client that asks one thing after the other never fills the queue, and its socket stays registered
/// with the kernel for reading from one request to the next. The queue is worked off in a loop and not by recursion, which a client could make as deep as it likes.
final class HTTPConnection: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private enum Phase { case waiting, reading, answering, closing }

    private let handler: any HTTPHandler
    private let settings: HTTPServerSettings
    private let logger: Logger
    private var context: ChannelHandlerContext?
    private var remoteAddress = ""

    private var phase = Phase.waiting
    private var waiting = CircularBuffer<HTTPServerRequestPart>(initialCapacity: 4)
    private var assembly: RequestAssembly?
    private var answer: AnswerWriter?
    private var encoder = ResponseEncoder()
    private var deadline = ConnectionDeadline()

    private var fault: HTTPResponse?
    private var isPumping = false
    private var readPending = false
    private var inputClosed = false
    private var draining = false
    private var sawPart = false
    /// Bytes that were still to be sent when the deadline was last looked at.
    private var unsent = 0

    init(handler: any HTTPHandler, settings: HTTPServerSettings, logger: Logger) {
        self.handler = handler
        self.settings = settings
        self.logger = logger
    }

    // MARK: - Channel events

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        remoteAddress = context.remoteAddress?.ipAddress ?? ""
        deadline.expired = { [weak self] in self?.timedOut() }
        deadline.set(settings.headTimeout, on: context.eventLoop)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        deadline.end()
        self.context = nil
    }

    func channelInactive(context: ChannelHandlerContext) {
        phase = .closing
        waiting.removeAll()
        assembly = nil
        deadline.end()
        if let answer {
            self.answer = nil
            answer.exchange.notify(.closed)
        }
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        sawPart = true
        guard phase != .closing else { return }
        waiting.append(unwrapInboundIn(data))
        pump()
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        // Bytes that are not yet a head: a later request has begun, and its head must not take for ever.
        if !sawPart, phase == .waiting { deadline.shorten(settings.headTimeout, on: context.eventLoop) }
        sawPart = false
        context.fireChannelReadComplete()
    }

    func read(context: ChannelHandlerContext) {
        if mayRead(context) { context.read() } else { readPending = true }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        pump()
        context.fireChannelWritabilityChanged()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case is ServerDraining:
            draining = true
            // Not at once: a request may be on its way, and its client could not know that it was not served.
            if phase == .waiting { deadline.set(settings.lastRequestTimeout, on: context.eventLoop) }
            answer?.exchange.notify(.draining)
        case ChannelEvent.inputClosed:
            inputClosed = true
            // A client that only closed its sending side still waits for a whole answer. A stream would never learn
            // that its client is gone, so there it counts as gone.
            if answer?.isStreaming == true {
                close()
            } else if phase == .closing {
                closeWhenSent(context)
            } else {
                answer?.exchange.notify(.inputClosed)
                pump()
            }
        default: context.fireUserInboundEventTriggered(event)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard phase != .closing, fault == nil else { return }
        guard let error = error as? HTTPParserError else {
            logger.debug("connection lost", metadata: ["remote": "\(remoteAddress)", "reason": "\(error)"])
            return close()
        }
        fault =
            error == .headerOverflow ? ServerFault.headersTooLarge : ServerFault.badRequest("not HTTP/1.1: \(error)")
        pump()
    }

    // MARK: - Requests

    private func mayRead(_ context: ChannelHandlerContext) -> Bool {
        switch phase {
        case .closing: true
        case .waiting, .reading, .answering: waiting.isEmpty && context.channel.isWritable
        }
    }

    /// Works the queue off as far as possible.
    private func pump() {
        guard !isPumping, let context else { return }
        isPumping = true
        while phase == .waiting || phase == .reading, context.channel.isWritable, let part = waiting.popFirst() {
            take(part, context)
        }
        isPumping = false
        guard phase == .waiting || phase == .reading, waiting.isEmpty else { return }
        if let fault {
            refuse(fault, context)
        } else if inputClosed {
            closeWhenSent(context)
        } else if readPending, mayRead(context) {
            readPending = false
            context.read()
        }
    }

    private func take(_ part: HTTPServerRequestPart, _ context: ChannelHandlerContext) {
        do throws(RequestAssembly.Refusal) {
            switch part {
            case .head(let head):
                phase = .reading
                var assembly = try RequestAssembly(head, limit: settings.maximumBody, remoteAddress: remoteAddress)
                if let refusal = handler.admit(&assembly.request) { throw RequestAssembly.Refusal(refusal) }
                try assembly.checkAnnouncedBody()
                self.assembly = assembly
                deadline.set(settings.bodyTimeout, on: context.eventLoop)
                if assembly.expectsContinue {
                    let go = ByteBuffer(staticString: "HTTP/1.1 100 Continue\r\n\r\n")
                    context.writeAndFlush(wrapOutboundOut(go), promise: nil)
                }
            case .body(let bytes): try assembly?.append(bytes)
            case .end:
                guard let assembly else { return }
                self.assembly = nil
                serve(assembly, context)
            }
        } catch {
            refuse(error.response, context)
        }
    }

    private func serve(_ assembly: RequestAssembly, _ context: ChannelHandlerContext) {
        deadline.clear()
        phase = .answering
        let exchange = HTTPExchange(
            eventLoop: context.eventLoop, connection: self, maximumBacklog: settings.maximumStreamBacklog)
        answer = AnswerWriter(exchange: exchange, to: assembly)
        if draining { exchange.notify(.draining) }
        if inputClosed { exchange.notify(.inputClosed) }
        handler.handle(assembly.request, exchange)
    }

    // MARK: - Answers

    /// What an exchange was told; on the event loop.
    func perform(_ operations: [HTTPExchange.Operation], for exchange: HTTPExchange) {
        guard let context, answer?.exchange === exchange else { return exchange.forgetObserver() }
        var out = context.channel.allocator.buffer(capacity: operations.reduce(512) { $0 + $1.bodyBytes })
        guard let progress = answer?.write(operations, isLast: draining, encoder: &encoder, to: &out) else { return }
        if let backlog = progress.abortedBacklog {
            let limit = settings.maximumStreamBacklog
            logger.warning(
                "closing a stream whose reader is too slow",
                metadata: ["remote": "\(remoteAddress)", "backlog": "\(backlog)", "limit": "\(limit)"])
            return close()
        }
        var promise: EventLoopPromise<Void>?
        if progress.streamed > 0 {
            promise = context.eventLoop.makePromise()
            promise?.futureResult.whenComplete { _ in exchange.written(progress.streamed) }
        }
        context.writeAndFlush(wrapOutboundOut(out), promise: promise)
        if progress.hasEnded {
            answered(context)
        } else if inputClosed, answer?.isStreaming == true {
            close()
        }
    }

    private func answered(_ context: ChannelHandlerContext) {
        guard let answer else { return }
        self.answer = nil
        answer.exchange.forgetObserver()
        guard answer.leavesConnectionOpen, !draining else { return linger(context) }
        phase = .waiting
        unsent = 0
        deadline.set(settings.idleTimeout, on: context.eventLoop)
        if isPumping { return }
        if waiting.isEmpty {
            pump()
        } else {
            // Not from here: whoever gave this answer may hold locks that the next request wants.
            let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
            context.eventLoop.execute { bound.value.pump() }
        }
    }

    // MARK: - Ends

    /// Answers what cannot be served, and closes.
    private func refuse(_ response: HTTPResponse, _ context: ChannelHandlerContext) {
        guard phase != .closing else { return }
        var out = context.channel.allocator.buffer(capacity: 512)
        encoder.writeHead(
            status: response.status, headers: response.headers, framing: .length(response.body.count),
            connection: "close", to: &out)
        out.writeBytes(response.body)
        context.writeAndFlush(wrapOutboundOut(out), promise: nil)
        linger(context)
    }

    /// Closes our side, and reads and drops what still comes for a while: closing with bytes unread would reset the
    /// connection, and the client might never see the answer.
    private func linger(_ context: ChannelHandlerContext) {
        if inputClosed { return closeWhenSent(context) }
        phase = .closing
        waiting.removeAll()
        assembly = nil
        deadline.set(settings.idleTimeout, on: context.eventLoop)
        let sent = context.eventLoop.makePromise(of: Void.self)
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        sent.futureResult.whenComplete { [settings] _ in
            let connection = bound.value
            guard let context = connection.context else { return }
            connection.deadline.set(settings.lingerTimeout, on: context.eventLoop)
        }
        context.close(mode: .output, promise: sent)
        if readPending {
            readPending = false
            context.read()
        }
    }

    /// Closes once what was written is in the kernel's hands.
    private func closeWhenSent(_ context: ChannelHandlerContext) {
        phase = .closing
        waiting.removeAll()
        assembly = nil
        guard unsentBytes(context) > 0 else { return close() }
        deadline.set(settings.idleTimeout, on: context.eventLoop)
        let sent = context.eventLoop.makePromise(of: Void.self)
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        sent.futureResult.whenComplete { _ in bound.value.close() }
        context.writeAndFlush(wrapOutboundOut(ByteBuffer()), promise: sent)
    }

    private func close() {
        phase = .closing
        context?.close(promise: nil)
    }

    private func timedOut() {
        guard let context else { return }
        let before = unsent
        unsent = unsentBytes(context)
        switch phase {
        case .answering: break
        case .reading: refuse(ServerFault.headTimeout, context)
        case .waiting, .closing:
            // An answer that is still being taken, however slowly, is not idle.
            guard unsent > 0, before == 0 || unsent < before else {
                return draining && phase == .waiting ? closeWhenSent(context) : close()
            }
            deadline.set(settings.idleTimeout, on: context.eventLoop)
        }
    }

    private func unsentBytes(_ context: ChannelHandlerContext) -> Int {
        do { return try context.channel.syncOptions?.getOption(.bufferedWritableBytes) ?? 0 } catch {
            logger.debug("the socket does not tell its backlog", metadata: ["reason": "\(error)"])
            return 0
        }
    }
}
