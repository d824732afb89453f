import Gateway
import Testing

@Suite("Workflows: the order of steps")
struct WorkflowScheduleTests {
    typealias Task = WorkflowSchedule.Task

    /// A definition of steps that call a tool: `a`, `b<a`, `c<a,b`; a suffix `!` continues on failure, `*n` retries.
    static func definition(_ steps: String..., timeout: UInt64 = 1_000_000) throws -> WorkflowDefinition {
        try WorkflowDefinition(
            name: "flow", description: "d", timeout: timeout,
            steps: steps.map { text in
                let parts = text.split(separator: "<")
                var id = String(parts[0])
                var onError = WorkflowStep.OnError.abort
                if id.hasSuffix("!") { (id, onError) = (String(id.dropLast()), .continue) }
                if let star = id.firstIndex(of: "*") {
                    onError = .retry(count: Int(id[id.index(after: star)...]) ?? 1, delay: 100)
                    id = String(id[..<star])
                }
                let forEach = WorkflowStep.ForEach(
                    collection: try Template("[]"), maximumParallel: 2, call: WorkflowStep.ToolCall(tool: "t"),
                    onError: onError)
                let loops = id.hasPrefix("each")
                return WorkflowStep(
                    id: id, work: loops ? .forEach(forEach) : .tool(WorkflowStep.ToolCall(tool: "t")),
                    dependsOn: parts.count > 1 ? parts[1].split(separator: ",").map(String.init) : [],
                    onError: loops ? (onError == .continue ? .continue : .abort) : onError, timeout: 10_000)
            })
    }

    private func begin(_ steps: Int..., attempt: Int = 1) -> [WorkflowSchedule.Command] {
        steps.map { .begin(Task(step: $0), attempt: attempt) }
    }

    @Test("A step begins as soon as its own dependencies are over, without waiting for others of their level")
    func noBarriers() throws {
        var schedule = WorkflowSchedule(try Self.definition("a", "b", "c<a", "d<b,c"), now: 0, seed: 1)
        #expect(schedule.start(now: 0) == begin(0, 1))
        #expect(schedule.completed(0, now: 1) == begin(2))
        #expect(schedule.completed(2, now: 2) == [])
        #expect(schedule.completed(1, now: 3) == begin(3))
        #expect(schedule.completed(3, now: 4) == [.end(.completed)])
    }

    @Test("At most ten steps run at a time, the first of the definition first")
    func bounded() throws {
        let definition = try WorkflowDefinition(
            name: "flow", description: "d",
            steps: (0..<12).map { WorkflowStep(id: "s\($0)", work: .tool(WorkflowStep.ToolCall(tool: "t"))) })
        var schedule = WorkflowSchedule(definition, now: 0, seed: 1)
        #expect(schedule.start(now: 0).count == WorkflowSchedule.maximumParallel)
        #expect(schedule.completed(4, now: 1) == begin(10))
        #expect(schedule.completed(0, now: 1) == begin(11))
    }

    @Test("A failure aborts: what runs is cancelled, and what is reported of it afterwards changes nothing")
    func abort() throws {
        var schedule = WorkflowSchedule(try Self.definition("a", "b", "c<a"), now: 0, seed: 1)
        _ = schedule.start(now: 0)
        #expect(schedule.failed(0, now: 1) == [.cancel(Task(step: 1)), .end(.failed(step: 0))])
        #expect(schedule.completed(1, now: 2) == [] && schedule.tick(now: 9_999_999) == [] && schedule.cancel() == [])
        #expect(schedule.status(of: 2) == .pending && schedule.nextDeadline == nil)
    }

    @Test("A failure that is continued, and a step that is skipped, do not hold back what depends on them")
    func goOn() throws {
        var schedule = WorkflowSchedule(try Self.definition("a!", "b<a", "c<b"), now: 0, seed: 1)
        _ = schedule.start(now: 0)
        #expect(schedule.failed(0, now: 1) == begin(1))
        #expect(schedule.skipped(1, now: 1) == begin(2))
        #expect(schedule.completed(2, now: 1) == [.end(.completed)])
        #expect((0...2).map { schedule.status(of: $0) } == [.failed, .skipped, .completed])
    }

    @Test("A retry waits for half to one and a half of a delay that grows by half, and gives up after its count")
    func retry() throws {
        var schedule = WorkflowSchedule(try Self.definition("a*2"), now: 0, seed: 7)
        _ = schedule.start(now: 0)
        #expect(schedule.failed(0, now: 1000) == [])
        let first = try #require(schedule.nextDeadline)
        #expect((1050...1150).contains(first))
        #expect(schedule.tick(now: first - 1) == [])
        #expect(schedule.tick(now: first) == begin(0, attempt: 2))
        #expect(schedule.failed(0, now: 2000) == [])
        let second = try #require(schedule.nextDeadline)
        #expect((2075...2225).contains(second))
        #expect(schedule.tick(now: second) == begin(0, attempt: 3))
        #expect(schedule.failed(0, now: 3000) == [.end(.failed(step: 0))])
    }

    @Test("The time of a step covers its retries, that of the workflow everything")
    func timeouts() throws {
        var schedule = WorkflowSchedule(try Self.definition("a!", "b<a", timeout: 15_000), now: 0, seed: 1)
        _ = schedule.start(now: 0)
        #expect(schedule.nextDeadline == 10_000)
        #expect(schedule.tick(now: 10_000) == [.cancel(Task(step: 0)), .expired(step: 0)])
        #expect(schedule.failed(0, isFinal: true, now: 10_000) == begin(1))
        #expect(schedule.nextDeadline == 15_000)
        #expect(schedule.tick(now: 15_000) == [.cancel(Task(step: 1)), .end(.timedOut)])

        var pausing = WorkflowSchedule(try Self.definition("a*9"), now: 0, seed: 1)
        _ = pausing.start(now: 0)
        _ = pausing.failed(0, now: 9_999)
        #expect(pausing.tick(now: 10_000) == [.expired(step: 0)])
        #expect(pausing.failed(0, isFinal: true, now: 10_000) == [.end(.failed(step: 0))])
    }

    @Test("Skipping the rest passes over what has not begun, lets the rest end, and is a success")
    func skipRemaining() throws {
        var schedule = WorkflowSchedule(try Self.definition("a", "b", "c<a", "d<c"), now: 0, seed: 1)
        _ = schedule.start(now: 0)
        #expect(schedule.completedSkippingOthers(0, now: 1) == [.passedOver(step: 2), .passedOver(step: 3)])
        #expect(schedule.completed(1, now: 2) == [.end(.completed)])
        #expect((0...3).map { schedule.status(of: $0) } == [.completed, .completed, .skipped, .skipped])
    }

    @Test("Cancelling cancels what runs, iterations too")
    func cancel() throws {
        var schedule = WorkflowSchedule(try Self.definition("a", "each"), now: 0, seed: 1)
        _ = schedule.start(now: 0)
        _ = schedule.opened(1, iterations: 3, now: 0)
        let commands = schedule.cancel()
        #expect(commands.last == .end(.cancelled) && commands.count == 4)
        #expect(Set(commands.dropLast().map { "\($0)" }).count == 3)
    }

    @Test("Iterations run within their bound; a failure ends the others unless the step continues")
    func loops() throws {
        func iteration(_ index: Int, attempt: Int = 1) -> WorkflowSchedule.Command {
            .begin(Task(step: 0, iteration: index), attempt: attempt)
        }
        var schedule = WorkflowSchedule(try Self.definition("each"), now: 0, seed: 1)
        _ = schedule.start(now: 0)
        #expect(schedule.opened(0, iterations: 4, now: 0) == [iteration(0), iteration(1)])
        #expect(schedule.iterated(Task(step: 0, iteration: 1), succeeded: true, now: 1) == [iteration(2)])
        #expect(
            schedule.iterated(Task(step: 0, iteration: 0), succeeded: false, now: 1) == [
                .cancel(Task(step: 0, iteration: 2)), .looped(step: 0, [.failed, .completed, .cancelled, .cancelled]),
            ])
        #expect(schedule.failed(0, isFinal: true, now: 1) == [.end(.failed(step: 0))])

        var going = WorkflowSchedule(try Self.definition("each!"), now: 0, seed: 1)
        _ = going.start(now: 0)
        _ = going.opened(0, iterations: 2, now: 0)
        #expect(going.iterated(Task(step: 0, iteration: 0), succeeded: false, now: 1) == [])
        #expect(going.iterated(Task(step: 0, iteration: 0), succeeded: true, now: 1) == [])
        #expect(
            going.iterated(Task(step: 0, iteration: 1), succeeded: false, now: 1) == [
                .looped(step: 0, [.failed, .failed])
            ])
        #expect(going.completed(0, now: 1) == [.end(.completed)])

        var retrying = WorkflowSchedule(try Self.definition("each*1"), now: 0, seed: 1)
        _ = retrying.start(now: 0)
        _ = retrying.opened(0, iterations: 1, now: 0)
        #expect(retrying.iterated(Task(step: 0, iteration: 0), succeeded: false, now: 0) == [])
        let until = try #require(retrying.nextDeadline)
        #expect(retrying.tick(now: until) == [iteration(0, attempt: 2)])
    }

    /// What happens to a step of a random graph, and for how long it runs.
    private enum Fate: CaseIterable { case complete, skip, fail, failAndGoOn }

    @Test(
        "Random graphs: every order is legal, no slot stays empty, failures end or go on as declared",
        arguments: 0..<300)
    func randomGraphs(seed: Int) throws {
        var random = SplitMix(state: UInt64(seed))
        let count = Int.random(in: 1...30, using: &random)
        let fails = seed % 3 == 0
        let fates = (0..<count).map { _ in
            fails
                ? Fate.allCases.randomElement(using: &random) ?? .complete
                : [.complete, .skip, .failAndGoOn].randomElement(using: &random) ?? .skip
        }
        let durations = (0..<count).map { _ in UInt64.random(in: 0...50, using: &random) }
        let definition = try WorkflowDefinition(
            name: "flow", description: "d",
            steps: (0..<count).map { index in
                let before = (0..<index).filter { _ in Int.random(in: 0..<4, using: &random) == 0 }
                return WorkflowStep(
                    id: "s\(index)", work: .tool(WorkflowStep.ToolCall(tool: "t")), dependsOn: before.map { "s\($0)" },
                    onError: fates[index] == .failAndGoOn ? .continue : .abort)
            }.shuffled(using: &random))
        let indexOf = definition.steps.map { Int($0.id.dropFirst()) ?? 0 }

        var schedule = WorkflowSchedule(definition, now: 0, seed: 1)
        var now: UInt64 = 0
        var running: [Int: UInt64] = [:]
        var over: Set<Int> = []
        var ending: WorkflowSchedule.Ending?
        func obey(_ commands: [WorkflowSchedule.Command]) {
            for command in commands {
                switch command {
                case .begin(let task, let attempt):
                    #expect(ending == nil && attempt == 1 && running[task.step] == nil && !over.contains(task.step))
                    #expect(
                        definition.dependencies[task.step].allSatisfy(over.contains), "begun before what it depends on")
                    running[task.step] = now + durations[indexOf[task.step]]
                case .cancel(let task): #expect(running.removeValue(forKey: task.step) != nil)
                case .end(let end):
                    #expect(ending == nil)
                    ending = end
                default: Issue.record("\(command) does not belong here")
                }
            }
            #expect(running.count <= WorkflowSchedule.maximumParallel)
            if ending == nil, running.count < WorkflowSchedule.maximumParallel {
                let idle = definition.steps.indices.filter { step in
                    !over.contains(step) && running[step] == nil
                        && definition.dependencies[step].allSatisfy(over.contains)
                }
                #expect(idle.isEmpty, "could run but does not")
            }
        }
        obey(schedule.start(now: now))
        while ending == nil, let next = running.min(by: { ($0.value, $0.key) < ($1.value, $1.key) }) {
            now = next.value
            running[next.key] = nil
            over.insert(next.key)
            switch fates[indexOf[next.key]] {
            case .complete: obey(schedule.completed(next.key, now: now))
            case .skip: obey(schedule.skipped(next.key, now: now))
            case .failAndGoOn: obey(schedule.failed(next.key, now: now))
            case .fail:
                obey(schedule.failed(next.key, now: now))
                #expect(ending == .failed(step: next.key))
            }
        }
        #expect(running.isEmpty)
        if case .completed = ending { #expect(over.count == count) } else { #expect(fails) }
    }
}

/// Numbers that are the same in every run.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var bits = state
        bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
        return bits ^ (bits >> 31)
    }
}
