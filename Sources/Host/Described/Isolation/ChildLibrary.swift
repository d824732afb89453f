import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A described library in a child process: what it does wrong ends the child and not the gateway.
///
/// The child is started with the first instance and again after it ended, later and later while it goes on ending.
package final class ChildLibrary: LibraryRunner {
    private struct Instance {
        var values: [String: [Member]]
        /// The child that it is open in, and its number there.
        var child: ChildProcess?
        var number: UInt64 = 0
    }

    private struct State {
        var child: ChildProcess?
        var restart = RestartDelay()
        var instances: [UInt64: Instance] = [:]
        var last: UInt64 = 0
    }

    /// Milliseconds that the functions get that close an instance.
    private static let closingLimit: UInt64 = 5_000

    private let launch: ChildLaunch
    private let onEvent: @Sendable (String, Value) -> Void
    private let now: @Sendable () -> UInt64
    private let state = Mutex(State())
    // One start, and one opening of an instance, at a time.
    private let starting = Mutex(())

    /// - Parameter now: Monotonic milliseconds.
    package init(
        launch: ChildLaunch, now: @escaping @Sendable () -> UInt64 = ChildLibrary.monotonic,
        onEvent: @escaping @Sendable (_ callback: String, Value) -> Void = { _, _ in }
    ) {
        self.launch = launch
        self.now = now
        self.onEvent = onEvent
    }

    deinit { state.withLock { $0.child }?.stop() }

    package static let monotonic: @Sendable () -> UInt64 = {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000 + UInt64(time.tv_nsec) / 1_000_000
    }

    package func open(_ values: [String: [Member]]) throws(CallFailure) -> UInt64 {
        let number = state.withLock { state in
            state.last += 1
            state.instances[state.last] = Instance(values: values)
            return state.last
        }
        do throws(CallFailure) {
            _ = try place(of: number, deadline: 0)
        } catch {
            _ = state.withLock { $0.instances.removeValue(forKey: number) }
            throw error
        }
        return number
    }

    package func close(_ instance: UInt64) {
        // What a closing function does wrong cannot be acted upon; it has ended the child.
        do throws(CallFailure) { try closing(instance) } catch {}
    }

    /// Closes an instance, and the child with the last one.
    /// - Throws: What the closing functions did to the child.
    func closing(_ instance: UInt64) throws(CallFailure) {
        let (found, isLast) = state.withLock { state in
            (state.instances.removeValue(forKey: instance), state.instances.isEmpty)
        }
        guard let found, let child = found.child else { return }
        defer { if isLast { state.withLock { $0.child.take() }?.stop() } }
        // One that has ended has closed everything.
        guard child.ended == nil else { return }
        _ = try child.ask(nil, deadline: now() + Self.closingLimit, now: now) {
            .close(id: $0, instance: found.number)
        }
    }

    package func takeStrays() -> Int { state.withLock { $0.child }?.takeStrays() ?? 0 }

    package func call(
        _ instance: UInt64, _ function: String, _ arguments: [Member], _ terms: CallTerms
    ) throws(CallFailure) -> [Member] {
        let (child, number) = try place(of: instance, deadline: terms.deadline)
        if terms.isAbandoned() { throw CallFailure(.abandoned, "nobody waits for '\(function)' any more") }
        let reply = try asked(child) { () throws(CallFailure) in
            try child.ask(function, deadline: terms.deadline, now: now) {
                .call(
                    id: $0, instance: number, function: function, arguments: arguments, dimensions: terms.dimensions)
            }
        }
        guard case .answer(_, let members) = reply else { throw CallFailure(.unavailable, "the child gave no answer") }
        return members
    }

    /// Notices when a child has ended, so that the next waits.
    private func asked(
        _ child: ChildProcess, _ body: () throws(CallFailure) -> ChildReply
    ) throws(CallFailure) -> ChildReply {
        do throws(CallFailure) {
            return try body()
        } catch {
            if child.ended != nil { lost(child) }
            throw error
        }
    }

    private func lost(_ child: ChildProcess) {
        let time = now()
        state.withLock { state in
            guard state.child === child else { return }
            state.child = nil
            state.restart.ended(at: time)
        }
    }

    /// The child that runs, and the number of the instance there; both are made when they are missing.
    private func place(of instance: UInt64, deadline: UInt64) throws(CallFailure) -> (ChildProcess, UInt64) {
        let result = starting.withLock { _ -> Result<(ChildProcess, UInt64), CallFailure> in
            do throws(CallFailure) {
                let child = try running()
                guard let found = state.withLock({ $0.instances[instance] }) else {
                    throw CallFailure(.unavailable, "the instance is closed")
                }
                if found.child === child { return .success((child, found.number)) }
                let reply = try asked(child) { () throws(CallFailure) in
                    try child.ask(nil, deadline: deadline, now: now) { .open(id: $0, values: found.values) }
                }
                guard case .opened(_, let number) = reply else {
                    throw CallFailure(.unavailable, "the child gave no answer")
                }
                state.withLock { state in
                    state.instances[instance]?.child = child
                    state.instances[instance]?.number = number
                }
                return .success((child, number))
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    private func running() throws(CallFailure) -> ChildProcess {
        if let child = state.withLock({ $0.child }) {
            if child.ended == nil { return child }
            lost(child)
        }
        let time = now()
        let wait = state.withLock { $0.restart.wait(at: time) }
        guard wait == 0 else {
            throw CallFailure(
                .unavailable, "the process of '\(launch.library)' ended; it is started again in \(wait) ms")
        }
        state.withLock { $0.restart.began(at: time) }
        do throws(CallFailure) {
            let (child, problems) = try ChildProcess.start(launch, onEvent: onEvent)
            guard problems.isEmpty else {
                throw CallFailure(.unavailable, DescriptionError(problems).description)
            }
            state.withLock { $0.child = child }
            return child
        } catch {
            let time = now()
            state.withLock { $0.restart.ended(at: time) }
            throw error
        }
    }
}

/// When a child that ended is started again: a value without a clock.
struct RestartDelay: Sendable, Equatable {
    /// Milliseconds.
    static let first: UInt64 = 100
    static let longest: UInt64 = 30_000

    private var endings = 0
    private var beginning: UInt64 = 0
    private var due: UInt64 = 0

    /// Milliseconds until it may be started; 0 = now.
    func wait(at now: UInt64) -> UInt64 { due > now ? due - now : 0 }

    mutating func began(at now: UInt64) { beginning = now }

    /// One that ran for as long as the longest wait was well until then; what came before is forgotten. That it answered
    /// is not enough: a library may open well and end at each call.
    mutating func ended(at now: UInt64) {
        if now >= beginning + Self.longest { endings = 0 }
        due = now + min(Self.longest, Self.first << UInt64(min(endings, 20)))
        endings += 1
    }
}
