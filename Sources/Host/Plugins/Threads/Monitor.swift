#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A value behind a lock that threads of our own can wait on: `Mutex` has no condition.
///
/// `@unchecked`: the value is touched only between `pthread_mutex_lock` and `pthread_mutex_unlock`.
final class Monitor<State: Sendable>: @unchecked Sendable {
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let condition: UnsafeMutablePointer<pthread_cond_t>
    private var state: State

    init(_ state: State) {
        self.state = state
        mutex = .allocate(capacity: 1)
        mutex.initialize(to: pthread_mutex_t())
        pthread_mutex_init(mutex, nil)
        condition = .allocate(capacity: 1)
        condition.initialize(to: pthread_cond_t())
        #if canImport(Darwin)
            pthread_cond_init(condition, nil)
        #else
            var attributes = pthread_condattr_t()
            pthread_condattr_init(&attributes)
            pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
            pthread_cond_init(condition, &attributes)
            pthread_condattr_destroy(&attributes)
        #endif
    }

    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(mutex)
        condition.deallocate()
        mutex.deallocate()
    }

    func withLock<Answer>(_ body: (inout State) -> Answer) -> Answer {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return body(&state)
    }

    /// Changes the value and wakes one waiting thread when `body` says so.
    func update<Answer>(_ body: (inout State) -> (answer: Answer, wake: Bool)) -> Answer {
        pthread_mutex_lock(mutex)
        let (answer, wake) = body(&state)
        pthread_mutex_unlock(mutex)
        if wake { pthread_cond_signal(condition) }
        return answer
    }

    /// Waits until `body` answers something.
    /// - Parameter body: Called under the lock, first at once and then after each wake-up. It either answers, or tells
    ///   when to ask again without a wake-up: milliseconds of the monotonic clock, `nil` = not before one.
    func wait<Answer>(_ body: (inout State) -> Wait<Answer>) -> Answer {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while true {
            switch body(&state) {
            case .done(let answer): return answer
            case .until(nil): pthread_cond_wait(condition, mutex)
            case .until(.some(let due)):
                #if canImport(Darwin)
                    var now = timespec()
                    clock_gettime(CLOCK_MONOTONIC, &now)
                    let elapsed = UInt64(now.tv_sec) * 1_000 + UInt64(now.tv_nsec) / 1_000_000
                    let left = due > elapsed ? due - elapsed : 0
                    var time = timespec(tv_sec: Int(left / 1_000), tv_nsec: Int(left % 1_000) * 1_000_000)
                    pthread_cond_timedwait_relative_np(condition, mutex, &time)
                #else
                    var time = timespec(tv_sec: Int(due / 1_000), tv_nsec: Int(due % 1_000) * 1_000_000)
                    pthread_cond_timedwait(condition, mutex, &time)
                #endif
            }
        }
    }

    enum Wait<Answer> {
        case done(Answer)
        case until(UInt64?)
    }
}
