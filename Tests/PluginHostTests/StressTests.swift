import Gateway
import Synchronization
import Testing

@testable import HostPlugins

@Suite("Many calls at a time")
struct StressTests {
    /// Counts ends; what it gets is the same for all calls.
    private final class Tally: BackendCallObserver {
        let ends = Atomic<Int>(0)
        let ok = Atomic<Int>(0)
        let messages = Atomic<Int>(0)

        func received(_ message: [UInt8]) -> Flow {
            messages.add(1, ordering: .relaxed)
            return .go
        }
        func progressed(_ text: String) {}
        func ended(_ outcome: Outcome, last: [UInt8]) {
            if outcome == .ok { ok.add(1, ordering: .relaxed) }
            ends.add(1, ordering: .relaxed)
        }
    }

    @Test("A hundred thousand calls from eight threads, sloppily treated, end once each and leave nothing behind")
    func sloppy() async throws {
        let fixture = try await RunningFixture()
        let before = fixture.backend.counts.begun
        let perThread = 12_500
        let tally = Tally()
        let threads = Atomic<Int>(0)
        for _ in 0..<8 {
            let started = WorkerThread.start("stress") {
                for _ in 0..<perThread {
                    let call = fixture.backend.link.send(
                        1, Array("sloppy".utf8), context: CallContext(deadline: MonotonicClock.now() + 600_000),
                        observer: tally)
                    // A quarter is kept by the fixture until it is cancelled; a cancel of the others finds nothing.
                    fixture.backend.link.cancel(call, reason: .byClient)
                }
                threads.add(1, ordering: .relaxed)
            }
            #expect(started)
        }
        try await until { threads.load(ordering: .relaxed) == 8 }
        let calls = 8 * perThread
        #expect(tally.ends.load(ordering: .relaxed) == calls)
        #expect(fixture.backend.counts.begun - before == UInt64(calls))
        #expect(fixture.backend.counts.late == 0)
        #expect(fixture.backend.counts.timedOut == 0)
        try await until { fixture.pending == 0 }
        // Numbers are given in turn, so a quarter each; three quarters end well, one is cancelled.
        #expect(tally.ok.load(ordering: .relaxed) == calls / 4 * 3)
        #expect(tally.messages.load(ordering: .relaxed) == calls / 4)
        #expect(fixture.misbehaviour == [.resolvedTwice: UInt64(calls / 4)])
        await fixture.backend.stop()
        #expect(fixture.backend.life == .destroyed)
    }

    @Test("Deadlines that were not reached do not pile up")
    func deadlines() async throws {
        let fixture = try await RunningFixture()
        let tally = Tally()
        let before = DeadlineThread.shared.count
        for _ in 0..<20_000 {
            fixture.backend.link.send(
                1, [], context: CallContext(deadline: MonotonicClock.now() + 600_000), observer: tally)
        }
        #expect(tally.ok.load(ordering: .relaxed) == 20_000)
        // Other tests watch deadlines too: the bound is far from both what is right and what is wrong.
        #expect(DeadlineThread.shared.count < before + 15_000)
    }
}
