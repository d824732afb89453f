import Gateway
import Testing

@testable import HostPlugins

@Suite("How far a call is")
struct CallProgressTests {
    private let nothing = UnsafeRawBufferPointer(start: nil, count: 0)

    private func finish(_ progress: inout CallProgress, _ outcome: Outcome, by ender: CallProgress.Ender)
        -> CallProgress.EndAction
    {
        progress.finish(outcome, last: nothing, by: ender, limit: 100)
    }

    @Test("The end that comes while data is handed over waits for it")
    func endWaits() {
        var progress = CallProgress(deadline: 0, idle: 0, now: 0)
        #expect(progress.emit(.progress("a"), now: 0) == .deliver)
        #expect(progress.emit(.progress("b"), now: 0) == .left(.go))
        #expect(finish(&progress, .ok, by: .plugin) == .left)
        #expect(progress.next(after: .go, canPause: true) == .deliver(.progress("b")))
        let end = CallProgress.End(outcome: .ok, last: [])
        #expect(progress.next(after: .go, canPause: true) == .end(end, resolved: true))
        #expect(finish(&progress, .ok, by: .plugin) == .late)
    }

    @Test("The plugin's late resolve after the host's end is told apart")
    func lateResolve() {
        var progress = CallProgress(deadline: 0, idle: 0, now: 0)
        #expect(progress.emit(.progress("a"), now: 0) == .deliver)
        #expect(finish(&progress, Outcome(.timeout), by: .host) == .left)
        #expect(finish(&progress, .ok, by: .plugin) == .late)
        let end = CallProgress.End(outcome: Outcome(.timeout), last: [])
        #expect(progress.next(after: .go, canPause: true) == .end(end, resolved: false))
    }

    @Test(
        "Data extends the idle limit, never the deadline",
        arguments: [
            (100, 0, 50, 100), (0, 30, 50, 80), (100, 30, 50, 80), (100, 80, 50, 100),
        ] as [(UInt64, UInt64, UInt64, UInt64)])
    func due(deadline: UInt64, idle: UInt64, activity: UInt64, due: UInt64) {
        var progress = CallProgress(deadline: deadline, idle: idle, now: 0)
        #expect(progress.emit(.progress(""), now: activity) == .deliver)
        #expect(progress.next(after: .go, canPause: true) == .idle(.go))
        #expect(progress.check(now: due - 1) == .later(due))
        #expect(progress.check(now: due) == .expired)
    }

    @Test("Silence that the host asked for is not the plugin's")
    func paused() {
        var progress = CallProgress(deadline: 0, idle: 30, now: 0)
        #expect(progress.emit(.progress(""), now: 10) == .deliver)
        #expect(progress.next(after: .pause, canPause: true) == .idle(.pause))
        #expect(progress.check(now: 1_000) == .later(1_030))
        let mustTell = progress.resume(now: 1_000)
        #expect(mustTell)
        #expect(progress.check(now: 1_030) == .expired)
        let again = progress.resume(now: 1_000)
        #expect(!again)
    }

    @Test("A call without limits is never due, and an ended one neither")
    func never() {
        var progress = CallProgress(deadline: 0, idle: 0, now: 0)
        #expect(progress.check(now: .max) == .over)
        progress = CallProgress(deadline: 5, idle: 0, now: 0)
        #expect(finish(&progress, .ok, by: .plugin) == .deliver)
        #expect(progress.check(now: 10) == .over)
    }

    @Test("A cancel that overtakes the call waits until the plugin knows it, unless its functions block")
    func overtakingCancel() {
        var progress = CallProgress(deadline: 0, idle: 0, now: 0)
        let now = progress.cancel(.byClient, isBlocking: false)
        #expect(!now)
        let waited = progress.functionReturned()
        #expect(waited == .byClient)
        let after = progress.cancel(.byClient, isBlocking: false)
        #expect(after)
        var blocking = CallProgress(deadline: 0, idle: 0, now: 0)
        let atOnce = blocking.cancel(.byClient, isBlocking: true)
        #expect(atOnce)
        let nothing = blocking.functionReturned()
        #expect(nothing == nil)
    }

    @Test("A call that has ended is not begun, and one that was begun stays so")
    func begin() {
        var progress = CallProgress(deadline: 0, idle: 0, now: 0)
        #expect(finish(&progress, Outcome(.cancelled), by: .host) == .deliver)
        let began = progress.begin()
        #expect(!began)
    }

    @Test("A last message over the limit turns the end into exhausted")
    func tooLarge() {
        var progress = CallProgress(deadline: 0, idle: 0, now: 0)
        let bytes = [UInt8](repeating: 1, count: 60)
        bytes.withUnsafeBytes { bytes in
            #expect(progress.emit(chunk: bytes, limit: 100, now: 0) == .go)
            #expect(progress.finish(.ok, last: bytes, by: .plugin, limit: 100) == .deliver)
        }
        #expect(progress.takeEnd()?.outcome.status == .exhausted)
    }

    @Test("The heap gives moments in their order and forgets what is stale")
    func heap() {
        var heap = DeadlineHeap()
        let dues: [UInt64] = [5, 3, 9, 1, 7, 3, 8, 2]
        for (number, due) in dues.enumerated() {
            _ = heap.push(DeadlineHeap.Item(due: due, number: UInt64(number)))
        }
        heap.removeAll { $0 == 2 || $0 == 3 }
        var order: [UInt64] = []
        while let item = heap.pop(at: 7) { order.append(item.due) }
        #expect(order == [2, 3, 3, 5, 7])
        #expect(heap.earliest == 8)
        #expect(heap.count == 1)
    }

    @Test(
        "The 1st, 10th, 100th of a kind is logged",
        arguments: [
            (0, false), (1, true), (2, false), (10, true), (11, false), (20, false), (100, true), (1_000_000, true),
        ] as [(UInt64, Bool)])
    func logged(count: UInt64, isLogged: Bool) {
        #expect((count > 0 && MisbehaviourLog.isPowerOfTen(count)) == isLogged)
    }
}
