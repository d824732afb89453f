import Testing

@testable import Gateway

@Suite("The stream of changes of a backend without sessions")
struct ListenPlanTests {
    private static let lists: Set<String> = ["notifications/tools/list_changed"]
    private func filter(_ uris: String..., lists: Set<String> = lists) -> ListenFilter {
        ListenFilter(methods: lists, uris: uris)
    }

    private func opened(_ id: UInt64 = 1, _ uris: [String] = []) -> ListenPlan {
        var plan = ListenPlan(methods: Self.lists)
        _ = plan.begin()
        plan.sent(id)
        _ = plan.acknowledged(id, filter())
        return plan
    }

    @Test("Nothing to be told is nothing to be opened")
    func nothing() {
        var plan = ListenPlan(methods: [])
        #expect(plan.begin() == [.underWay])
    }

    @Test("The new stream is acknowledged before the old one is closed")
    func change() {
        var plan = opened()
        #expect(plan.subscribe("a:x") == [.open(filter("a:x"))])
        plan.sent(2)
        #expect(plan.knows(1) && plan.knows(2))
        #expect(
            plan.acknowledged(2, filter("a:x")) == [.close(1), .settle(["a:x"], agreed: true), .underWay])
        #expect(!plan.knows(1))
        #expect(plan.unsubscribe("a:x") == [.open(filter())])
    }

    @Test("Changes while a stream is being opened lead to one more")
    func changesMeanwhile() {
        var plan = opened()
        #expect(plan.subscribe("a:x") == [.open(filter("a:x"))])
        plan.sent(2)
        #expect(plan.subscribe("a:y") == [])
        #expect(plan.subscribe("a:z") == [])
        #expect(
            plan.acknowledged(2, filter("a:x")) == [
                .close(1), .settle(["a:x"], agreed: true), .underWay, .open(filter("a:x", "a:y", "a:z")),
            ])
    }

    @Test("What a backend leaves out of its acknowledgement is refused and not asked for again")
    func refusal() {
        var plan = opened()
        _ = plan.subscribe("a:x")
        plan.sent(2)
        #expect(
            plan.acknowledged(2, filter())
                == [.close(1), .settle([], agreed: true), .settle(["a:x"], agreed: false), .underWay])
        #expect(plan.subscribe("a:y") == [.open(filter("a:y"))])
    }

    @Test("A lost stream is opened again after a pause, and what was missed is read")
    func lost() {
        var plan = opened()
        #expect(plan.ended(1, isUnknown: false) == [.pause])
        #expect(plan.resume() == [.open(filter())])
        plan.sent(2)
        #expect(plan.acknowledged(2, filter()) == [.settle([], agreed: true), .underWay, .refresh])
    }

    @Test("A stream that could not be opened leaves the older one as it was")
    func failedChange() {
        var plan = opened()
        _ = plan.subscribe("a:x")
        plan.sent(2)
        #expect(plan.ended(2, isUnknown: false) == [.settle(["a:x"], agreed: false), .underWay])
        #expect(plan.knows(1))
    }

    @Test("A backend that knows no such stream is not asked again")
    func unknown() {
        var plan = ListenPlan(methods: Self.lists)
        #expect(plan.begin() == [.open(filter())])
        plan.sent(1)
        #expect(plan.ended(1, isUnknown: true) == [.underWay])
        #expect(plan.subscribe("a:x") == [.settle(["a:x"], agreed: false)])
    }
}
