import PluginKit
import Synchronization

/// The GET stream of a session: what belongs to no call.
final class ListenExchange: HTTPHandler, Underway {
    /// Milliseconds before the host should listen again when the server names none.
    private static let defaultRetry: UInt64 = 1_000

    private let session: HTTPSession
    private let call: Call
    private let handle = ExchangeHandle()
    private let verdict = Mutex<Outcome?>(nil)
    private let pump = Mutex<EventPump?>(nil)

    init(session: HTTPSession, call: Call) {
        self.session = session
        self.call = call
    }

    func start() {
        var headers = [Header("Accept", "text/event-stream")]
        let last = session.lastListenedEventID
        if !last.isEmpty { headers.append(Header("Last-Event-ID", last)) }
        do {
            var request = try session.request("GET", headers, call: call)
            // The stream has no end of its own.
            request.maximumResponse = .max
            guard session.admit(self) else {
                call.resolve(Outcome(.unavailable, "the session is closed", notSent: true, sessionLost: true))
                return
            }
            call.onCancel { [weak self] _ in self?.end(Outcome(.cancelled, "cancelled")) }
            call.onResume { [weak self] in self?.pump.withLock { $0 }?.resume() }
            handle.set(session.host.http.request(request, handler: self))
        } catch {
            call.resolve(Outcome(error.status, error.message, notSent: true))
        }
    }

    func end(_ outcome: Outcome) {
        call.resolve(outcome)
        handle.cancel()
        pump.withLock { $0 }?.stop()
        session.forget(self)
    }

    func head(_ head: borrowing HTTPHead) -> Flow {
        switch ResponseHead(head, inSession: session.sessionID != nil) {
        case .events:
            let made = EventPump(handle: handle, limit: session.endpoint.maximumEvent) { [weak self] event in
                self?.deliver(event) ?? .stop
            }
            pump.withLock { $0 = made }
            call.progress("listening")
            return .go
        case .failure(let outcome, _): verdict.withLock { $0 = outcome }
        case .json, .empty, .unexpected:
            let type = head["content-type"] ?? "none"
            verdict.withLock {
                $0 = Outcome(
                    .unsupported, "the server offers no stream of events: it answers GET with content type '\(type)'")
            }
        }
        return .stop
    }

    func body(_ data: RawSpan) -> Flow {
        guard let pump = pump.withLock({ $0 }) else { return .stop }
        let flow = pump.read(data)
        session.listened(to: pump.lastEventID)
        return flow
    }

    func ended(_ outcome: Outcome) {
        handle.clear()
        guard let pump = pump.withLock({ $0 }) else {
            conclude(verdict.withLock { $0 } ?? outcome)
            return
        }
        pump.finish { [self] in
            if let failure = pump.failure {
                conclude(Outcome(.exhausted, "\(failure)"))
            } else if handle.isCancelled {
                conclude(Outcome(.cancelled, "cancelled"))
            } else {
                // A stream that was there may be asked for again, however it ended.
                conclude(Outcome(.ok, outcome.message, retryAfter: pump.retry ?? Self.defaultRetry))
            }
        }
    }

    private func deliver(_ event: ServerSentEvent) -> Flow {
        guard event.name.isEmpty || event.name == "message", !event.data.isEmpty else { return .go }
        return call.emit(.message, event.data)
    }

    private func conclude(_ outcome: Outcome) {
        call.resolve(outcome)
        session.forget(self)
    }
}
