import Gateway
import Synchronization
import Testing

@testable import HostPlugins

@Suite("Plugins that may block")
struct BlockingPoolTests {
    @Test("With all threads busy calls wait, and beyond the queue they end at once, not sent")
    func full() async throws {
        let limits = PluginLimits(blockingThreads: 2, blockingQueue: 1)
        let fixture = try await RunningFixture(defines: ["BLOCKING"], limits: limits)
        #expect(fixture.report.isBlocking == true)
        let running = [Recorder(), Recorder()]
        let calls = running.map { fixture.begin("block", CallContext(), $0) }
        try await until { fixture.backend.probe.usage()?.processes == 2 }
        let waiting = Recorder()
        fixture.begin("block", CallContext(), waiting)
        let refused = await fixture.send("block")
        #expect(refused.outcome.status == .exhausted)
        #expect(refused.outcome.notSent)
        #expect(waiting.current.ends.isEmpty)
        for call in calls { fixture.backend.link.cancel(call, reason: .byClient) }
        for observer in running { #expect(await observer.ended().lastText == "unblocked") }
        try await until { fixture.backend.probe.usage()?.processes == 3 }
        await fixture.backend.stop()
        #expect(await waiting.ended().outcome == .ok)
        #expect(fixture.backend.life == .destroyed)
        try await until { fixture.pending == 0 }
    }

    @Test("A call that waits for a thread ends at its deadline or when cancelled, and the plugin never sees it")
    func forestalled() async throws {
        let limits = PluginLimits(blockingThreads: 1, blockingQueue: 8)
        let fixture = try await RunningFixture(defines: ["BLOCKING"], limits: limits)
        let running = Recorder()
        let call = fixture.begin("block", CallContext(), running)
        try await until { fixture.backend.probe.usage()?.processes == 1 }
        let timedOut = await fixture.send("block", CallContext(deadline: MonotonicClock.now() + 20))
        #expect(timedOut.outcome == Outcome(.timeout, notSent: true, message: "no thread was free in time"))
        let cancelled = Recorder()
        fixture.backend.link.cancel(fixture.begin("block", CallContext(), cancelled), reason: .byClient)
        #expect(
            await cancelled.ended().outcome
                == Outcome(.cancelled, notSent: true, message: "cancelled before it was sent"))
        try await until { fixture.pending == 1 }
        fixture.backend.link.cancel(call, reason: .byClient)
        #expect(await running.ended().lastText == "unblocked")
        // In turn after those that were given up.
        #expect(await fixture.send("hello").lastText == "hello")
        #expect(fixture.backend.probe.usage()?.processes == 1)
    }

    @Test("Work beyond threads and queue is refused, the rest is done once")
    func pool() async throws {
        let pool = BlockingPool(name: "test", threads: 2, capacity: 3)
        let gate = Monitor(false)
        let done = Atomic<Int>(0)
        func work() -> Bool {
            pool.submit {
                gate.wait { $0 ? .done(()) : .until(nil) }
                done.add(1, ordering: .relaxed)
                // The next thread that waits at the gate.
                gate.update { _ in ((), true) }
            }
        }
        #expect((0..<7).map { _ in work() } == [true, true, true, true, true, false, false])
        gate.update { open in
            open = true
            return ((), true)
        }
        try await until { done.load(ordering: .relaxed) == 5 }
        #expect(pool.waiting == 0)
        pool.close()
        #expect(!work())
    }
}
