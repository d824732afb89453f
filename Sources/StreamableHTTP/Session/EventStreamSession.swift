import PluginKit
import Synchronization

/// A session over HTTP+SSE (MCP 2024-11-05): one stream brings everything, and its first event says where to post.
///
/// The session is the stream: when it ends, so does the session.
final class EventStreamSession: TransportSession, HTTPHandler {
    private struct State: Sendable {
        var opening: Call?
        var target: WebAddress?
        var posts: [ObjectIdentifier: any Underway] = [:]
        var isClosed = false
        var verdict: Outcome?
    }

    let endpoint: Endpoint
    let host: HostServices
    private let parameters: SessionParameters
    private let sink: SessionSink
    private let onEnd: @Sendable () -> Void
    private let handle = ExchangeHandle()
    private let pump = Mutex<EventPump?>(nil)
    private let state = Mutex(State())

    /// Makes a session; `onEnd` is called when it could not be opened, or ended by itself.
    init(
        endpoint: Endpoint, parameters: SessionParameters, sink: SessionSink, host: HostServices,
        onEnd: @escaping @Sendable () -> Void
    ) {
        self.onEnd = onEnd
        self.endpoint = endpoint
        self.parameters = parameters
        self.sink = sink
        self.host = host
    }

    func open(_ call: Call) {
        do {
            let request = try endpoint.request(
                "GET", endpoint.address, transport: [Header("Accept", "text/event-stream")], session: parameters,
                call: call)
            state.withLock { $0.opening = call }
            call.onCancel { [weak self] _ in self?.handle.cancel() }
            handle.set(host.http.request(request, handler: self))
        } catch {
            onEnd()
            call.resolve(Outcome(error.status, error.message, notSent: true))
        }
    }

    func send(_ message: RawSpan, call: Call) {
        guard let target = state.withLock({ $0.isClosed ? nil : $0.target }) else {
            call.resolve(Outcome(.unavailable, "the stream of the session has ended", notSent: true, sessionLost: true))
            return
        }
        do {
            var request = try endpoint.request(
                "POST", target, transport: [Header("Content-Type", "application/json")], session: parameters,
                call: call)
            try request.limit(to: call, now: host.timer.now)
            let post = StreamPost(session: self, call: call)
            state.withLock { $0.posts[ObjectIdentifier(post)] = post }
            post.start(request, message)
        } catch {
            call.resolve(Outcome(error.status, error.message, notSent: true))
        }
    }

    func listen(_ call: Call) {
        call.resolve(Outcome(.unsupported, "everything arrives on the stream of the session", notSent: true))
    }

    func close(_ call: Call) {
        sink.closed()
        shut(Outcome(.cancelled, "the session was closed"))
        call.resolve()
    }

    func abandon(_ outcome: Outcome) {
        sink.lost(outcome)
        shut(outcome)
    }

    func resume() { pump.withLock { $0 }?.resume() }

    /// Lets go of a post that has ended.
    func forget(_ post: any Underway) {
        _ = state.withLock { $0.posts.removeValue(forKey: ObjectIdentifier(post)) }
    }

    private func shut(_ outcome: Outcome) {
        let posts = state.withLock { state in
            state.isClosed = true
            defer { state.posts = [:] }
            return Array(state.posts.values)
        }
        for post in posts { post.end(outcome) }
        handle.cancel()
        pump.withLock { $0 }?.stop()
    }

    func head(_ head: borrowing HTTPHead) -> Flow {
        let verdict: Outcome
        switch ResponseHead(head, inSession: false) {
        case .events:
            let made = EventPump(handle: handle, limit: endpoint.maximumEvent) { [weak self] event in
                self?.deliver(event) ?? .stop
            }
            pump.withLock { $0 = made }
            return .go
        case .failure(let outcome, _): verdict = outcome
        case .json, .empty, .unexpected:
            let type = head["content-type"] ?? "none"
            verdict = Outcome(.protocolError, "expected a stream of events (text/event-stream), found '\(type)'")
        }
        state.withLock { $0.verdict = verdict }
        return .stop
    }

    func body(_ data: RawSpan) -> Flow { pump.withLock { $0 }?.read(data) ?? .stop }

    func ended(_ outcome: Outcome) {
        handle.clear()
        guard let pump = pump.withLock({ $0 }) else {
            end(outcome)
            return
        }
        pump.finish { [self] in
            if let failure = pump.failure {
                state.withLock { $0.verdict = Outcome(.exhausted, "\(failure)") }
            }
            end(outcome)
        }
    }

    private func deliver(_ event: ServerSentEvent) -> Flow {
        switch event.name {
        case "endpoint": return adopt(String(decoding: event.data, as: UTF8.self))
        case "", "message": return event.data.isEmpty ? .go : sink.message(event.data)
        default: return .go
        }
    }

    /// Takes the URL to post to. It must stay on the origin of the stream: credentials go there.
    private func adopt(_ reference: String) -> Flow {
        let found: Result<WebAddress, PluginError>
        do throws(PluginError) {
            let target = try endpoint.address.resolving(reference)
            guard target.origin == endpoint.address.origin else {
                throw PluginError(
                    .protocolError,
                    "the server sends messages to another origin: expected \(endpoint.address.origin), found "
                        + target.origin)
            }
            found = .success(target)
        } catch {
            found = .failure(PluginError(.protocolError, "endpoint event: \(error.message)"))
        }
        let opening = state.withLock { state in
            defer { state.opening = nil }
            switch found {
            case .success(let target): state.target = state.target ?? target
            case .failure(let error): state.verdict = state.verdict ?? Outcome(error.status, error.message)
            }
            return state.opening
        }
        switch found {
        case .success:
            opening?.resolve()
            return .go
        case .failure(let error):
            opening?.resolve(Outcome(error.status, error.message))
            return .stop
        }
    }

    private func end(_ outcome: Outcome) {
        let (opening, verdict) = state.withLock { state in
            state.isClosed = true
            defer { state.opening = nil }
            return (state.opening, state.verdict)
        }
        onEnd()
        if let opening {
            let early = Outcome(.protocolError, "the stream ended before the event that says where to post")
            opening.resolve(verdict ?? (outcome.status == .ok ? early : outcome))
            return
        }
        let text = outcome.message.isEmpty ? "the server ended the stream" : outcome.message
        var lost = verdict ?? Outcome(outcome.status == .ok ? .unavailable : outcome.status, text)
        lost.sessionLost = true
        sink.lost(lost)
    }
}
