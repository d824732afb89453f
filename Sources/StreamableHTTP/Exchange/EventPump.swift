import PluginKit
import Synchronization

/// Takes a stream of server-sent events apart and hands the events on one at a time, as fast as the receiver wants them.
///
/// A piece of the body may hold several events; when the receiver pauses after one, the others wait here, and the body
/// is held until they are gone.
final class EventPump: Sendable {
    private struct State {
        var parser: ServerSentEvents
        var queue: [ServerSentEvent] = []
        var isBusy = false
        var isPaused = false
        var wasResumed = false
        var isStopped = false
        var holdsBody = false
        var events = 0
        var failure: ServerSentEvents.TooLarge?
        var finish: (@Sendable () -> Void)?
    }

    private let state: Mutex<State>
    private let handle: ExchangeHandle
    private let deliver: @Sendable (ServerSentEvent) -> Flow

    init(handle: ExchangeHandle, limit: Int, deliver: @escaping @Sendable (ServerSentEvent) -> Flow) {
        state = Mutex(State(parser: ServerSentEvents(limit: limit)))
        self.handle = handle
        self.deliver = deliver
    }

    /// For `Last-Event-ID`; empty when the server gives none.
    var lastEventID: String { state.withLock { $0.parser.lastEventID } }
    /// What the server wants waited before reconnecting, in milliseconds.
    var retry: UInt64? { state.withLock { $0.parser.retry } }
    /// How many events were read.
    var eventCount: Int { state.withLock { $0.events } }
    /// Why the stream cannot be read on.
    var failure: ServerSentEvents.TooLarge? { state.withLock { $0.failure } }

    /// Begins another stream of the same logical one.
    func restart() { state.withLock { $0.parser.restart() } }

    /// Takes a piece of the body, and answers for the body.
    func read(_ data: RawSpan) -> Flow {
        let parsed = data.withUnsafeBytes { bytes in
            let piece = Piece(bytes: bytes)
            return state.withLock { state in
                guard !state.isStopped else { return false }
                do throws(ServerSentEvents.TooLarge) {
                    let events = try state.parser.read(piece.bytes)
                    state.events += events.count
                    state.queue.append(contentsOf: events)
                    return true
                } catch {
                    state.failure = error
                    return false
                }
            }
        }
        guard parsed else { return .stop }
        drain()
        return state.withLock { state in
            if state.isStopped { return .stop }
            state.holdsBody = state.isPaused
            return state.isPaused ? .pause : .go
        }
    }

    /// Calls `action` once all events are handed on.
    func finish(_ action: @escaping @Sendable () -> Void) {
        state.withLock { $0.finish = action }
        drain()
    }

    /// The receiver wants more.
    func resume() {
        state.withLock { state in
            state.isPaused = false
            // Thread A hands an event on and is told to pause; thread B resumes before A could note it.
            if state.isBusy { state.wasResumed = true }
        }
        drain()
        let resumes = state.withLock { state in
            guard state.holdsBody, !state.isPaused else { return false }
            state.holdsBody = false
            return true
        }
        if resumes { handle.resume() }
    }

    /// Nobody wants more: what waits is dropped, and what ``finish(_:)`` was told to do is done.
    func stop() {
        state.withLock { $0.isStopped = true }
        drain()
    }

    private func drain() {
        enum Step { case event(ServerSentEvent), finish(@Sendable () -> Void), nothing }
        while true {
            let step = state.withLock { state -> Step in
                guard !state.isBusy, !state.isPaused || state.isStopped else { return .nothing }
                if state.isStopped { state.queue = [] }
                if !state.queue.isEmpty {
                    state.isBusy = true
                    return .event(state.queue.removeFirst())
                }
                guard let finish = state.finish else { return .nothing }
                state.finish = nil
                return .finish(finish)
            }
            switch step {
            case .nothing: return
            case .finish(let action): action()
            case .event(let event):
                let flow = deliver(event)
                state.withLock { state in
                    state.isBusy = false
                    state.isPaused = flow == .pause && !state.wasResumed
                    state.wasResumed = false
                    if flow == .stop { state.isStopped = true }
                }
            }
        }
    }

    private struct Piece: @unchecked Sendable {
        // Lent for one call, and looked at inside it alone.
        let bytes: UnsafeRawBufferPointer
    }
}
