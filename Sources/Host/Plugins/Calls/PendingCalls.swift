import Gateway
import PluginAPI
import Synchronization

/// What happened to the calls of a plugin.
package struct CallCounts: Sendable, Equatable {
    /// Calls made.
    package var begun: UInt64 = 0
    /// Calls ended by the host at their deadline or idle limit.
    package var timedOut: UInt64 = 0
    /// Calls that the plugin resolved after the host had ended them. No misbehaviour: it must resolve them.
    package var late: UInt64 = 0
    /// Calls that the plugin has not resolved.
    package var pending = 0
}

/// The calls that one plugin has not resolved yet.
///
/// The plugin gets a call's number as its context, never a pointer: a second, late or foreign answer finds no entry and
/// is counted instead of touching freed memory. A call that the host ended by itself (deadline, limit) stays until the
/// plugin resolves it, since the instance must not be destroyed under it.
final class PendingCalls: Sendable {
    // Calls of one plugin come from many threads; eight locks keep them out of each other's way.
    private static let shardCount = 8
    private let shards: [Shard]
    private let misbehaviour: MisbehaviourLog
    private let messageLimit: Int
    private let begun = Atomic<UInt64>(0)
    private let timedOut = Atomic<UInt64>(0)
    private let late = Atomic<UInt64>(0)

    private final class Shard: Sendable {
        let calls = Mutex<[ContextNumber: PendingCall]>([:])
    }

    init(misbehaviour: MisbehaviourLog, messageLimit: Int) {
        self.misbehaviour = misbehaviour
        self.messageLimit = messageLimit
        shards = (0..<Self.shardCount).map { _ in Shard() }
    }

    var counts: CallCounts {
        CallCounts(
            begun: begun.load(ordering: .relaxed), timedOut: timedOut.load(ordering: .relaxed),
            late: late.load(ordering: .relaxed),
            pending: shards.reduce(0) { $0 + $1.calls.withLock { $0.count } })
    }

    private func shard(_ number: ContextNumber) -> Shard { shards[Int(number.serial) & (Self.shardCount - 1)] }

    func isPending(_ number: ContextNumber) -> Bool { shard(number).calls.withLock { $0[number] != nil } }

    /// Enters a call, whose deadline is watched from now on. The owner is held until the plugin resolves.
    func add(
        _ number: ContextNumber, owner: any CallOwner, observer: any BackendCallObserver, context: CallContext
    ) -> PendingCall {
        let now = MonotonicClock.now()
        let call = PendingCall(number, owner: owner, observer: observer, context: context, now: now)
        shard(number).calls.withLock { $0[number] = call }
        begun.add(1, ordering: .relaxed)
        if let due = call.due(now: now) { DeadlineThread.shared.watch(number, due: due) }
        return call
    }

    /// Ends a call that the plugin was not called for yet, and takes it out.
    /// - Returns: False when the plugin has it, or when it has ended.
    @discardableResult
    func forestall(_ call: PendingCall, _ outcome: Outcome) -> Bool {
        guard call.forestall(outcome) else { return false }
        shard(call.number).calls.withLock { _ = $0.removeValue(forKey: call.number) }
        call.owner.callResolved()
        return true
    }

    // MARK: What plugins call

    func emit(_ number: ContextNumber, kind: UInt32, _ data: UnsafeRawBufferPointer) -> Flow {
        guard let call = shard(number).calls.withLock({ $0[number] }) else {
            countStray(number, .emittedAfterEnd)
            return .stop
        }
        let now = MonotonicClock.now()
        let piece: CallProgress.Piece
        switch Int(kind) {
        case VMCP_MESSAGE:
            if data.count > messageLimit { return exceed(call) }
            piece = .message(Array(data))
        case VMCP_RESULT_CHUNK:
            return call.emit(chunk: data, limit: messageLimit, now: now) ?? exceed(call)
        case VMCP_PROGRESS:
            piece = .progress(String(decoding: data.prefix(1_024), as: UTF8.self))
        default:
            misbehaviour.count(.unknownKind, number.serial)
            return call.isWrittenOff ? .stop : .go
        }
        let (flow, concurrent) = call.emit(piece, now: now)
        if concurrent { misbehaviour.count(.concurrentEmit, number.serial) }
        return flow
    }

    func resolve(_ number: ContextNumber, _ outcome: Outcome, last: UnsafeRawBufferPointer) {
        guard let call = shard(number).calls.withLock({ $0.removeValue(forKey: number) }) else {
            return countStray(number, .resolvedTwice)
        }
        if call.resolve(outcome, last: last, limit: messageLimit) { late.add(1, ordering: .relaxed) }
    }

    /// The observer of a pending call, for what comes beside emit and resolve (the sinks of auth and embedding).
    func observer(of number: ContextNumber) -> (any BackendCallObserver)? {
        guard let call = shard(number).calls.withLock({ $0[number] }) else {
            countStray(number, .emittedAfterEnd)
            return nil
        }
        return call.isWrittenOff ? nil : call.observer
    }

    private func countStray(_ number: ContextNumber, _ kind: Misbehaviour) {
        let known = CallbackDirectory.ledger(of: number)?.gave(number) == true
        misbehaviour.count(known ? kind : .foreignContext, number.serial)
    }

    private func exceed(_ call: PendingCall) -> Flow {
        if call.writeOff(CallProgress.tooLarge(messageLimit)) { adviseCancel(call, .deadline) }
        return .stop
    }

    // MARK: What the host does

    /// Ends the host's wait for a call whose time is over.
    /// - Returns: When to ask again; `nil` = never.
    func expire(_ number: ContextNumber, now: UInt64) -> UInt64? {
        guard let call = shard(number).calls.withLock({ $0[number] }) else { return nil }
        switch call.check(now: now) {
        case .over: return nil
        case .later(let due): return due
        case .expired:
            if forestall(call, Outcome(.timeout, notSent: true, message: "no thread was free in time")) {
                timedOut.add(1, ordering: .relaxed)
            } else if call.writeOff(Outcome(.timeout, message: "the backend did not answer in time")) {
                timedOut.add(1, ordering: .relaxed)
                adviseCancel(call, .deadline)
            }
            return nil
        }
    }

    /// Advises the plugin that nobody waits for a call any more.
    func cancel(_ number: ContextNumber, reason: CancelReason) {
        guard let call = held(number) else { return }
        defer { call.owner.callResolved() }
        let outcome = Outcome(.cancelled, notSent: true, message: "cancelled before it was sent")
        if !forestall(call, outcome), call.cancel(reason) { call.owner.advise(cancel: number, reason: reason) }
    }

    /// Ends the host's wait for a call and advises the plugin of it, because the waiting task was cancelled.
    func giveUp(_ number: ContextNumber) {
        cancel(number, reason: .shutdown)
        guard let call = shard(number).calls.withLock({ $0[number] }) else { return }
        _ = call.writeOff(Outcome(.cancelled, message: "nobody waits for it any more"))
    }

    func resume(_ number: ContextNumber) {
        guard let call = held(number) else { return }
        defer { call.owner.callResolved() }
        if call.resume(now: MonotonicClock.now()) { call.owner.advise(resume: number) }
    }

    /// The numbers of all calls of an owner.
    func numbers(of owner: any CallOwner) -> [ContextNumber] {
        shards.flatMap { $0.calls.withLock { calls in calls.values.filter { $0.owner === owner }.map(\.number) } }
    }

    /// Ends the host's wait for all calls of an owner, whatever the plugin does.
    /// - Returns: How many the plugin still has.
    func writeOff(of owner: any CallOwner, _ outcome: Outcome) -> Int {
        let calls = shards.flatMap { $0.calls.withLock { calls in calls.values.filter { $0.owner === owner } } }
        return calls.count { call in
            if forestall(call, outcome) { return false }
            _ = call.writeOff(outcome)
            return true
        }
    }

    /// A pending call with its owner held: as long as the entry stands, the instance cannot be destroyed.
    private func held(_ number: ContextNumber) -> PendingCall? {
        shard(number).calls.withLock { calls in
            guard let call = calls[number] else { return nil }
            call.owner.hold()
            return call
        }
    }

    /// On another thread: a plugin whose `cancel` blocks must not hold up the deadlines of others, nor may it be called
    /// from inside its own `emit`.
    private func adviseCancel(_ call: PendingCall, _ reason: CancelReason) {
        let number = call.number
        // Advice only: with a full queue the plugin simply is not advised.
        _ = Self.advisers.submit { self.cancel(number, reason: reason) }
    }

    private static let advisers = BlockingPool(name: "vmcp-advice", threads: 2, capacity: 4_096)
}
