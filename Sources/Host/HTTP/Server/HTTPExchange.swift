import Gateway
import NIOCore
import Synchronization

/// One request being answered: the responder that handlers get.
///
/// Any thread may use it. What it is told is put in a queue that the connection's event loop empties, so pieces keep
/// their order whichever threads they come from.
final class HTTPExchange: HTTPResponder {
    enum Operation {
        case respond(HTTPResponse)
        case begin(status: Int, headers: [Header])
        case write([UInt8])
        case finish
        /// The reader is too slow: close.
        case abort(backlog: Int)

        /// Bytes of the body, without what frames them.
        var bodyBytes: Int {
            switch self {
            case .respond(let response): response.body.count
            case .write(let bytes): bytes.count
            case .begin, .finish, .abort: 0
            }
        }
    }

    private enum Phase { case open, streaming, ended }

    private struct State {
        var phase = Phase.open
        var queue: [Operation] = []
        var scheduled = false
        /// Bytes of a stream that are not in the kernel's hands yet.
        var backlog = 0
        var observer: (@Sendable (HTTPExchangeEvent) -> Void)?
        /// Events that came before there was an observer.
        var early: [HTTPExchangeEvent] = []
        var closed = false
    }

    private let state = Mutex(State())
    private let eventLoop: any EventLoop
    private let connection: NIOLoopBound<HTTPConnection>
    private let maximumBacklog: Int

    init(eventLoop: any EventLoop, connection: HTTPConnection, maximumBacklog: Int) {
        self.eventLoop = eventLoop
        self.connection = NIOLoopBound(connection, eventLoop: eventLoop)
        self.maximumBacklog = maximumBacklog
    }

    // MARK: - HTTPResponder

    func respond(_ response: HTTPResponse) {
        submit { state in
            guard state.phase == .open else { return nil }
            state.phase = .ended
            return .respond(response)
        }
    }

    func begin(_ status: Int, headers: [Header]) {
        submit { state in
            guard state.phase == .open else { return nil }
            state.phase = .streaming
            return .begin(status: status, headers: headers)
        }
    }

    @discardableResult
    func write(_ bytes: [UInt8]) -> Flow {
        var flow = Flow.stop
        submit { state in
            guard state.phase == .streaming, !state.closed else { return nil }
            // Compared before adding: a message larger than the limit passes when nothing else waits.
            guard state.backlog < maximumBacklog else {
                state.phase = .ended
                return .abort(backlog: state.backlog)
            }
            state.backlog += bytes.count
            flow = .go
            return .write(bytes)
        }
        return flow
    }

    func finish() {
        submit { state in
            guard state.phase == .streaming else { return nil }
            state.phase = .ended
            return .finish
        }
    }

    func observe(_ observer: @escaping @Sendable (HTTPExchangeEvent) -> Void) {
        let early = state.withLock { state in
            state.observer = observer
            defer { state.early = [] }
            return state.early
        }
        for event in early { eventLoop.execute { observer(event) } }
    }

    // MARK: - The connection's side, on the event loop

    /// Tells the observer, not before what is running on the event loop has returned: it may hold locks that the
    /// observer wants.
    func notify(_ event: HTTPExchangeEvent) {
        let observer = state.withLock { state in
            if event == .closed { state.closed = true }
            if state.observer == nil { state.early.append(event) }
            return state.observer
        }
        if let observer { eventLoop.execute { observer(event) } }
    }

    /// Bytes of a stream have left for the kernel, or are lost with the connection.
    func written(_ count: Int) {
        state.withLock { $0.backlog -= count }
    }

    /// Lets go of the observer, which usually holds this exchange.
    func forgetObserver() {
        state.withLock { $0.observer = nil }
    }

    // MARK: - Queue

    private func submit(_ next: (inout State) -> Operation?) {
        let isOnLoop = eventLoop.inEventLoop
        let shouldDrain = state.withLock { state in
            guard let operation = next(&state) else { return false }
            state.queue.append(operation)
            if isOnLoop { return true }
            defer { state.scheduled = true }
            return !state.scheduled
        }
        guard shouldDrain else { return }
        if isOnLoop { drain() } else { eventLoop.execute { self.drain() } }
    }

    private func drain() {
        let operations = state.withLock { state in
            state.scheduled = false
            return Self.take(&state.queue)
        }
        guard !operations.isEmpty else { return }
        connection.value.perform(operations, for: self)
    }

    private static func take(_ queue: inout [Operation]) -> [Operation] {
        defer { queue = [] }
        return queue
    }
}
