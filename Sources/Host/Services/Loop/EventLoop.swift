import CPosix
import Glibc
import Synchronization

/// One thread that waits for descriptors, points in time and jobs, and does one thing after the other.
///
/// ``submit(_:)`` and ``isCurrent`` are for any thread. Everything else is for the loop's own thread.
package final class EventLoop: @unchecked Sendable {
    // `@unchecked`: the fields under "loop's thread only" are touched by that thread alone, which is checked in debug
    // builds; the rest is constant or behind a mutex.

    package typealias Job = @Sendable () -> Void

    /// A descriptor that is waited for.
    struct Watch: Hashable {
        fileprivate let token: UInt64
        fileprivate let descriptor: Int32
    }

    private struct Inbox {
        var jobs: [Job] = []
        /// The thread waits or is about to: whoever brings a job has to wake it. Otherwise it looks here before waiting.
        var isAsleep = false
        var isStopped = false
    }

    private struct Watcher {
        var events: UInt32
        let handle: (UInt32) -> Void
    }

    private let inbox = Mutex(Inbox())
    private let epoll: Int32
    private let alarm: Int32
    private let threadID = Atomic<Int64>(0)

    // Loop's thread only.
    private var watchers: [UInt64: Watcher] = [:]
    private var nextToken: UInt64 = 1
    private var agenda = Agenda<() -> Void>()
    private var isStopping = false
    /// When the loop last woke: a clock that costs nothing to read, late by what was done since.
    private(set) var lastWoken = MonotonicInstant.now
    /// Done before each wait, after everything else; answers whether there is more to do at once.
    var beforeWaiting: () -> Bool = { false }

    /// Starts the thread.
    ///
    /// - Parameter name: At most 15 characters, as `ps -L` shows it.
    /// - Throws: ``SystemError`` when the kernel has no descriptor or thread left.
    package init(name: String) throws(SystemError) {
        epoll = cposix_epoll()
        guard epoll >= 0 else { throw SystemError("epoll_create1", errno) }
        alarm = cposix_eventfd()
        // From here on `deinit` closes both, also when this fails.
        guard alarm >= 0 else { throw SystemError("eventfd", errno) }
        cposix_epoll_add_alarm(epoll, alarm, 0)
        // The thread owns a reference until it ends.
        let box = Unmanaged.passRetained(self)
        let error = cposix_thread(
            name, { Unmanaged<EventLoop>.fromOpaque($0!).takeRetainedValue().run() }, box.toOpaque())
        if error != 0 {
            box.release()
            throw SystemError("pthread_create", error)
        }
    }

    deinit {
        close(alarm)
        close(epoll)
    }

    /// Whether the calling thread is the loop's.
    package var isCurrent: Bool { threadID.load(ordering: .relaxed) == cposix_thread_id() }

    /// Has the loop do a job soon, after those submitted before. Dropped when the loop has been stopped.
    package func submit(_ job: @escaping Job) {
        let wake = inbox.withLock { inbox in
            if inbox.isStopped { return false }
            inbox.jobs.append(job)
            defer { inbox.isAsleep = false }
            return inbox.isAsleep
        }
        if wake { ring() }
    }

    /// Ends the thread, after the jobs submitted before; returns when it has done its last job.
    package func stop() async {
        await withCheckedContinuation { continuation in
            let accepted = inbox.withLock { inbox in
                if inbox.isStopped { return false }
                inbox.jobs.append { [unowned self] in
                    isStopping = true
                    continuation.resume()
                }
                inbox.isStopped = true
                return true
            }
            if accepted { ring() } else { continuation.resume() }
        }
    }

    private func ring() {
        // Fails only when the counter is full, after 2^64 alarms.
        var one: UInt64 = 1
        _ = write(alarm, &one, 8)
    }

    // MARK: Loop's thread only

    /// Calls `handle` with the events (`CPOSIX_READABLE` and so on) whenever one of `events` is there.
    ///
    /// - Throws: ``SystemError`` when the descriptor cannot be waited for.
    func watch(
        _ descriptor: Int32, for events: Int, _ handle: @escaping (UInt32) -> Void
    ) throws(SystemError) -> Watch {
        assert(isCurrent)
        let watch = Watch(token: nextToken, descriptor: descriptor)
        nextToken += 1
        watchers[watch.token] = Watcher(events: 0, handle: handle)
        do {
            try change(watch, to: events)
        } catch {
            watchers[watch.token] = nil
            throw error
        }
        return watch
    }

    /// Waits for other events. With 0 the descriptor is not looked at: epoll would report a hang-up otherwise even when
    /// nothing was asked, again and again.
    func change(_ watch: Watch, to events: Int) throws(SystemError) {
        guard let watcher = watchers[watch.token], watcher.events != UInt32(events) else { return }
        let events = UInt32(events)
        let result =
            if events == 0 {
                cposix_epoll_remove(epoll, watch.descriptor)
            } else if watcher.events == 0 {
                cposix_epoll_add(epoll, watch.descriptor, events, watch.token)
            } else {
                cposix_epoll_change(epoll, watch.descriptor, events, watch.token)
            }
        guard result == 0 else { throw SystemError("epoll_ctl", errno) }
        watchers[watch.token]?.events = events
    }

    /// Forgets a descriptor, which may be closed then. Events that were fetched with it are dropped.
    func unwatch(_ watch: Watch) {
        assert(isCurrent)
        guard let watcher = watchers.removeValue(forKey: watch.token), watcher.events != 0 else { return }
        // Fails when the descriptor is closed already, which takes it out as well.
        cposix_epoll_remove(epoll, watch.descriptor)
    }

    /// Does something at a time, or soon after. Returns a number for ``cancel(_:)``.
    func schedule(at due: MonotonicInstant, _ action: @escaping () -> Void) -> UInt64 {
        assert(isCurrent)
        return agenda.insert(action, due: due)
    }

    /// Makes a scheduled action not happen, if it did not.
    func cancel(_ number: UInt64) { agenda.remove(number) }

    private func run() {
        threadID.store(cposix_thread_id(), ordering: .relaxed)
        var events = [cposix_event](repeating: cposix_event(), count: 256)
        var jobs: [Job] = []
        while true {
            // Two arrays by turns, so that none has to be made.
            inbox.withLock { inbox in
                inbox.isAsleep = false
                swap(&inbox.jobs, &jobs)
            }
            for job in jobs { job() }
            jobs.removeAll(keepingCapacity: jobs.count <= EventLoop.mostKept)
            if isStopping { break }
            while let action = agenda.popDue(by: .now) { action() }
            let count = cposix_epoll_wait(epoll, &events, 256, beforeWaiting() ? 0 : waitTime())
            lastWoken = .now
            if count > 0 { for event in events[..<Int(count)] { handle(event) } }
        }
        // What they captured may hold the loop.
        watchers = [:]
        agenda = Agenda()
        beforeWaiting = { false }
    }

    /// The alarm has no watcher: it only ends the wait.
    private func handle(_ event: cposix_event) { watchers[event.token]?.handle(event.events) }

    /// Places for jobs that are kept from one round to the next.
    private static let mostKept = 1_024

    /// Milliseconds, rounded up so that nothing happens early; -1 for ever. Falls asleep unless a job waits.
    private func waitTime() -> Int32 {
        let due = agenda.firstDue()
        let now = MonotonicInstant.now
        let mayWait = inbox.withLock { inbox in
            inbox.isAsleep = inbox.jobs.isEmpty
            return inbox.isAsleep
        }
        guard mayWait else { return 0 }
        guard let due else { return -1 }
        guard due > now else { return 0 }
        return Int32(clamping: (due.nanoseconds - now.nanoseconds).dividedRoundingUp(by: 1_000_000))
    }
}

extension UInt64 {
    fileprivate func dividedRoundingUp(by divisor: UInt64) -> UInt64 { self / divisor + (self % divisor == 0 ? 0 : 1) }
}
