import PluginKit
import Synchronization

/// A session over HTTP+SSE (MCP 2024-11-05): one stream brings everything, and its first event says where to post.
///
/// The session is the stream: when it ends, so does the session. As a *substitute* it stands in for streamable HTTP: each
/// answer ends the call that asked for it, as it does there, and the stream has to begin with that event.
final class EventStreamSession: TransportSession, HTTPHandler {
    /// Told once whether the session could be opened.
    typealias Opened = @Sendable (Outcome) -> Void

    private struct State: Sendable {
        var opening: Opened?
        var target: WebAddress?
        var posts: [ObjectIdentifier: StreamPost] = [:]
        /// What a substitute posted and what has no answer yet, by the id in the message, as it is written.
        var asked: [[UInt8]: StreamPost] = [:]
        var isClosed = false
        var verdict: Outcome?
    }

    let endpoint: Endpoint
    let host: HostServices
    private let parameters: SessionParameters
    private let sink: SessionSink
    private let isSubstitute: Bool
    private let onEnd: @Sendable () -> Void
    private let handle = ExchangeHandle()
    private let pump = Mutex<EventPump?>(nil)
    private let state = Mutex(State())

    /// Makes a session; `onEnd` is called when it could not be opened, or ended by itself.
    init(
        endpoint: Endpoint, parameters: SessionParameters, sink: SessionSink, host: HostServices,
        isSubstitute: Bool = false, onEnd: @escaping @Sendable () -> Void
    ) {
        self.isSubstitute = isSubstitute
        self.onEnd = onEnd
        self.endpoint = endpoint
        self.parameters = parameters
        self.sink = sink
        self.host = host
    }

    func open(_ call: Call) { open(call) { call.resolve($0) } }

    /// Opens the stream with what goes with `call`, which is not ended; a cancelled call gives it up.
    func open(_ call: Call, _ opened: @escaping Opened) {
        do {
            var request = try endpoint.request(
                "GET", endpoint.address, transport: [Header("Accept", "text/event-stream")], session: parameters,
                call: call)
            // The stream is as long as the session.
            request.maximumResponse = .max
            state.withLock { $0.opening = opened }
            call.onCancel { [weak self] _ in self?.handle.cancel() }
            handle.set(host.http.request(request, handler: self))
        } catch {
            state.withLock { $0.opening = nil }
            onEnd()
            opened(Outcome(error.status, error.message, notSent: true))
        }
    }

    /// Ends a session that is still being opened, for this reason.
    func giveUp(_ reason: Outcome) {
        let isOpening = state.withLock { state in
            guard state.opening != nil else { return false }
            state.verdict = state.verdict ?? reason
            return true
        }
        if isOpening { handle.cancel() }
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
            let question = isSubstitute ? Self.question(message) : nil
            let post = StreamPost(session: self, call: call, question: question)
            state.withLock { state in
                state.posts[ObjectIdentifier(post)] = post
                if let question { state.asked[question] = post }
            }
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
    func forget(_ post: StreamPost) {
        state.withLock { state in
            state.posts[ObjectIdentifier(post)] = nil
            if let question = post.question, state.asked[question] === post { state.asked[question] = nil }
        }
    }

    /// The id of a request, as it is written; `nil` for a message that gets no answer.
    private static func question(_ message: RawSpan) -> [UInt8]? {
        let message = message.withUnsafeBytes { Array($0) }
        guard OutermostMembers.scalar("method", in: message) != nil else { return nil }
        return OutermostMembers.scalar("id", in: message)
    }

    private func shut(_ outcome: Outcome) {
        let posts = state.withLock { state in
            state.isClosed = true
            defer { (state.posts, state.asked) = ([:], [:]) }
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
        if event.name == "endpoint" { return adopt(String(decoding: event.data, as: UTF8.self)) }
        if isSubstitute, state.withLock({ $0.opening != nil }) {
            giveUp(Outcome(.protocolError, "the stream does not begin with the event that says where to post"))
            return .stop
        }
        guard event.name.isEmpty || event.name == "message", !event.data.isEmpty else { return .go }
        if let post = asker(of: event.data) {
            post.answered(event.data)
            return .go
        }
        return sink.message(event.data)
    }

    /// The post whose answer a message is; `nil` where answers belong to the session.
    private func asker(of message: [UInt8]) -> StreamPost? {
        guard isSubstitute, AnswerSign.isAnswer(message), let id = OutermostMembers.scalar("id", in: message) else {
            return nil
        }
        return state.withLock { $0.asked.removeValue(forKey: id) }
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
            opening?(.ok)
            return .go
        case .failure(let error):
            opening?(Outcome(error.status, error.message))
            return .stop
        }
    }

    private func end(_ outcome: Outcome) {
        let (opening, verdict, asked) = state.withLock { state in
            state.isClosed = true
            defer { (state.opening, state.asked) = (nil, [:]) }
            return (state.opening, state.verdict, Array(state.asked.values))
        }
        onEnd()
        if let opening {
            let early = Outcome(.protocolError, "the stream ended before the event that says where to post")
            opening(verdict ?? (outcome.status == .ok ? early : outcome))
            return
        }
        let text = outcome.message.isEmpty ? "the server ended the stream" : outcome.message
        var lost = verdict ?? Outcome(outcome.status == .ok ? .unavailable : outcome.status, text)
        lost.sessionLost = true
        for post in asked { post.end(lost) }
        sink.lost(lost)
    }
}
