package import PluginKit
import Synchronization

/// The one process of a server with an HTTP transport: started when it is first needed, and again when it died.
package final class PortServer: Sendable {
    /// Milliseconds that a server may take until it answers.
    package static let standardPatience: UInt64 = 120_000
    /// Milliseconds between two questions at first; doubled up to the ceiling.
    private static let firstPause: UInt64 = 50
    private static let longestPause: UInt64 = 500

    private enum Phase: Sendable { case idle, starting, ready }
    private typealias Waiter = (call: Call, use: @Sendable (Int) -> Void)

    private struct State: Sendable {
        var phase = Phase.idle
        var life: PortLife?
        var waiters: [Waiter] = []
        var isQuiescing = false
        var quiescence: Call?
    }

    private let runtime: any Runtime
    private let host: HostServices
    private let restarts: Restarts
    private let patience: UInt64
    private let onDeath: @Sendable (Outcome) -> Void
    private let state = Mutex(State())

    /// - Parameters:
    ///   - patience: Milliseconds that a server may take until it answers.
    ///   - onDeath: Called when a server has ended.
    package init(
        _ runtime: any Runtime, _ host: HostServices, patience: UInt64 = PortServer.standardPatience,
        onDeath: @escaping @Sendable (Outcome) -> Void = { _ in }
    ) {
        self.patience = patience
        self.runtime = runtime
        self.host = host
        self.onDeath = onDeath
        restarts = Restarts(host: host)
    }

    var isRunning: Bool { state.withLock { $0.life != nil } }

    package func check(_ done: @escaping @Sendable () -> Void) {
        runtime.check { [restarts] error in
            if let error { restarts.refused(error) }
            done()
        }
    }

    /// Calls `use` with the port once the server answers there, or resolves the call.
    package func whenReady(_ call: Call, _ use: @escaping @Sendable (Int) -> Void) {
        // Before the call can be found among the waiters: whoever takes it from there sets a handler of its own.
        call.onCancel { [weak self, weak call] reason in
            guard let call else { return }
            self?.state.withLock { $0.waiters.removeAll { $0.call === call } }
            let status: Status = reason == .deadline ? .timeout : .cancelled
            call.resolve(
                Outcome(status, "given up while \(self?.runtime.summary ?? "the server") was starting", notSent: true))
        }
        enum Step { case use(Int), wait, start, refuse }
        let step = state.withLock { state -> Step in
            if state.isQuiescing { return .refuse }
            switch (state.phase, state.life) {
            case (.ready, .some(let life)): return .use(life.reachedAt ?? life.port)
            case (.starting, _):
                state.waiters.append((call, use))
                return .wait
            default: return .start
            }
        }
        switch step {
        case .use(let port): use(port)
        case .refuse: call.resolve(Outcome(.unavailable, "the backend is being shut down", notSent: true))
        case .start: restarts.whenAllowed(call) { [self] in start(call, use) }
        case .wait: break
        }
    }

    private func start(_ call: Call, _ use: @escaping @Sendable (Int) -> Void) {
        let life: PortLife
        do throws(PluginError) {
            life = PortLife(port: try runtime.port(), isElsewhere: runtime.choosesPort, host: host) {
                [weak self] life, reason in self?.exited(life, reason)
            }
        } catch {
            call.resolve(Outcome(error.status, error.message, notSent: true))
            return
        }
        let isFirst = state.withLock { state in
            guard state.phase == .idle, !state.isQuiescing else { return false }
            state.phase = .starting
            state.life = life
            return true
        }
        // Whether first or not: wait for what is being started.
        call.progress("starting \(runtime.summary) on port \(life.port)")
        whenReady(call, use)
        guard isFirst else { return }
        runtime.prepare(progress: { [weak self] in self?.tell($0) }) { [self] error in
            if let error { refused(life, error) } else { launch(life) }
        }
    }

    private func launch(_ life: PortLife) {
        do {
            try life.launch(runtime)
        } catch {
            return refused(life, error)
        }
        ask(life, pause: Self.firstPause)
    }

    private func refused(_ life: PortLife, _ error: PluginError) {
        restarts.refused(error)
        fail(life, Outcome(error.status, error.message, notSent: true))
    }

    private func tell(_ text: String) {
        for waiter in state.withLock({ $0.waiters }) { waiter.call.progress(text) }
    }

    private func ask(_ life: PortLife, pause: UInt64) {
        guard state.withLock({ $0.life === life && $0.phase == .starting }) else { return }
        guard host.timer.now < life.startedAt + patience else {
            host.log.error("server does not answer on its port", [Header("port", "\(life.port)")])
            return life.stop("the server did not answer on port \(life.port) within \(patience / 1_000) s")
        }
        guard let port = life.reachedAt, port > 0 else {
            host.timer.after(pause) { [self] in ask(life, pause: pause) }
            return
        }
        PortProbe.ask(port: port, host: host) { [self] answers in
            if answers {
                ready(life)
            } else {
                host.timer.after(pause) { [self] in ask(life, pause: min(2 * pause, Self.longestPause)) }
            }
        }
    }

    private func ready(_ life: PortLife) {
        let waiters = state.withLock { state -> [Waiter] in
            guard state.life === life, state.phase == .starting else { return [] }
            state.phase = .ready
            defer { state.waiters = [] }
            return state.waiters
        }
        restarts.works()
        for waiter in waiters where !waiter.call.isResolved { waiter.use(life.reachedAt ?? life.port) }
    }

    private func exited(_ life: PortLife, _ reason: String) {
        let isWanted = state.withLock { !$0.isQuiescing }
        if isWanted { restarts.died(startedAt: life.startedAt, reason) }
        fail(life, Outcome(.unavailable, reason, notSent: true))
    }

    private func fail(_ life: PortLife, _ outcome: Outcome) {
        let (waiters, quiescence) = state.withLock { state -> ([Waiter], Call?) in
            guard state.life === life else { return ([], nil) }
            state.phase = .idle
            state.life = nil
            defer {
                state.waiters = []
                state.quiescence = nil
            }
            return (state.waiters, state.quiescence)
        }
        for waiter in waiters { waiter.call.resolve(outcome) }
        var lost = outcome
        lost.sessionLost = true
        lost.notSent = false
        onDeath(lost)
        quiescence?.resolve()
    }

    /// Ends the server; the call is resolved when it is gone.
    package func quiesce(_ call: Call) {
        let life = state.withLock { state in
            state.isQuiescing = true
            if state.life != nil { state.quiescence = call }
            return state.life
        }
        runtime.cancel()
        if let life { life.stop() } else { call.resolve() }
    }
}
