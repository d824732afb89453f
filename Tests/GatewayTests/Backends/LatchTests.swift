@testable import Gateway
import Testing

@Suite("Waiting for something that happens once")
struct LatchTests {
    @Test("Whoever waits goes on when it happens; whoever comes later does not wait")
    func opens() async {
        let latch = Latch()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<10 { group.addTask { await latch.wait(limit: nil, clock: HeldClock().clock) } }
            latch.open()
        }
        await latch.wait(limit: nil, clock: HeldClock().clock)
        #expect(latch.isOpen)
    }

    @Test("A wait with a limit ends at the limit")
    func limit() async {
        let (latch, clock) = (Latch(), HeldClock())
        async let waiting: Void = latch.wait(limit: 50, clock: clock.clock)
        await clock.sleeper(50)
        clock.advance(by: 50)
        await waiting
        #expect(!latch.isOpen)
    }
}
