import Gateway
import Synchronization

/// The endpoint as revision 2026-07-28 has it: every POST is complete in itself.
final class ModernEndpoint: Sendable {
    private let requests: any StatelessRequests
    private let openStreams: OpenStreams

    init(requests: any StatelessRequests, openStreams: OpenStreams) {
        self.requests = requests
        self.openStreams = openStreams
    }

    func post(_ message: JSONRPCMessage, _ request: HTTPRequest, _ responder: any HTTPResponder) {
        switch message.kind {
        // None means anything over HTTP, `notifications/cancelled` neither: closing the response cancels.
        case .notification: return responder.respond(HTTPResponse(202))
        case .response:
            let fault = ModernFault.invalidRequest("expected a request or a notification, found a response")
            return responder.respond(fault.answer(id: nil))
        case .request: break
        }
        let ladder = ModernLadder(message, headers: request.headers)
        do throws(ModernFault) { try ladder.checkEnvelope() } catch {
            return responder.respond(error.answer(id: ladder.answerableID))
        }
        let exchange = ModernExchange()
        responder.observe { exchange.observe($0) }
        if requests.isReady(for: request.principal) { return serve(message, request, ladder, responder, exchange) }
        Task {
            await requests.ready(for: request.principal)
            serve(message, request, ladder, responder, exchange)
        }
    }

    private func serve(
        _ message: JSONRPCMessage, _ request: HTTPRequest, _ ladder: ModernLadder, _ responder: any HTTPResponder,
        _ exchange: ModernExchange
    ) {
        do throws(ModernFault) {
            guard requests.offers(message.method, to: request.principal) else { throw .unknown(method: message.method) }
            if message.method == "tools/call", let name = message.params?["name"]?.string {
                try ladder.checkParameters(requests.headerParameters(ofTool: name, for: request.principal))
            }
        } catch {
            return responder.respond(error.answer(id: ladder.answerableID))
        }
        let stream = ExchangeStream(
            responder: responder, openStreams: openStreams, request: message.id?.array)
        let served = requests.request(
            message, principal: request.principal, headers: request.headers.list, stream: ModernStream(stream))
        guard let served else { return }
        stream.waits()
        exchange.set(served, stream)
    }
}

/// The response of one POST as the gateway sees it.
private final class ModernStream: StatelessStream {
    /// Answers are their caller's alone, and hold no longer than their hints say.
    private static let headers = [Header("Cache-Control", "private, no-store")]

    private let stream: ExchangeStream

    init(_ stream: ExchangeStream) { self.stream = stream }

    func send(_ message: [UInt8]) -> Flow { stream.send(message) }

    func finish(_ response: [UInt8], code: Int?) {
        stream.finish(response, status: ModernFault.status(ofCode: code), headers: Self.headers)
    }
}

/// What happens to a connection, for a request that may not have reached the gateway yet.
private final class ModernExchange: Sendable {
    private struct State {
        var events: [HTTPExchangeEvent] = []
        var served: (exchange: any StatelessExchange, stream: ExchangeStream)?
    }

    private let state = Mutex(State())

    func observe(_ event: HTTPExchangeEvent) {
        let served = state.withLock { state in
            if state.served == nil { state.events.append(event) }
            return state.served
        }
        if let served { Self.tell(event, served.exchange, served.stream) }
    }

    func set(_ exchange: any StatelessExchange, _ stream: ExchangeStream) {
        let events = state.withLock { state in
            state.served = (exchange, stream)
            defer { state.events = [] }
            return state.events
        }
        for event in events { Self.tell(event, exchange, stream) }
    }

    private static func tell(_ event: HTTPExchangeEvent, _ exchange: any StatelessExchange, _ stream: ExchangeStream) {
        switch event {
        case .draining: exchange.drain()
        // A client that closes its side before the answer has begun wants none: nobody who waits does that.
        case .inputClosed:
            exchange.cancel()
            stream.cancelled()
        case .closed:
            stream.disconnected()
            exchange.cancel()
        }
    }
}
