import PluginAPI
import Synchronization

/// What ``Call/emit(_:_:)-(_,RawSpan)`` hands up.
public enum Emission: UInt32, Sendable {
    /// A whole JSON-RPC message.
    case message = 1
    /// A piece of the last message: all pieces, then `last` of resolve, make it up.
    case resultChunk = 2
    /// A line of text for people about work that takes time, in `start` and `open`; in `listen` that the stream is open.
    case progress = 3
}

/// One piece of work that the host waits for.
///
/// Everything may be called from any thread. The kit sees to it that emissions and the end reach the host one at a time
/// and in order, and that there is exactly one end: a second ``resolve(_:last:)-(_,RawSpan)`` has no effect, and a call that
/// is let go without an end is resolved with ``Status/internalError``, so that nothing hangs.
public final class Call: Sendable {
    /// The host's number for it, unique in the process.
    public let id: UInt64
    /// Milliseconds on the clock of ``TimerService/now``, 0 = none. The host stops waiting then by itself.
    public let deadline: UInt64
    /// Longest silence in milliseconds, 0 = none.
    public let idleLimit: UInt64
    /// On whose behalf, for ``IdentityService``; 0 = the gateway itself.
    public let identity: UInt64
    /// To be sent with the message where the transport has headers.
    public let headers: [Header]
    /// W3C trace context, empty when there is none.
    public let traceParent: String
    /// W3C trace state, empty when there is none.
    public let traceState: String

    private let receiver: Receiver
    private let registry: CallRegistry
    private let state = Mutex(State())

    private struct State: Sendable {
        var delivery = OrderedDelivery<(UInt32, [UInt8]), (Outcome, [UInt8])>()
        var cancelled: CancelReason?
        var onCancel: (@Sendable (CancelReason) -> Void)?
        var onResume: (@Sendable () -> Void)?
    }

    /// The host's end of a call.
    private struct Receiver: @unchecked Sendable {
        // The context is a number in disguise, and the functions are [thread-safe] by the ABI.
        let context: UnsafeMutableRawPointer?
        let emit: (@convention(c) (UnsafeMutableRawPointer?, UInt32, vmcp_bytes) -> Int32)?
        let resolve: (@convention(c) (UnsafeMutableRawPointer?, UnsafePointer<vmcp_outcome>?, vmcp_bytes) -> Void)?
    }

    init(_ pointer: UnsafePointer<vmcp_call>, registry: CallRegistry) {
        let call = copyOfTable(pointer, as: vmcp_call())
        id = call.id
        deadline = call.deadline_ms
        idleLimit = call.idle_ms
        identity = call.identity
        headers = copy(call.headers, call.header_count)
        traceParent = call.trace_parent.text
        traceState = call.trace_state.text
        receiver = Receiver(context: call.context, emit: call.emit, resolve: call.resolve)
        self.registry = registry
        registry.insert(self)
    }

    deinit {
        resolve(Outcome(.internalError, "the plugin let go of the call without an answer"))
    }

    /// Hands up data, in order.
    ///
    /// - Returns: Whether to go on. After ``Flow/pause`` wait for ``onResume(_:)``; after ``Flow/stop`` resolve soon.
    @discardableResult
    public func emit(_ kind: Emission, _ data: RawSpan) -> Flow {
        data.withUnsafeBytes { emit(kind.rawValue, $0) }
    }

    /// Hands up data, in order, as ``emit(_:_:)-(_,RawSpan)``.
    @discardableResult
    public func emit(_ kind: Emission, _ data: [UInt8]) -> Flow {
        data.withUnsafeBytes { emit(kind.rawValue, $0) }
    }

    /// Tells people about work that takes time, in `start` and `open`; tells the host, in `listen`, that the stream is open.
    public func progress(_ line: String) {
        line.withBorrowedBytes { _ = emit(Emission.progress.rawValue, $0.buffer) }
    }

    /// Ends the call.
    ///
    /// - Returns: `false` when it had ended before.
    @discardableResult
    public func resolve(_ outcome: Outcome = .ok) -> Bool {
        resolve(outcome, UnsafeRawBufferPointer(start: nil, count: 0))
    }

    /// Ends the call with its last message, which may be empty.
    @discardableResult
    public func resolve(_ outcome: Outcome, last: RawSpan) -> Bool { last.withUnsafeBytes { resolve(outcome, $0) } }

    /// Ends the call with its last message, which may be empty.
    @discardableResult
    public func resolve(_ outcome: Outcome, last: [UInt8]) -> Bool { last.withUnsafeBytes { resolve(outcome, $0) } }

    /// Says what to do when nobody waits any more; at once, when that is so already. The call must still be resolved.
    ///
    /// The handler is dropped when the call is resolved. Let it hold the call weakly, or a call that is never resolved
    /// stays for ever.
    public func onCancel(_ handler: @escaping @Sendable (CancelReason) -> Void) {
        let reason = state.withLock { state -> CancelReason? in
            guard !state.delivery.isEnded else { return nil }
            if state.cancelled == nil { state.onCancel = handler }
            return state.cancelled
        }
        if let reason { handler(reason) }
    }

    /// Says what to do when the host asks for more after ``Flow/pause``. Replaces the handler before.
    public func onResume(_ handler: @escaping @Sendable () -> Void) {
        state.withLock { if !$0.delivery.isEnded { $0.onResume = handler } }
    }

    /// Whether it has ended.
    public var isResolved: Bool { state.withLock { $0.delivery.isEnded } }

    /// Why nobody waits any more, or `nil`.
    public var cancelled: CancelReason? { state.withLock { $0.cancelled } }

    func cancel(_ reason: CancelReason) {
        let handler = state.withLock { state in
            if state.cancelled == nil { state.cancelled = reason }
            defer { state.onCancel = nil }
            return state.onCancel
        }
        handler?(reason)
    }

    func resume() { state.withLock { $0.onResume }?() }

    private func emit(_ kind: UInt32, _ data: UnsafeRawBufferPointer) -> Flow {
        let loan = Loan(data)
        let verdict = state.withLock { $0.delivery.offer { (kind, loan.copy) } }
        switch verdict {
        case .never: return .stop
        case .later: return state.withLock { $0.delivery.flow }
        case .now: break
        }
        let flow = deliver(kind, data)
        drain(after: flow)
        return flow
    }

    private func resolve(_ outcome: Outcome, _ last: UnsafeRawBufferPointer) -> Bool {
        let loan = Loan(last)
        let (verdict, handlers) = state.withLock { state in
            let verdict = state.delivery.finish { (outcome, loan.copy) }
            // Taken out under the lock, released outside: what they hold may end other calls.
            let handlers = (state.onCancel, state.onResume)
            state.onCancel = nil
            state.onResume = nil
            return (verdict, handlers)
        }
        withExtendedLifetime(handlers) {}
        guard verdict != .never else { return false }
        registry.remove(id)
        if verdict == .now {
            end(outcome, last)
            drain(after: nil)
        }
        return true
    }

    private func drain(after flow: Flow?) {
        var flow = flow
        while true {
            switch state.withLock({ $0.delivery.next(after: flow) }) {
            case .item(let (kind, data)): flow = data.withUnsafeBytes { deliver(kind, $0) }
            case .end(let (outcome, last)):
                last.withUnsafeBytes { end(outcome, $0) }
                flow = nil
            case .nothing: return
            }
        }
    }

    private func deliver(_ kind: UInt32, _ data: UnsafeRawBufferPointer) -> Flow {
        Flow(rawValue: receiver.emit?(receiver.context, kind, vmcp_bytes(data)) ?? Flow.stop.rawValue) ?? .stop
    }

    private func end(_ outcome: Outcome, _ last: UnsafeRawBufferPointer) {
        outcome.withBorrowed { receiver.resolve?(receiver.context, $0, vmcp_bytes(last)) }
    }
}

/// The calls of an instance that have not ended, for `cancel` and `resume`.
final class CallRegistry: Sendable {
    private struct Entry { weak var call: Call? }
    private let calls = Mutex<[UInt64: Entry]>([:])

    func insert(_ call: Call) { calls.withLock { $0[call.id] = Entry(call: call) } }
    func remove(_ id: UInt64) { _ = calls.withLock { $0.removeValue(forKey: id) } }
    func call(_ id: UInt64) -> Call? { calls.withLock { $0[id]?.call } }
}
