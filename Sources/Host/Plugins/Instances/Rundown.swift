import Gateway
import Synchronization

/// Counts what keeps an instance alive: calls that the plugin has not resolved and functions of it that run now.
///
/// One atomic word: the upper two bits say what is still admitted, the rest is the count. `destroy` is called only by
/// whoever turned the count of 0 into ``finished``.
final class Rundown: Sendable {
    private static let closed: UInt64 = 1 << 62
    private static let finished: UInt64 = 1 << 63
    private static let countMask = closed - 1

    private let word = Atomic<UInt64>(0)
    private let waiters = Mutex<[UInt64: CheckedContinuation<Bool, Never>]>([:])
    private let nextWaiter = Atomic<UInt64>(0)

    /// Holds now.
    var count: Int { Int(word.load(ordering: .acquiring) & Self.countMask) }

    /// Takes `holds` holds for a new call.
    /// - Returns: False once ``close()`` was called.
    func admit(_ holds: UInt64) -> Bool {
        let before = word.add(holds, ordering: .acquiringAndReleasing).oldValue
        if before & (Self.closed | Self.finished) == 0 { return true }
        leave(holds)
        return false
    }

    /// Takes `holds` holds for what belongs to an instance that may be quiescing.
    /// - Returns: False once the instance is about to be destroyed.
    func enter(_ holds: UInt64 = 1) -> Bool {
        let before = word.add(holds, ordering: .acquiringAndReleasing).oldValue
        if before & Self.finished == 0 { return true }
        leave(holds)
        return false
    }

    func leave(_ holds: UInt64 = 1) {
        let after = word.subtract(holds, ordering: .acquiringAndReleasing).newValue
        if after & Self.countMask == 0, after & Self.closed != 0 { wake() }
    }

    /// No new calls from now on.
    /// - Returns: False when that was so already.
    func close() -> Bool {
        word.bitwiseOr(Self.closed, ordering: .acquiringAndReleasing).oldValue & Self.closed == 0
    }

    /// Claims the right to destroy.
    /// - Returns: True once, when nothing is held.
    func finish() -> Bool {
        word.compareExchange(
            expected: Self.closed, desired: Self.closed | Self.finished, ordering: .acquiringAndReleasing
        ).exchanged
    }

    /// Waits until nothing is held, or until `due` (milliseconds of the monotonic clock).
    /// - Returns: Whether nothing is held. Meaningful after ``close()``.
    func drained(until due: UInt64) async -> Bool {
        let number = nextWaiter.add(1, ordering: .relaxed).newValue
        let action = DeadlineThread.shared.schedule(due: due) { [weak self] in self?.resume(number) }
        let drained = await withCheckedContinuation { continuation in
            waiters.withLock { $0[number] = continuation }
            // The count may have come to 0, or the time, before we were in the list.
            if count == 0 || MonotonicClock.now() >= due { resume(number) }
        }
        DeadlineThread.shared.forget(action)
        return drained
    }

    private func wake() {
        let numbers = waiters.withLock { Array($0.keys) }
        for number in numbers { resume(number) }
    }

    private func resume(_ number: UInt64) {
        let waiter = waiters.withLock { $0.removeValue(forKey: number) }
        waiter?.resume(returning: count == 0)
    }
}
