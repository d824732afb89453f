import HostServices
import Synchronization
import Testing

@testable import struct HostServices.Agenda

@Suite("Timers and stores")
struct StoreTests {
    @Test("An agenda gives its items by time, equal ones in order, without those crossed out")
    func agenda() {
        var agenda = Agenda<Int>()
        var generator = SystemRandomNumberGenerator()
        var numbers: [UInt64: Int] = [:]
        let start = MonotonicInstant.now
        for item in (0..<2_000).shuffled(using: &generator) {
            numbers[agenda.insert(item, due: start.advanced(byMilliseconds: UInt64(item / 2)))] = item
        }
        let crossedOut = numbers.filter { $0.value % 3 != 0 }
        for number in crossedOut.keys { #expect(agenda.remove(number) != nil) }
        #expect(agenda.remove(99_999) == nil)
        #expect(agenda.popDue(by: start) == 0)
        var rest: [Int] = []
        while let item = agenda.popDue(by: start.advanced(byMilliseconds: 10_000)) { rest.append(item) }
        #expect(rest.map { $0 / 2 } == rest.map { $0 / 2 }.sorted())
        #expect(Set(rest) == Set((1..<2_000).filter { $0 % 3 == 0 }))
        #expect(agenda.count == 0)
    }

    @Test("Timers fire in the order they are due, and not early")
    func timers() async {
        let timers = Shared.hub.timers
        let start = MonotonicInstant.now
        let order: [UInt64] = await withCheckedContinuation { continuation in
            let fired = Mutex<[UInt64]>([])
            for delay in [60, 20, 40, 0] as [UInt64] {
                timers.start(timers.nextTimer(), after: delay) {
                    let all = fired.withLock { fired in
                        fired.append(delay)
                        return fired
                    }
                    if all.count == 4 { continuation.resume(returning: all) }
                }
            }
        }
        #expect(order == [0, 20, 40, 60])
        #expect(MonotonicInstant.now >= start.advanced(byMilliseconds: 60))
    }

    @Test("A cancelled timer does not fire, and says so once")
    func cancelled() async {
        let timers = Shared.hub.timers
        let fired = Atomic(false)
        let timer = timers.nextTimer()
        timers.start(timer, after: 3_600_000) { fired.store(true, ordering: .relaxed) }
        #expect(timers.cancel(timer))
        #expect(!timers.cancel(timer))
        #expect(!timers.cancel(12_345_678))
        let soon = timers.nextTimer()
        await withCheckedContinuation { continuation in timers.start(soon, after: 0) { continuation.resume() } }
        #expect(!timers.cancel(soon))
        let hasFired = fired.load(ordering: .relaxed)
        #expect(!hasFired)
    }

    @Test("A change of a secret is told to those who watch it, until they end it")
    func secrets() async {
        let store = Shared.hub.secrets
        store.set("test/a", Array("one".utf8))
        let (changes, continuation) = AsyncStream.makeStream(of: Void.self)
        let watch = store.nextWatch()
        #expect(store.start(watch, on: "test/a") { continuation.yield() })
        #expect(!store.start(store.nextWatch(), on: "test/unknown") {})
        store.set("test/a", Array("one".utf8))  // no change
        store.set("test/b", Array("other".utf8))
        store.set("test/a", Array("two".utf8))
        var iterator = changes.makeAsyncIterator()
        await iterator.next()
        #expect(store.value(of: "test/a") == Array("two".utf8))
        store.stop(watch)
        store.set("test/a", Array("three".utf8))
        continuation.finish()
        #expect(await iterator.next() == nil)
        store.remove("test/a")
        #expect(store.value(of: "test/a") == nil)
    }

    @Test("A watch can be ended from within its own notice")
    func ownEnd() async {
        let store = Shared.hub.secrets
        store.set("test/own", [1])
        let watch = store.nextWatch()
        await withCheckedContinuation { continuation in
            #expect(
                store.start(watch, on: "test/own") {
                    store.stop(watch)
                    continuation.resume()
                })
            store.set("test/own", [2])
        }
        // A second notice would resume the continuation again, which traps.
        store.set("test/own", [3])
    }

    @Test("An identity is known until its last use is over")
    func identities() {
        let store = IdentityStore()
        let number = store.add(ServiceIdentity(claims: [1], token: [2]) { _, _, done in done(.success([3])) })
        #expect(number != 0)
        #expect(store.retain(number))
        store.release(number)
        #expect(store[number]?.token == [2])
        store.release(number)
        #expect(store[number] == nil)
        #expect(!store.retain(number))
        #expect(store[0] == nil)
        #expect(store.count == 0)
    }

    @Test("Counters add, gauges set, histograms count, and what makes no sense is dropped")
    func metrics() {
        let registry = MetricsRegistry(mostSeries: 3)
        func series(_ name: String) -> MetricsRegistry.Series { .init(name: name, labels: ["a": "b"]) }
        registry.record(.counter, series("calls_total"), 1)
        registry.record(.counter, series("calls_total"), 2)
        registry.record(.gauge, series("depth"), 5)
        registry.record(.gauge, series("depth"), -1)
        for value in [0.001, 0.3, 0.4, 999] { registry.record(.histogram, series("wait_seconds"), value) }
        let snapshot = registry.snapshot()
        #expect(snapshot[series("calls_total")] == .counter(3))
        #expect(snapshot[series("depth")] == .gauge(-1))
        guard case .histogram(let counts, let sum) = snapshot[series("wait_seconds")] else {
            Issue.record("no histogram")
            return
        }
        #expect(counts.count == MetricsRegistry.bounds.count + 1)
        #expect(counts.first == 1)
        #expect(counts[MetricsRegistry.bounds.firstIndex(of: 0.5) ?? 0] == 2)
        #expect(counts.last == 1)
        #expect(sum == 0.001 + 0.3 + 0.4 + 999)
        registry.record(.counter, series("calls_total"), -1)
        registry.record(.gauge, series("calls_total"), 1)
        registry.record(.gauge, series("depth"), .nan)
        registry.record(.gauge, series("one_too_many"), 1)
        #expect(registry.dropped == 4)
    }
}
