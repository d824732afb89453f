/// Probes a backend over the session that lists, for as long as that one lives: when nothing was heard for some time, and
/// at once when there is reason for doubt.
///
/// A probe is one small request: `server/discover` for 2026-07-28, `ping` for earlier revisions, or the plugin's own check.
final class HealthProbe: Sendable {
    private let backend: Backend
    private let session: BackendSession
    private let bell: AsyncStream<Void>
    private let ring: AsyncStream<Void>.Continuation

    init(_ backend: Backend, _ session: BackendSession) {
        (self.backend, self.session) = (backend, session)
        (bell, ring) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// The time of the next probe may have changed.
    func wake() { ring.yield() }

    /// Works until the task is cancelled.
    func run() async {
        var rings = bell.makeAsyncIterator()
        let (health, clock) = (backend.health, backend.clock)
        while !Task.isCancelled {
            let now = clock.now()
            let due = health.probeDue
            if let due, due <= now {
                // Whoever has begun a trial otherwise will say how it ended.
                if health.begin() { await probe() } else { _ = await rings.next() }
                continue
            }
            let alarm = due.map { due in
                Task { [ring] in
                    do { try await clock.sleep(due - now) } catch { return }
                    ring.yield()
                }
            }
            defer { alarm?.cancel() }
            if await rings.next() == nil { return }
        }
    }

    private func probe() async {
        let health = backend.health
        let began = backend.clock.now()
        let isInDoubt = health.state.consecutiveFailures > 0
        let outcome = await ask(began + health.state.settings.timeout)
        guard session.server != nil, !Task.isCancelled else { return health.note(.none, from: .probe) }
        if outcome.status == .ok {
            let isSlow = backend.clock.now() >= began + HealthSettings.slow
            return health.note(.answered(isSlow: isSlow), from: .probe)
        }
        // Some servers do one thing at a time. Calls have limits of their own, and the first that fails brings doubt.
        if outcome.status == .timeout, !isInDoubt, backend.isBusy { return health.note(.none, from: .probe) }
        health.ended(outcome, from: .probe, began: began)
    }

    /// - Returns: ``Outcome/Status/ok`` for any answer, an error too: the backend is there.
    private func ask(_ deadline: UInt64) async -> Outcome {
        let context = CallContext(deadline: deadline)
        if backend.checksItself { return await backend.check(context) }
        if session.isModern { return await session.probeEra(context) }
        do throws(Outcome) {
            _ = try await session.request(method: "ping", params: nil, context: context)
            return .ok
        } catch {
            return error
        }
    }
}
