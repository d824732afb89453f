import Testing

@testable import Gateway

@Suite("Remembered tasks")
struct TaskMemoryTests {
    private static let one = TaskOwner(Principal(issuer: "i", subject: "1"), session: "s")
    private static let two = TaskOwner(Principal(issuer: "i", subject: "2"), session: "s")

    private func task(_ id: String, expiry: UInt64? = nil, json: String = "{}") -> RememberedTask {
        RememberedTask(
            task: TaskReference(form: .asked, backend: "b", id: id), json: Array(json.utf8), expiry: expiry)
    }

    private func ids(_ memory: ProcessTaskMemory, _ owner: TaskOwner, after: UInt64 = 0, limit: Int = 9) -> [String] {
        memory.tasks(of: owner, after: after, limit: limit).map(\.task.task.id)
    }

    @Test("Every caller has the tasks of its own, in the order of their making, page by page")
    func owners() {
        let memory = ProcessTaskMemory(TaskLimits())
        for id in ["c", "a", "b"] { memory.remember(task(id), of: Self.one) }
        memory.remember(task("a"), of: Self.two)
        memory.remember(task("c", json: #"{"new":1}"#), of: Self.one)
        #expect(ids(memory, Self.one) == ["c", "a", "b"])
        #expect(ids(memory, Self.two) == ["a"])
        let first = memory.tasks(of: Self.one, after: 0, limit: 2)
        #expect(first.map(\.task.task.id) == ["c", "a"])
        #expect(first.first?.task.json == Array(#"{"new":1}"#.utf8))
        #expect(ids(memory, Self.one, after: first[1].place, limit: 2) == ["b"])
        #expect(memory.has(task("b").task, Self.one) && !memory.has(task("b").task, Self.two))
    }

    @Test("A caller's place is kept when a task before it is forgotten")
    func places() {
        let memory = ProcessTaskMemory(TaskLimits())
        for id in ["a", "b", "c"] { memory.remember(task(id), of: Self.one) }
        let place = memory.tasks(of: Self.one, after: 0, limit: 2)[1].place
        memory.forget(task("a").task, of: Self.one)
        memory.forget(task("b").task, of: Self.one)
        #expect(ids(memory, Self.one, after: place) == ["c"])
    }

    @Test(
        "One more than a caller may have makes its oldest forgotten; one more than all may have, one of its own or itself"
    )
    func limits() {
        var limits = TaskLimits()
        (limits.tasks, limits.tasksPerPrincipal) = (3, 2)
        let memory = ProcessTaskMemory(limits)
        for id in ["a", "b", "c"] { memory.remember(task(id), of: Self.one) }
        #expect(ids(memory, Self.one) == ["b", "c"])
        memory.remember(task("d"), of: Self.two)
        memory.remember(task("e"), of: Self.two)
        #expect(ids(memory, Self.two) == ["e"])
        memory.remember(task("f"), of: TaskOwner(.anonymous, session: "s"))
        #expect(memory.count == 3)
        memory.forgetAll(of: Self.one)
        memory.remember(task("f"), of: TaskOwner(.anonymous, session: "s"))
        #expect(memory.count == 2)
    }

    @Test("What has expired is forgotten, and nothing before")
    func expiry() {
        let memory = ProcessTaskMemory(TaskLimits())
        memory.remember(task("a", expiry: 100), of: Self.one)
        memory.remember(task("b", expiry: 200), of: Self.one)
        memory.remember(task("c"), of: Self.one)
        memory.sweep(now: 99)
        #expect(memory.count == 3)
        memory.sweep(now: 100)
        #expect(ids(memory, Self.one) == ["b", "c"])
        memory.sweep(now: 1_000)
        #expect(ids(memory, Self.one) == ["c"])
    }

    @Test("Anonymous sessions are callers each; sessions of one principal are one")
    func anonymous() {
        let user = Principal(issuer: "i", subject: "u")
        #expect(TaskOwner(.anonymous, session: "a") != TaskOwner(.anonymous, session: "b"))
        #expect(TaskOwner(user, session: "a") == TaskOwner(user, session: "b"))
    }
}
