import PluginKit
import Synchronization

/// Watches over the lives of an instance's servers: lets starts wait, and says in the state of the instance how it is.
final class Restarts: Sendable {
    /// Deaths in a row from which the instance counts as down.
    private static let deathsUntilDown = 3

    private struct State: Sendable {
        var policy = RestartPolicy()
        var isTroubled = false
    }

    private let host: HostServices
    private let state = Mutex(State())

    init(host: HostServices) { self.host = host }

    /// Calls `start` once a start is allowed, at once or after the delay; or resolves the call, when it cannot wait so
    /// long or is cancelled.
    func whenAllowed(_ call: Call, _ start: @escaping @Sendable () -> Void) {
        let now = host.timer.now
        let delay = state.withLock { $0.policy.delay(now: now) }
        if delay == 0 {
            if !call.isResolved { start() }
            return
        }
        guard call.deadline == 0 || now + delay < call.deadline else {
            call.resolve(
                Outcome(
                    .unavailable, "the server died and starts again in \(delay) ms", notSent: true, retryAfter: delay))
            return
        }
        let timer = host.timer.after(delay) { [self] in whenAllowed(call, start) }
        call.onCancel { [weak call] reason in
            timer.cancel()
            let status: Status = reason == .deadline ? .timeout : .cancelled
            call?.resolve(Outcome(status, "given up while the server waited for its restart", notSent: true))
        }
    }

    /// A server could not be started at all.
    func refused(_ error: PluginError) {
        state.withLock { $0.isTroubled = true }
        host.state.down(error.message)
    }

    /// A server died by itself.
    func died(startedAt: UInt64, _ reason: String) {
        let now = host.timer.now
        let (deaths, delay) = state.withLock { state in
            state.policy.died(startedAt: startedAt, now: now)
            state.isTroubled = true
            return (state.policy.deaths, state.policy.delay(now: now))
        }
        host.metrics.count("server_deaths_total")
        host.log.warning("server died", [Header("reason", reason), Header("restart_in_ms", "\(delay)")])
        let text = "\(reason); it may start again in \(delay) ms"
        if deaths >= Self.deathsUntilDown { host.state.down(text) } else { host.state.degraded(text) }
    }

    /// A server works.
    func works() {
        let recovers = state.withLock { state in
            defer { state.isTroubled = false }
            return state.isTroubled
        }
        if recovers { host.state.ready() }
    }
}
