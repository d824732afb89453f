import Testing

@testable import Gateway

@Suite("Ids of tasks")
struct TaskSealTests {
    private static let caller = Principal(issuer: "i", subject: "s")
    private static let tasks = [
        TaskReference(form: .asked, backend: "b", id: "1"), TaskReference(form: .decided, backend: "b", id: "1"),
        TaskReference(form: .decided, backend: "b1", id: ""), TaskReference(form: .decided, backend: "b", id: "11"),
        TaskReference(form: .asked, backend: "", id: "b1"),
        TaskReference(form: .asked, backend: "ä", id: String(repeating: "é\u{0}\"", count: 200)),
    ]

    @Test("An id comes back as the task it was made of, and is the same each time", arguments: tasks)
    func roundTrip(task: TaskReference) {
        let seal = TaskSeal(.made())
        let id = seal.id(of: task, for: Self.caller)
        #expect(seal.task(id, of: Self.caller) == task)
        #expect(seal.id(of: task, for: Self.caller) == id)
        #expect(id.wholeMatch(of: /[A-Za-z0-9_-]+/) != nil)
    }

    @Test("Tasks that are not the same have ids that are not the same, and so has a task for every caller")
    func distinct() {
        let seal = TaskSeal(.made())
        let callers = [
            Self.caller, .anonymous, Principal(issuer: "", subject: "is"), Principal(issuer: "is", subject: ""),
        ]
        let ids = callers.flatMap { caller in Self.tasks.map { seal.id(of: $0, for: caller) } }
        #expect(Set(ids).count == ids.count)
    }

    @Test("An id is unknown to another caller, to another key, and when any character of it is another")
    func foreign() throws {
        let key = try StateKey(base64: "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=")
        let (seal, task) = (TaskSeal(key), Self.tasks[0])
        let id = seal.id(of: task, for: Self.caller)
        #expect(TaskSeal(key).task(id, of: Self.caller) == task)
        #expect(TaskSeal(.made()).task(id, of: Self.caller) == nil)
        #expect(seal.task(id, of: .anonymous) == nil)
        #expect(seal.task(id, of: Principal(issuer: "i", subject: "t")) == nil)
        for broken in ["", "1", "?", id + "A", String(id.dropLast())] {
            #expect(seal.task(broken, of: Self.caller) == nil)
        }
        let whole = Array(id.utf8)
        for index in whole.indices {
            var changed = whole
            changed[index] = changed[index] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
            #expect(seal.task(String(decoding: changed, as: UTF8.self), of: Self.caller) == nil)
        }
    }

    @Test("What a requestState is sealed with opens no id, though it comes of the same key")
    func purposes() {
        let key = StateKey.made()
        let binding = SealedState.Binding(principal: Self.caller, method: "tools/call", params: [])
        let state = StateSeal(key) { 0 }.seal(SealedState(purpose: .again, binding: binding, round: 1, expiry: 9))
        let text = String(decoding: state.dropFirst().dropLast(), as: UTF8.self)
        #expect(TaskSeal(key).task(text, of: Self.caller) == nil)
    }
}
