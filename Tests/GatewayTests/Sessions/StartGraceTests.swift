import Testing

@testable import Gateway

@Suite("How long lists wait for backends at the start", .timeLimit(.minutes(1)))
struct StartGraceTests {
    private static func began(limit: UInt64 = 10_000, waitsForAll: Bool = false) -> (StartGrace, HeldClock) {
        let clock = HeldClock()
        let grace = StartGrace(clock: clock.clock, limit: limit, waitsForAll: waitsForAll)
        grace.begin()
        return (grace, clock)
    }

    @Test(
        "Backends have as long again as those before them took",
        arguments: [
            (readyAt: [UInt64](), limit: UInt64(10_000), end: UInt64(10_000)), ([300], 10_000, 600),
            ([300, 500], 10_000, 1_000), ([10], 10_000, 60), ([0], 10_000, 50), ([6_000], 10_000, 10_000),
            ([], 700, 700), ([10, 50], 80, 80),
        ])
    func asLongAgain(readyAt: [UInt64], limit: UInt64, end: UInt64) async {
        let (grace, clock) = Self.began(limit: limit)
        var now: UInt64 = 0
        for time in readyAt {
            clock.advance(by: time - now)
            now = time
            grace.backendReady()
        }
        let rest = end - now
        await clock.until { $0.contains(rest) }
        clock.advance(by: rest - 1)
        #expect(!grace.isOver)
        clock.advance(by: 1)
        await grace.wait()
        #expect(grace.isOver)
    }

    @Test("When lists are to be whole, one that is ready changes nothing")
    func whole() async {
        let (grace, clock) = Self.began(waitsForAll: true)
        grace.backendReady()
        await clock.sleeper(10_000)
        clock.advance(by: 9_999)
        #expect(!grace.isOver)
        clock.advance(by: 1)
        await grace.wait()
    }

    @Test("When all have answered it is over, and a late word changes nothing")
    func all() async {
        let (grace, _) = Self.began()
        grace.end()
        await grace.wait()
        grace.backendReady()
        #expect(grace.isOver)
    }

    @Test("A backend that never answers keeps nobody waiting, and what comes late is told")
    func silentBackend() async throws {
        let silent = MemoryBackend()
        silent.set { $0.heldMethods = ["initialize"] }
        let gateway = TestGateway(["a": MemoryBackend(), "b": silent])
        _ = await silent.next("initialize")
        async let session: (any ClientSession)? = {
            guard
                case .opened(let session, _) = await gateway.server.initialize(
                    try TestGateway.message(
                        """
                        {"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25",\
                        "capabilities":{},"clientInfo":{"name":"t","version":"0"}}}
                        """), principal: .anonymous, headers: [])
            else { return nil }
            return session
        }()
        await gateway.clock.until { $0.contains(StartGrace.shortest) }
        gateway.clock.advance(by: StartGrace.shortest)
        let list = try await #require(try session).ask(#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#).response()
        #expect(list?.contains("a_echo") == true)
        #expect(gateway.server.keeper.statuses.map(\.phase) == [.ready, .starting])
    }
}
