import MCPServerCore
import Testing

@Suite("Restarts")
struct RestartPolicyTests {
    @Test("Delays double up to the ceiling")
    func doubling() {
        var policy = RestartPolicy()
        #expect(policy.delay(now: 0) == 0)
        var delays: [UInt64] = []
        for now in stride(from: UInt64(1_000_000), to: 1_900_000, by: 100_000) {
            policy.died(startedAt: now - 10, now: now)
            delays.append(policy.delay(now: now))
        }
        #expect(delays == [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000])
    }

    @Test("A delay runs out with time")
    func runsOut() {
        var policy = RestartPolicy()
        policy.died(startedAt: 0, now: 1_000)
        #expect(policy.delay(now: 1_400) == 100)
        #expect(policy.delay(now: 1_500) == 0)
    }

    @Test(
        "A sound life makes up for earlier deaths", arguments: [(59_999, 2_000), (60_000, 500)] as [(UInt64, UInt64)])
    func soundLife(life: UInt64, delay: UInt64) {
        var policy = RestartPolicy()
        policy.died(startedAt: 0, now: 10)
        policy.died(startedAt: 600, now: 700)
        policy.died(startedAt: 10_000, now: 10_000 + life)
        #expect(policy.delay(now: 10_000 + life) == delay)
    }

    @Test("One line passes in each interval, and says how many it stands for")
    func logLimit() {
        var limit = LogLimit(interval: 10)
        #expect([0, 1, 9, 10, 11, 25].map { limit.pass(now: $0) } == [1, nil, nil, 3, nil, 2])
    }
}
