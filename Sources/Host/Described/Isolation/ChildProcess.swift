import CPosix
import Dispatch
import Synchronization

/// One child process with a library, from its start until its end.
final class ChildProcess: Sendable {
    private struct Waiter {
        /// `nil` while it opens or closes: the child says in which function it is then.
        let function: String?
        let reply = Box()
    }

    /// Where an answer arrives.
    private final class Box: Sendable {
        let value = Mutex<ChildReply?>(nil)
        let arrived = DispatchSemaphore(value: 0)
        func put(_ reply: ChildReply) {
            value.withLock { $0 = reply }
            arrived.signal()
        }
    }

    private struct State {
        var waiting: [UInt64: Waiter] = [:]
        var last: UInt64 = 0
        /// The function that the child began last in order to load, open or close.
        var entered: String?
        var strays = 0
        /// How it ended.
        var end: String?
    }

    private let process: LibraryProcess
    private let socket: FrameSocket
    private let library: String
    private let onEvent: @Sendable (String, Value) -> Void
    private let loaded = Box()
    private let state = Mutex(State())

    /// Starts a child and waits until it has bound the library.
    /// - Throws: ``CallFailure`` when it does not start or is gone; what cannot be bound is returned.
    static func start(
        _ launch: ChildLaunch, onEvent: @escaping @Sendable (String, Value) -> Void
    ) throws(CallFailure) -> (ChildProcess, problems: [DescriptionProblem]) {
        let (process, socket) = try launch.start()
        let child = ChildProcess(process, socket, launch.library, onEvent)
        child.listen()
        if child.loaded.arrived.wait(timeout: .now() + .milliseconds(launch.loadLimit)) == .timedOut {
            child.endNow()
            child.loaded.arrived.wait()
        }
        guard case .loaded(let problems)? = child.loaded.value.withLock({ $0 }) else {
            let (end, entered) = child.state.withLock { ($0.end ?? "no reason known", $0.entered) }
            throw CallFailure(
                .unavailable,
                "the process of '\(launch.library)' ended while it loaded"
                    + "\(entered.map { ", in '\($0)'" } ?? ""): \(end)")
        }
        return (child, problems)
    }

    private init(
        _ process: LibraryProcess, _ socket: FrameSocket, _ library: String,
        _ onEvent: @escaping @Sendable (String, Value) -> Void
    ) {
        self.process = process
        self.socket = socket
        self.library = library
        self.onEvent = onEvent
    }

    /// How it ended; `nil` while it runs.
    var ended: String? { state.withLock { $0.end } }

    /// Ends it; calls under way fail.
    func endNow() { process.endNow() }

    /// Late callbacks since this was asked last.
    func takeStrays() -> Int {
        state.withLock { state in
            defer { state.strays = 0 }
            return state.strays
        }
    }

    /// Ends it in order: it sees that the socket is closed.
    func stop() { socket.shutDown() }

    private func listen() {
        let argument = Unmanaged.passRetained(self)
        let code = vmcp_worker_start(
            { pointer in
                guard let pointer else { return }
                vmcp_worker_name("vmcp-library")
                Unmanaged<ChildProcess>.fromOpaque(pointer).takeRetainedValue().serve()
            }, argument.toOpaque())
        guard code != 0 else { return }
        argument.release()
        process.endNow()
        finish()
    }

    private func serve() {
        while let frame = socket.receive(), let reply = ChildReply(frame: frame) {
            switch reply {
            case .loaded: loaded.put(reply)
            case .event(let callback, let value): onEvent(callback, value)
            case .entered(let function): state.withLock { $0.entered = function }
            case .strays(let count): state.withLock { $0.strays += count }
            case .opened(let id, _), .closed(let id), .answer(let id, _), .failure(let id, _):
                state.withLock { $0.waiting.removeValue(forKey: id) }?.reply.put(reply)
            }
        }
        process.endNow()
        finish()
    }

    private func finish() {
        let words = process.end()
        let (waiting, entered) = state.withLock { state in
            state.end = words
            defer { state.waiting = [:] }
            return (state.waiting, state.entered)
        }
        let names = Set(waiting.values.compactMap { $0.function ?? entered }).sorted().joined(separator: "' or '")
        for (id, waiter) in waiting {
            waiter.reply.put(
                .failure(id: id, CallFailure(.unavailable, "the process of '\(library)' ended in '\(names)': \(words)"))
            )
        }
        loaded.arrived.signal()
        process.reap()
    }

    /// Asks and waits.
    /// - Parameters:
    ///   - function: What it calls; `nil` when it opens or closes.
    ///   - deadline: Monotonic milliseconds, 0 = none. A call that takes longer ends the child: nothing else can end it.
    ///   - request: Gets the number of the question.
    func ask(
        _ function: String?, deadline: UInt64, now: () -> UInt64, _ request: (UInt64) -> ChildRequest
    ) throws(CallFailure) -> ChildReply {
        let waiter = Waiter(function: function)
        let (id, end) = state.withLock { state -> (UInt64, String?) in
            state.last += 1
            if state.end == nil { state.waiting[state.last] = waiter }
            return (state.last, state.end)
        }
        if let end { throw CallFailure(.unavailable, "the process of '\(library)' has ended: \(end)") }
        if !socket.write(request(id).frame) { socket.shutDown() }
        if deadline == 0 {
            waiter.reply.arrived.wait()
        } else {
            let current = now()
            let left = deadline > current ? deadline - current : 0
            if waiter.reply.arrived.wait(timeout: .now() + .milliseconds(Int(clamping: left))) == .timedOut {
                endNow()
                waiter.reply.arrived.wait()
            }
        }
        let reply = waiter.reply.value.withLock { $0 }
        if case .failure(_, let failure)? = reply { throw failure }
        guard let reply else { throw CallFailure(.unavailable, "the process of '\(library)' gave no answer") }
        return reply
    }
}
