import Gateway
import Synchronization

/// The answer to one POST, or the stream of a GET.
///
/// The head of a POST's answer is held back until it is known what the answer is: one message makes it JSON, anything
/// before the last message makes it a stream of events. A stream whose events have ids outlives its connection for a
/// while, so that its client can come back for what it missed (2025-11-25, Transports, Resumability and Redelivery).
final class ExchangeStream: ClientStream {
    enum Phase {
        /// Nothing is sent yet.
        case held
        /// Events go out as they come.
        case live
        /// The connection is gone, and what comes is kept.
        case away
        /// Nothing more comes; what is kept can still be asked for.
        case ended
    }

    struct State {
        var phase = Phase.held
        /// `nil` when nobody can be written to.
        var responder: (any HTTPResponder)?
        /// Counts the connections that served it.
        var connection = 0
        /// Whether ``OpenStreams`` has it.
        var isListed = false
        /// Beats since something happened.
        var silentBeats = 0
        /// `nil` when events have no ids.
        var history: EventHistory?
        /// To be called once, when nothing more comes.
        var over: (@Sendable () -> Void)?
    }

    let number: UInt64
    /// The id of the session whose events these are; `nil` for requests without a session.
    let session: String?
    let openStreams: OpenStreams
    let request: [UInt8]?
    /// Who listens on the stream of a GET; `nil` for that of a POST.
    let listener: Principal?
    let state: Mutex<State>

    /// - Parameters:
    ///   - request: The raw id of the request that is answered; `nil` for the stream of a GET and for a batch.
    ///   - listener: Who listens on the stream of a GET.
    ///   - resumableIn: The id of the session in which the stream can be resumed: its events get ids, and it begins with
    ///     a priming event (from 2025-11-25 on: such an event breaks some older clients).
    init(
        responder: any HTTPResponder, openStreams: OpenStreams, request: [UInt8]?, listener: Principal? = nil,
        resumableIn session: String? = nil
    ) {
        self.openStreams = openStreams
        self.request = request
        self.listener = listener
        let isNameable = (request?.count ?? 0) <= EventID.longestRequest
        self.session = isNameable ? session : nil
        let number = openStreams.makeNumber()
        self.number = number
        let history = self.session.map { session in
            EventHistory(stream: number, request: request, session: session, rules: openStreams.rules)
        }
        state = Mutex(State(responder: responder, history: history))
    }

    // MARK: - ClientStream

    var isAway: Bool { state.withLock { $0.phase == .away } }
    /// Whether nothing more comes.
    var isOver: Bool { state.withLock { $0.phase == .ended } }

    func send(_ message: [UInt8]) -> Flow {
        change { state in
            open(&state)
            return event(message, &state)
        }
    }

    func finish(_ response: [UInt8]) { finish(response, status: 200, headers: Self.jsonHeaders) }

    /// The last message. Status and headers are those of an answer that is nothing but this message.
    func finish(_ response: [UInt8], status: Int, headers: [Header]) {
        change { state in
            switch state.phase {
            case .held: state.responder?.respond(.json(status, response, headers: headers))
            case .live:
                _ = event(response, &state)
                state.responder?.finish()
            case .away: keep(answer: response, &state)
            case .ended: return
            }
            end(&state)
        }
    }

    func close() {
        change { state in
            let fault = request.map { id in EndpointFault.answer(404, "The session ended before the answer", id: id) }
            switch state.phase {
            case .held where listener != nil:
                open(&state)
                state.responder?.finish()
            case .held: state.responder?.respond(fault ?? HTTPResponse(202))
            case .live:
                if let fault { _ = event(fault.body, &state) }
                state.responder?.finish()
            case .away: break
            case .ended: return
            }
            end(&state, forgetting: true)
        }
    }

    func cancelled() {
        change { state in
            switch state.phase {
            // A stream of events that ends at once: a cancelled request gets no answer, and an HTTP error would speak of
            // the session. Without a priming event, which would invite the client to resume.
            case .held: state.responder?.begin(200, headers: ServerSentEvents.headers)
            case .live, .away: break
            case .ended: return
            }
            state.responder?.finish()
            end(&state, forgetting: true)
        }
    }

    // MARK: - The endpoint's side

    /// Is beaten from now on, unless the answer is already out.
    func waits() {
        change { state in
            if state.phase != .ended { list(&state) }
        }
    }

    /// Begins the stream now: the client shall know that it is open.
    func begin() {
        change { state in
            open(&state)
            comment(&state)
        }
    }

    /// Ends a stream whose last message went out as an event.
    func end() {
        change { state in
            if state.phase == .live { state.responder?.finish() }
            end(&state)
        }
    }

    /// Calls `over` when nothing more comes on the stream, at once when that is so.
    func whenOver(_ over: @escaping @Sendable () -> Void) {
        change { $0.over = over }
    }

    /// Called at intervals; writes a comment when nothing was sent for a while, and gives up a client that stays away. An
    /// answer still held back becomes a stream, before some proxy on the way loses patience.
    func beat() {
        change { state in
            state.silentBeats += 1
            switch state.phase {
            case .held, .live:
                guard state.silentBeats >= OpenStreams.beatsPerComment else { return }
                open(&state)
                comment(&state)
            case .away, .ended:
                if state.silentBeats >= openStreams.beatsPerAbsence { end(&state, forgetting: true) }
            }
        }
    }

    // The responder is called under the lock, which keeps head, events and end in order; it never calls back meanwhile.

    func change<Result>(_ body: (inout State) -> Result) -> Result {
        let (result, over) = state.withLock { state in
            let result = body(&state)
            guard state.phase == .ended else { return (result, nil as (@Sendable () -> Void)?) }
            defer { state.over = nil }
            return (result, state.over)
        }
        over?()
        return result
    }

    private func open(_ state: inout State) {
        guard state.phase == .held else { return }
        state.phase = .live
        state.responder?.begin(200, headers: ServerSentEvents.headers)
        if let history = state.history { state.responder?.write(history.priming) }
    }

    private func event(_ message: [UInt8], _ state: inout State) -> Flow {
        guard state.phase == .live || state.phase == .away else { return .stop }
        let bytes = state.history?.event(message).bytes ?? ServerSentEvents.message(message, id: nil)
        guard state.phase == .live else { return .pause }
        state.silentBeats = 0
        let flow = state.responder?.write(bytes) ?? .stop
        if flow == .stop { lost(&state) }
        return state.phase == .away ? .pause : flow
    }

    func comment(_ state: inout State) {
        guard state.phase == .live else { return }
        state.silentBeats = 0
        if state.responder?.write(ServerSentEvents.comment) != .go { lost(&state) }
    }

    func list(_ state: inout State) {
        guard !state.isListed else { return }
        state.isListed = true
        openStreams.add(self)
    }

    /// - Parameter forgetting: What is kept is not to be asked for any more.
    func end(_ state: inout State, forgetting: Bool = false) {
        let isDelivered = state.phase == .live
        state.phase = .ended
        state.responder = nil
        state.silentBeats = isDelivered ? openStreams.beatsPerAbsence - OpenStreams.beatsAfterAnswer : 0
        if forgetting { state.history?.clear() }
        if state.history?.isEmpty == false { return list(&state) }
        guard state.isListed else { return }
        state.isListed = false
        openStreams.remove(self)
    }

    private static let jsonHeaders = [Header("Cache-Control", "no-cache, no-transform")]
}
