import PluginKit
import Synchronization

/// One message posted beside the stream of an ``EventStreamSession``: the answer comes there, here only an error.
final class StreamPost: HTTPHandler, Underway {
    /// The id of the request whose answer ends the call; `nil` when the call ends with the post.
    let question: [UInt8]?
    private let session: EventStreamSession
    private let call: Call
    private let handle = ExchangeHandle()
    private let failure = Mutex<(outcome: Outcome, body: BodyBuffer?)?>(nil)

    init(session: EventStreamSession, call: Call, question: [UInt8]? = nil) {
        self.session = session
        self.call = call
        self.question = question
    }

    func start(_ request: HTTPRequest, _ message: RawSpan) {
        call.onCancel { [weak self] _ in self?.end(Outcome(.cancelled, "cancelled")) }
        handle.set(session.host.http.request(request, body: message, handler: self))
    }

    func end(_ outcome: Outcome) {
        call.resolve(outcome)
        handle.cancel()
        session.forget(self)
    }

    /// The stream has brought the answer, perhaps before the server was done with the post.
    func answered(_ message: [UInt8]) {
        call.resolve(.ok, last: message)
        session.forget(self)
    }

    func head(_ head: borrowing HTTPHead) -> Flow {
        // The session is part of the URL: an unknown one is a 404.
        if case .failure(let outcome, let isJSON) = ResponseHead(head, inSession: true) {
            failure.withLock { $0 = (outcome, isJSON ? BodyBuffer() : nil) }
        }
        return .go
    }

    func body(_ data: RawSpan) -> Flow {
        let piece = data.copied()
        return failure.withLock { failure in
            guard var body = failure?.body else { return .go }
            let fits = body.takeError(piece.span.bytes)
            failure?.body = fits ? body : nil
            return .go
        }
    }

    func ended(_ outcome: Outcome) {
        handle.clear()
        if let failure = failure.withLock({ $0 }) {
            call.resolve(failure.outcome, last: outcome.status == .ok ? failure.body?.bytes ?? [] : [])
        } else if outcome.status == .ok, question != nil {
            return
        } else {
            call.resolve(outcome)
        }
        session.forget(self)
    }
}
