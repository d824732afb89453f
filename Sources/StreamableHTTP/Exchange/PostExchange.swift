import PluginKit
import Synchronization

/// One message on its way to the server, and what comes back for it: a JSON body, a stream of events, or nothing.
///
/// A stream that ends before the answer is resumed when the server numbers its events (MCP 2025-11-25, transports,
/// resumability): the server may close it on purpose and be polled.
final class PostExchange: HTTPHandler, Underway {
    /// Most reconnects in a row without an event.
    private static let maximumAttempts = 5
    /// Milliseconds before a reconnect when the server names none.
    private static let defaultRetry: UInt64 = 1_000

    /// What a server that knows no streamable HTTP answers to a POST (MCP 2025-03-26, Transports, backwards compatibility).
    private static let refusals: Set<Int> = [400, 404, 405]

    /// How the body is read.
    private enum Mode: Sendable {
        case head, json(BodyBuffer), events, ignore, unexpected(String), failure(Outcome, BodyBuffer?)

        enum Step { case emit([UInt8]), flow(Flow) }

        mutating func take(_ data: RawSpan) -> Step {
            switch self {
            case .json(var buffer):
                self = .head
                let full = buffer.take(data)
                self = .json(buffer)
                return full.map { .emit($0) } ?? .flow(.go)
            case .failure(let outcome, .some(var buffer)):
                self = .head
                let fits = buffer.takeError(data)
                self = .failure(outcome, fits ? buffer : nil)
                return .flow(fits ? .go : .stop)
            case .unexpected(let type) where !data.isEmpty:
                self = .failure(ResponseHead.wrongType(type), nil)
                return .flow(.stop)
            case .failure, .ignore, .unexpected, .head, .events: return .flow(.go)
            }
        }
    }

    private struct State: Sendable {
        var mode = Mode.head
        var sentSessionID = false
        var attempts = 0
        var eventsBefore = 0
        var isAnswered = false
    }

    /// Takes over a call whose message the server refused, with the outcome and the body.
    typealias Refused = @Sendable (Outcome, [UInt8]) -> Void

    private let session: HTTPSession
    private let call: Call
    private let refused: Refused?
    private let handle = ExchangeHandle()
    private let state = Mutex(State())
    private let pump = Mutex<EventPump?>(nil)

    /// - Parameter refused: Gets the call instead of its end with 400, 404 or 405.
    init(session: HTTPSession, call: Call, refused: Refused? = nil) {
        self.session = session
        self.call = call
        self.refused = refused
    }

    func start(_ message: RawSpan) {
        let sessionID = call.isStateless ? nil : session.sessionID
        state.withLock { $0.sentSessionID = sessionID != nil }
        var request: HTTPRequest
        do {
            request = try session.request(
                "POST",
                [
                    Header("Content-Type", "application/json"),
                    Header("Accept", "application/json, text/event-stream"),
                ], call: call)
        } catch {
            call.resolve(Outcome(error.status, error.message, notSent: true))
            return
        }
        if call.isSubscription { request.maximumResponse = .max }
        guard session.admit(self) else {
            call.resolve(Outcome(.unavailable, "the session is closed", notSent: true, sessionLost: true))
            return
        }
        call.onCancel { [weak self] _ in self?.end(Outcome(.cancelled, "cancelled")) }
        call.onResume { [weak self] in self?.resume() }
        handle.set(session.host.http.request(request, body: message, handler: self))
    }

    func end(_ outcome: Outcome) {
        call.resolve(outcome)
        handle.cancel()
        pump.withLock { $0 }?.stop()
        session.forget(self)
    }

    private func resume() {
        if let pump = pump.withLock({ $0 }) { pump.resume() } else { handle.resume() }
    }

    func head(_ head: borrowing HTTPHead) -> Flow {
        let isResumption = pump.withLock { $0 != nil }
        let status = head.status
        if (200..<300).contains(status) { session.served() }
        if !isResumption, !call.isStateless, (200..<300).contains(status) { session.adopt(head["mcp-session-id"]) }
        let kind = ResponseHead(head, inSession: state.withLock { $0.sentSessionID })
        if isResumption, kind != .events {
            // The stream cannot be taken up again; what is known is that it ended.
            state.withLock {
                $0.mode = .failure(
                    Outcome(.unavailable, "the stream ended before the answer and cannot be resumed (\(status))"), nil)
            }
            return .stop
        }
        let makesPump = state.withLock { state -> Bool in
            switch kind {
            case .json: state.mode = .json(BodyBuffer())
            case .events: state.mode = .events
            case .empty: state.mode = .ignore
            case .unexpected(let type): state.mode = .unexpected(type)
            case .failure(let outcome, let isJSON): state.mode = .failure(outcome, isJSON ? BodyBuffer() : nil)
            }
            return kind == .events && !isResumption
        }
        if makesPump {
            let made = EventPump(handle: handle, limit: session.endpoint.maximumEvent) { [weak self] event in
                self?.deliver(event) ?? .stop
            }
            pump.withLock { $0 = made }
        }
        return .go
    }

    func body(_ data: RawSpan) -> Flow {
        if let pump = pump.withLock({ $0 }) { return pump.read(data) }
        // Moved out and back, so that the buffer is appended to in place; only the host's thread comes here.
        var mode = state.withLock { state in
            defer { state.mode = .head }
            return state.mode
        }
        let step = mode.take(data)
        state.withLock { $0.mode = mode }
        switch step {
        case .emit(let chunk): return call.emit(.resultChunk, chunk)
        case .flow(let flow): return flow
        }
    }

    func ended(_ outcome: Outcome) {
        handle.clear()
        switch state.withLock({ $0.mode }) {
        case .events:
            let pump = pump.withLock { $0 }
            pump?.finish { [self] in streamEnded(outcome) }
            return
        case .json(let buffer):
            if outcome.status == .ok { call.resolve(.ok, last: buffer.bytes) } else { fail(outcome) }
        case .failure(let verdict, let buffer):
            let last = outcome.status == .ok ? buffer?.bytes ?? [] : []
            if let refused, Self.refusals.contains(verdict.httpStatus) {
                refused(verdict, last)
            } else {
                call.resolve(verdict, last: last)
            }
        case .ignore, .unexpected:
            if outcome.status == .ok { call.resolve() } else { fail(outcome) }
        case .head: fail(outcome)
        }
        session.forget(self)
    }

    /// What the http service says about an exchange without a complete response.
    private func fail(_ outcome: Outcome) {
        guard outcome.status == .ok else {
            call.resolve(outcome)
            return
        }
        call.resolve(Outcome(.protocolError, "the response ended without a head"))
    }

    private func deliver(_ event: ServerSentEvent) -> Flow {
        guard event.name.isEmpty || event.name == "message", !event.data.isEmpty else { return .go }
        guard !state.withLock({ $0.isAnswered }) else { return .go }
        guard AnswerSign.isAnswer(event.data) else { return call.emit(.message, event.data) }
        // The rest of the stream is read to its end, so that the connection can be used again.
        state.withLock { $0.isAnswered = true }
        call.resolve(.ok, last: event.data)
        return .go
    }

    private func streamEnded(_ outcome: Outcome) {
        guard let pump = pump.withLock({ $0 }), !call.isResolved else {
            session.forget(self)
            return
        }
        let events = pump.eventCount
        let attempt = state.withLock { state -> Int in
            state.attempts = events > state.eventsBefore ? 1 : state.attempts + 1
            state.eventsBefore = events
            return state.attempts
        }
        if let failure = pump.failure {
            conclude(Outcome(.exhausted, "\(failure)"))
        } else if handle.isCancelled {
            conclude(Outcome(.cancelled, "cancelled"))
        } else if call.isStateless || pump.lastEventID.isEmpty || attempt > Self.maximumAttempts {
            conclude(outcome.status == .ok ? Outcome(.ok, "the stream ended before the answer") : broken(outcome))
        } else {
            session.host.timer.after(pump.retry ?? Self.defaultRetry) { [self] in reconnect(pump) }
        }
    }

    private func reconnect(_ pump: EventPump) {
        guard !handle.isCancelled, !call.isResolved else {
            conclude(Outcome(.cancelled, "cancelled"))
            return
        }
        do {
            pump.restart()
            let request = try session.request(
                "GET", [Header("Accept", "text/event-stream"), Header("Last-Event-ID", pump.lastEventID)], call: call)
            handle.set(session.host.http.request(request, handler: self))
        } catch {
            conclude(Outcome(error.status, error.message))
        }
    }

    /// Part of the answer may have been seen: the request was sent, whatever the last connection says.
    private func broken(_ outcome: Outcome) -> Outcome {
        var outcome = outcome
        outcome.notSent = false
        return outcome
    }

    private func conclude(_ outcome: Outcome) {
        call.resolve(outcome)
        session.forget(self)
    }
}
