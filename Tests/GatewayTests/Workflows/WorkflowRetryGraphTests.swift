import Gateway
import Testing

@Suite("Workflows: random graphs whose steps are tried again or hang")
struct WorkflowRetryGraphTests {
    /// What becomes of a step.
    private struct Fate {
        /// Attempts that fail before one succeeds.
        let failures: Int
        /// No attempt ends by itself.
        let hangs: Bool
        let onError: WorkflowStep.OnError

        /// Whether the workflow ends with it.
        var isDoom: Bool {
            switch onError {
            case .continue: false
            case .abort: hangs || failures > 0
            case .retry(let count, _): hangs || failures > count
            }
        }

        init(_ random: inout SplitMix) {
            failures = Int.random(in: 0...3, using: &random)
            hangs = Int.random(in: 0..<12, using: &random) == 0
            switch Int.random(in: 0..<8, using: &random) {
            case 0: onError = .abort
            case 1, 2: onError = .continue
            default: onError = .retry(count: Int.random(in: 1...5, using: &random), delay: 100)
            }
        }
    }

    /// Performs what a schedule commands, under a clock of its own, and checks each command.
    private struct Driver {
        let definition: WorkflowDefinition
        let fates: [Fate]
        var schedule: WorkflowSchedule
        var now: UInt64 = 0
        var random: SplitMix
        /// When the attempt under way ends, by step.
        var running: [Int: UInt64] = [:]
        var attempts: [Int]
        var failedAt: [Int: UInt64] = [:]
        var over: Set<Int> = []
        var expired: Set<Int> = []
        var ending: WorkflowSchedule.Ending?

        init(_ definition: WorkflowDefinition, _ fates: [Fate], _ random: SplitMix) {
            self.definition = definition
            self.fates = fates
            self.random = random
            schedule = WorkflowSchedule(definition, now: 0, seed: 3)
            attempts = fates.map { _ in 0 }
        }

        mutating func run() {
            obey(schedule.start(now: now))
            while ending == nil {
                let next = running.min { ($0.value, $0.key) < ($1.value, $1.key) }
                let deadline = schedule.nextDeadline ?? .max
                guard let next, next.value < deadline else {
                    now = deadline
                    obey(schedule.tick(now: now))
                    continue
                }
                now = next.value
                running[next.key] = nil
                finish(next.key)
            }
        }

        private mutating func finish(_ step: Int) {
            guard attempts[step] <= fates[step].failures else {
                over.insert(step)
                return obey(schedule.completed(step, now: now))
            }
            failedAt[step] = now
            if fates[step].onError == .continue { over.insert(step) }
            obey(schedule.failed(step, now: now))
        }

        private mutating func obey(_ commands: [WorkflowSchedule.Command]) {
            // In the order they came, as a run performs them: what follows from one comes after those that are there.
            var queue = commands[...]
            while let command = queue.popFirst() {
                switch command {
                case .begin(let task, let attempt): begin(task.step, attempt)
                case .cancel(let task):
                    // What took too long was cancelled by that; the end may say it once more.
                    #expect(running.removeValue(forKey: task.step) != nil || expired.contains(task.step))
                case .expired(let step):
                    #expect(fates[step].hangs, "only what hangs takes too long")
                    expired.insert(step)
                    if fates[step].onError == .continue { over.insert(step) }
                    queue += schedule.failed(step, isFinal: true, now: now)
                case .end(let end):
                    #expect(ending == nil)
                    ending = end
                default: Issue.record("\(command) does not belong here")
                }
            }
        }

        private mutating func begin(_ step: Int, _ attempt: Int) {
            attempts[step] += 1
            #expect(ending == nil && running[step] == nil && !over.contains(step) && attempts[step] == attempt)
            #expect(definition.dependencies[step].allSatisfy(over.contains), "begun before what it depends on")
            if attempt > 1 {
                // Half to one and a half of a pause that grows by half.
                let pause = Double(now - (failedAt[step] ?? now))
                let middle = (2..<attempt).reduce(100.0) { pause, _ in pause * 1.5 }
                #expect(pause >= middle * 0.5 - 1 && pause <= middle * 1.5 + 1, "\(pause) before attempt \(attempt)")
            }
            running[step] = fates[step].hangs ? .max : now + UInt64.random(in: 0...50, using: &random)
        }
    }

    @Test(
        "Attempts are as many as declared, pauses grow, what hangs ends with its time, and only doom ends the workflow",
        arguments: 0..<300)
    func graphs(seed: Int) throws {
        var random = SplitMix(state: UInt64(seed) &* 7_919)
        // Not more than run at a time, so that nothing but its pause holds an attempt back.
        let fates = (0..<Int.random(in: 1...10, using: &random)).map { _ in Fate(&random) }
        let definition = try WorkflowDefinition(
            name: "flow", description: "d", timeout: 10_000_000,
            steps: fates.enumerated().map { index, fate in
                let before = (0..<index).filter { _ in Int.random(in: 0..<4, using: &random) == 0 }
                return WorkflowStep(
                    id: "s\(index)", work: .tool(WorkflowStep.ToolCall(tool: "t")), dependsOn: before.map { "s\($0)" },
                    onError: fate.onError, timeout: 100_000)
            })
        var driver = Driver(definition, fates, random)
        driver.run()
        #expect(driver.running.isEmpty)
        if case .failed(let step) = driver.ending {
            #expect(fates[step].isDoom)
        } else {
            #expect(driver.ending == .completed && driver.over.count == fates.count && !fates.contains(where: \.isDoom))
        }
        for (step, fate) in fates.enumerated() where driver.over.contains(step) && !fate.hangs {
            #expect(driver.attempts[step] == (fate.onError == .continue ? 1 : fate.failures + 1))
        }
    }
}
