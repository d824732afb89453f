import Testing

@testable import HostHTTP

@Suite("Event buffer")
struct EventBufferTests {
    private func event(_ number: Int, bytes: Int = 10) -> [UInt8] { [UInt8](repeating: UInt8(number), count: bytes) }

    @Test("Replays what follows an index, in order, and nothing after the last")
    func replay() {
        var buffer = EventBuffer()
        for number in 1...5 { _ = buffer.append(event(number), limits: .init()) }
        #expect(Array(buffer.events(after: 0)) == (1...5).map { event($0) })
        #expect(Array(buffer.events(after: 3)) == [event(4), event(5)])
        for beyond in [5, 6, Int.max] { #expect(buffer.events(after: beyond).isEmpty) }
    }

    @Test("One event more than the bound makes the oldest go; indices go on")
    func count() {
        var buffer = EventBuffer()
        let limits = EventBuffer.Limits(events: 3, bytes: 1000)
        for number in 1...3 { _ = buffer.append(event(number), limits: limits) }
        #expect(buffer.count == 3)
        let isHeld = buffer.append(event(4), limits: limits)
        #expect(isHeld)
        #expect(Array(buffer.events(after: 0)) == [event(2), event(3), event(4)])
        #expect(Array(buffer.events(after: 3)) == [event(4)])
        #expect(buffer.next == 5)
    }

    @Test("One byte more than the bound makes the oldest go")
    func bytes() {
        var buffer = EventBuffer()
        let limits = EventBuffer.Limits(events: 100, bytes: 30)
        for number in 1...3 { _ = buffer.append(event(number), limits: limits) }
        #expect(buffer.bytes == 30 && buffer.count == 3)
        let isHeld = buffer.append(event(4, bytes: 1), limits: limits)
        #expect(isHeld)
        #expect(buffer.bytes == 21 && Array(buffer.events(after: 0)).first == event(2))
    }

    @Test("An event larger than the bound is not held, nor what came before it: a gap would be unseen")
    func tooLarge() {
        var buffer = EventBuffer()
        let limits = EventBuffer.Limits(events: 100, bytes: 30)
        _ = buffer.append(event(1), limits: limits)
        let isHeld = buffer.append(event(2, bytes: 31), limits: limits)
        #expect(!isHeld)
        #expect(buffer.bytes == 0 && buffer.count == 0 && buffer.next == 3)
        let isHeldAgain = buffer.append(event(3), limits: limits)
        #expect(isHeldAgain)
        #expect(Array(buffer.events(after: 0)) == [event(3)])
    }

    @Test("After many events the latest are held, in order, under their indices")
    func many() {
        var buffer = EventBuffer()
        let limits = EventBuffer.Limits(events: 5, bytes: 1000)
        for number in 1...200 {
            _ = buffer.append(event(number), limits: limits)
            let first = max(1, number - 4)
            #expect(Array(buffer.events(after: 0)) == (first...number).map { event($0) })
            #expect(Array(buffer.events(after: number - 1)) == [event(number)])
            #expect(buffer.bytes == 10 * buffer.count)
        }
        for _ in 1...6 { buffer.dropOldest() }
        #expect(buffer.count == 0 && buffer.bytes == 0 && buffer.events(after: 0).isEmpty)
    }

    @Test("Streams with small events are bounded by what they take themselves")
    func manyStreams() {
        let rules = EventHistory.Rules(
            limits: .init(), budget: BufferBudget(perSession: 10 * EventHistory.overhead, total: 1 << 20))
        var histories = (1...20).map { EventHistory(stream: $0, request: nil, session: "a", rules: rules) }
        for index in histories.indices { _ = histories[index].event([]) }
        let holding = histories.count { !$0.isEmpty }
        #expect(holding == 9)
        #expect(rules.budget.total <= 10 * EventHistory.overhead)
    }

    @Test("A buffer that may hold no event holds none")
    func off() {
        var buffer = EventBuffer()
        let isHeld = buffer.append(event(1), limits: .init(events: 0))
        #expect(!isHeld)
        #expect(buffer.count == 0)
    }

    @Test("A session, and all together, hold up to their bounds and not a byte more")
    func budget() {
        let budget = BufferBudget(perSession: 100, total: 150)
        #expect(budget.change(from: 0, to: 100, session: "a"))
        #expect(!budget.change(from: 0, to: 1, session: "a"))
        #expect(budget.change(from: 0, to: 50, session: "b"))
        #expect(!budget.change(from: 50, to: 51, session: "b"))
        #expect(budget.total == 150)
        #expect(budget.change(from: 100, to: 0, session: "a"))
        #expect(budget.change(from: 50, to: 51, session: "b"))
        #expect(budget.change(from: 51, to: 0, session: "b") && budget.total == 0)
    }

    @Test("When the session's bound is reached, a stream makes room from its own events")
    func ownRoom() {
        let rules = EventHistory.Rules(
            limits: .init(), budget: BufferBudget(perSession: 150 + 2 * EventHistory.overhead, total: 10_000))
        var full = EventHistory(stream: 1, request: nil, session: "a", rules: rules)
        var other = EventHistory(stream: 2, request: nil, session: "a", rules: rules)
        let message = [UInt8](repeating: UInt8(ascii: "1"), count: 40)
        let first = full.event(message)
        #expect(first.isHeld)
        for _ in 1...2 {
            let isHeld = other.event(message).isHeld
            #expect(isHeld)
        }
        #expect(rules.budget.total == 2 * (first.bytes.count + EventHistory.overhead))
        #expect(full.replay(after: 0) == first.bytes)
        #expect(other.replay(after: 0).count == first.bytes.count)
        full.clear()
        other.clear()
        #expect(rules.budget.total == 0)
    }
}

@Suite("Event ids")
struct EventIDTests {
    @Test("An id is read as it was written", arguments: [nil, "1", "-7", #""a-b""#, #""é""#])
    func roundTrip(request: String?) throws {
        let id = EventID(stream: 12, index: 3, request: request.map { Array($0.utf8) })
        #expect(id.text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F })
        #expect(EventID(id.text) == id)
    }

    @Test(
        "What is no id of ours is refused",
        arguments: [
            "", "1", "1-2", "g-1", "g-1-x", "g--1", "g-1--1", "g-1-2-MQ", "p-1-2", "p-1-2-", "p-1-2-*", "x-1-2",
            "p-1-2-" + "e30", "p-1-2-bnVsbA", "g-99999999999999999999999-1", String(repeating: "g", count: 200),
        ])
    func foreign(text: String) {
        #expect(EventID(text) == nil)
    }
}
