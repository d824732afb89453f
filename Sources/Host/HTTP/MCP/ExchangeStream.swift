import Gateway
import Synchronization

/// The answer to one POST, or the stream of a GET.
///
/// The head of a POST's answer is held back until it is known what the answer is: one message makes it JSON, anything
/// before the last message makes it a stream of events.
final class ExchangeStream: ClientStream {
    private enum Phase { case held, streaming, ended }

    private struct State {
        var phase = Phase.held
        var events = 0
        /// Whether ``StreamKeepAlive`` has it.
        var isKept = false
        /// Beats since something was sent.
        var silentBeats = 0
    }

    /// Two beats of silence bring a comment.
    static let beatsPerComment = 2

    private let state = Mutex(State())
    private let responder: any HTTPResponder
    private let keepAlive: StreamKeepAlive
    private let request: [UInt8]?
    private let number: UInt64
    private let hasEventIDs: Bool

    /// - Parameters:
    ///   - request: The raw id of the request that is answered; `nil` for the stream of a GET and for a batch.
    ///   - number: Unique among the streams of a session.
    ///   - hasEventIDs: Events get ids, and the stream begins with a priming event (from 2025-11-25 on: such an event
    ///     breaks some older clients).
    init(
        responder: any HTTPResponder, keepAlive: StreamKeepAlive, request: [UInt8]?, number: UInt64, hasEventIDs: Bool
    ) {
        self.responder = responder
        self.keepAlive = keepAlive
        self.request = request
        self.number = number
        self.hasEventIDs = hasEventIDs
    }

    // MARK: - ClientStream

    func send(_ message: [UInt8]) -> Flow {
        state.withLock { state in
            open(&state)
            return event(message, &state)
        }
    }

    func finish(_ response: [UInt8]) { finish(response, status: 200, headers: Self.jsonHeaders) }

    /// The last message. Status and headers are those of an answer that is nothing but this message.
    func finish(_ response: [UInt8], status: Int, headers: [Header]) {
        state.withLock { state in
            switch state.phase {
            case .held: responder.respond(.json(status, response, headers: headers))
            case .streaming:
                _ = event(response, &state)
                responder.finish()
            case .ended: return
            }
            ended(&state)
        }
    }

    func close() {
        state.withLock { state in
            let fault = request.map { id in EndpointFault.answer(404, "The session ended before the answer", id: id) }
            switch state.phase {
            case .held: responder.respond(fault ?? HTTPResponse(202))
            case .streaming:
                if let fault { _ = event(fault.body, &state) }
                responder.finish()
            case .ended: return
            }
            ended(&state)
        }
    }

    func cancelled() {
        state.withLock { state in
            switch state.phase {
            // A stream of events that ends at once: a cancelled request gets no answer, and an HTTP error would speak of
            // the session. Without a priming event, which would invite the client to resume.
            case .held: responder.begin(200, headers: ServerSentEvents.headers)
            case .streaming: break
            case .ended: return
            }
            responder.finish()
            ended(&state)
        }
    }

    // MARK: - The endpoint's side

    /// Gets comments in silence from now on, unless the answer is already out.
    func waits() {
        state.withLock { state in
            guard state.phase != .ended else { return }
            state.isKept = true
            keepAlive.add(self)
        }
    }

    /// Begins the stream now: the client shall know that it is open.
    func begin() {
        state.withLock { state in
            open(&state)
            comment(&state)
        }
    }

    /// Ends a stream whose last message went out as an event.
    func end() {
        state.withLock { state in
            if state.phase == .streaming { responder.finish() }
            ended(&state)
        }
    }

    /// The connection is closed: whatever comes is dropped.
    func abandon() {
        state.withLock { ended(&$0) }
    }

    /// Called at intervals; writes a comment when nothing was sent for a while. An answer still held back becomes a
    /// stream then, before some proxy on the way loses patience.
    func beat() {
        state.withLock { state in
            state.silentBeats += 1
            guard state.silentBeats >= Self.beatsPerComment else { return }
            open(&state)
            comment(&state)
        }
    }

    // The responder is called under the lock, which keeps head, events and end in order; it never calls back meanwhile.

    private func open(_ state: inout State) {
        guard state.phase == .held else { return }
        state.phase = .streaming
        responder.begin(200, headers: ServerSentEvents.headers)
        if hasEventIDs { responder.write(ServerSentEvents.priming(id: eventID(&state))) }
    }

    private func event(_ message: [UInt8], _ state: inout State) -> Flow {
        guard state.phase == .streaming else { return .stop }
        state.silentBeats = 0
        let flow = responder.write(
            ServerSentEvents.message(message, id: hasEventIDs ? eventID(&state) : nil))
        if flow == .stop { ended(&state) }
        return flow
    }

    private func comment(_ state: inout State) {
        guard state.phase == .streaming else { return }
        state.silentBeats = 0
        if responder.write(ServerSentEvents.comment) == .stop { ended(&state) }
    }

    private func ended(_ state: inout State) {
        state.phase = .ended
        guard state.isKept else { return }
        state.isKept = false
        keepAlive.remove(self)
    }

    private func eventID(_ state: inout State) -> String {
        defer { state.events += 1 }
        return "\(number)-\(state.events)"
    }

    private static let jsonHeaders = [Header("Cache-Control", "no-cache, no-transform")]
}
