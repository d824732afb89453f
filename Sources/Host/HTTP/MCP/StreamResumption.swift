import Gateway

/// A GET with `Last-Event-ID`: goes on with a stream of the session, after that event (2025-11-25, Transports,
/// Resumability and Redelivery).
struct StreamResumption {
    let openStreams: OpenStreams
    let session: any ClientSession

    /// - Returns: False when the request asks for a new stream: without the header, under a revision without event ids, and
    ///   when the stream of a GET is asked for that nobody holds any more. Clients give up listening on an error, and
    ///   what they missed is gone either way.
    func serves(_ request: HTTPRequest, _ responder: any HTTPResponder) -> Bool {
        guard session.revision.hasResumption, let text = request.headers["last-event-id"], !text.isEmpty else {
            return false
        }
        guard let id = EventID(text) else {
            responder.respond(
                EndpointFault.answer(
                    400,
                    "Bad Request: no event of this gateway has the Last-Event-ID \"\(text.prefix(100))\"; GET without it"
                ))
            return true
        }
        if let stream = openStreams.stream(id.stream), stream.session == session.id, stream.request == id.request,
            let connection = stream.resume(after: id.index, over: responder)
        {
            observe(responder, stream, connection: connection)
            // So it hears of what only streams without a connection had missed.
            if id.request == nil { attach(stream) }
            return true
        }
        guard let request = id.request else { return false }
        refuse(request, responder)
        return true
    }

    /// Makes it one for what belongs to no request. Meanwhile another thread may have ended it, as one stream too many;
    /// a session that kept it would never be idle.
    func attach(_ stream: ExchangeStream) {
        session.attach(stream)
        if stream.isOver { session.detach(stream) }
    }

    /// Lets a stream know what happens to a connection of its.
    func observe(_ responder: any HTTPResponder, _ stream: ExchangeStream, connection: Int) {
        responder.observe { event in
            switch event {
            // The stream of a GET has no end of its own.
            case .draining: if stream.request == nil { stream.close() }
            case .closed: stream.disconnected(connection)
            // Never: the stream has begun, and its connection is closed then.
            case .inputClosed: return
            }
        }
    }

    /// The answer that the client waits for will not come. As the last event of a stream it ends the client's request: an
    /// HTTP error would make clients try again, and some wait for ever after that.
    private func refuse(_ request: [UInt8], _ responder: any HTTPResponder) {
        let message = "The answer is not held any more: its stream ended, was cancelled, or was left for too long"
        responder.begin(200, headers: ServerSentEvents.headers)
        responder.write(
            ServerSentEvents.message(JSONRPCWriter.error(id: request, code: -32603, message: message), id: nil))
        responder.finish()
    }
}
