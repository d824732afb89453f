import Synchronization

// How the steps of a run are done, and what their ends mean.
extension WorkflowRun {
    // MARK: - Beginning

    func begin(_ task: WorkflowSchedule.Task, attempt: Int) {
        let step = definition.steps[task.step]
        if let iteration = task.iteration { return beginIteration(iteration, of: task.step) }
        if attempt == 1 {
            tell(.stepStarted, step: task.step)
            state.withLock { $0.records[task.step].status = .running }
        } else {
            tell(.stepRetried, step: task.step, "attempt \(attempt)")
            state.withLock { $0.records[task.step].retries = attempt - 1 }
        }
        do throws(StepFailure) {
            if attempt == 1, let condition = step.condition, try !holds(condition) { return skipped(task.step) }
            switch step.work {
            case .tool: try call(task, data())
            case .elicitation(let elicitation): try ask(elicitation, task.step)
            case .forEach(let forEach): try open(forEach, task.step)
            }
        } catch {
            // Nothing was sent, and another attempt would fail alike.
            failed(task.step, error, isFinal: true)
        }
    }

    private func holds(_ condition: Template) throws(StepFailure) -> Bool {
        let text: String
        do throws(TemplateError) { text = try condition.expanded(data()) } catch {
            throw Self.failure(error, in: "condition")
        }
        guard let decision = WorkflowCondition(text) else {
            throw StepFailure(message: "template expansion failed: condition: expected true or false, found other text")
        }
        return decision == .run
    }

    private static func failure(_ error: TemplateError, in field: String) -> StepFailure {
        StepFailure(message: "template expansion failed: \(field): \(error)")
    }

    private func call(_ task: WorkflowSchedule.Task, _ data: TemplateValue) throws(StepFailure) {
        guard let resolved = workflow.calls[task.step] else { return }
        let tool = resolved.tool
        guard surroundings.permits(tool) else {
            throw StepFailure(
                message: "the caller may not use this tool", tool: tool.name, backend: tool.backend,
                category: "forbidden", isRetryable: false)
        }
        let arguments: [UInt8]
        do throws(TemplateError) { arguments = try resolved.arguments.expanded(data, as: resolved.shape) } catch {
            throw Self.failure(error, in: "arguments")
        }
        work(task) { caller, done in
            caller.call(resolved, arguments: arguments) { response in
                let answer = StepAnswer(response, of: tool)
                done { run in run.answered(task, answer) }
            }
        }
    }

    /// Begins something under a number of its own; what answers to another number is dropped.
    private func work(
        _ task: WorkflowSchedule.Task,
        _ begin: (any WorkflowCaller, @escaping @Sendable (@escaping @Sendable (WorkflowRun) -> Void) -> Void) ->
            any WorkflowWork
    ) {
        let begun = state.withLock { state -> (number: UInt64, caller: any WorkflowCaller)? in
            guard let caller = state.caller else { return nil }
            defer { state.nextNumber += 1 }
            state.works[task] = (state.nextNumber, nil)
            return (state.nextNumber, caller)
        }
        guard let (number, caller) = begun else { return }
        let work = begin(caller) { answer in
            let isWanted = self.state.withLock { state in
                guard state.works[task]?.number == number else { return false }
                state.works[task] = nil
                return true
            }
            if isWanted { self.take(answer) }
        }
        // It may have been answered, or cancelled, before it was known.
        state.withLock { if $0.works[task]?.number == number { $0.works[task]?.work = work } }
    }

    private func answered(_ task: WorkflowSchedule.Task, _ answer: StepAnswer) {
        if let iteration = task.iteration {
            advance { state in
                switch answer {
                case .success(let output): state.loops[task.step]?.succeeded(iteration, output.value)
                case .failure(let failure): state.loops[task.step]?.failed(iteration, failure.message)
                }
                var succeeded = false
                if case .success = answer { succeeded = true }
                return state.schedule.iterated(task, succeeded: succeeded, now: self.now)
            }
            return
        }
        switch answer {
        case .success(let output): completed(task.step, output)
        case .failure(let failure): failed(task.step, failure)
        }
    }

    // MARK: - forEach

    private func open(_ forEach: WorkflowStep.ForEach, _ step: Int) throws(StepFailure) {
        let value: TemplateValue
        do throws(TemplateError) { value = try forEach.collection.value(data()) } catch {
            throw Self.failure(error, in: "collection")
        }
        let id = definition.steps[step].id
        guard let items = Self.list(value) else {
            throw StepFailure(message: "forEach step \(id): collection must resolve to a JSON array, got \(value.kind)")
        }
        guard items.count <= forEach.maximumIterations else {
            throw StepFailure(
                message:
                    "forEach step \(id): collection size \(items.count) exceeds maxIterations \(forEach.maximumIterations)"
            )
        }
        let iterations = StepIterations(items)
        if items.isEmpty { return completed(step, iterations.output([])) }
        advance { state in
            state.loops[step] = iterations
            return state.schedule.opened(step, iterations: items.count, now: self.now)
        }
    }

    private static func list(_ value: TemplateValue) -> [TemplateValue]? {
        guard case .string(let text) = value else { return value.elements }
        do throws(JSONScanError) { return TemplateValue(try JSONSlice(validating: Array(text.utf8))).elements } catch {
            return nil
        }
    }

    private func beginIteration(_ iteration: Int, of step: Int) {
        guard case .forEach(let forEach) = definition.steps[step].work,
            let item = state.withLock({ $0.loops[step]?.data(iteration, variable: forEach.variable) })
        else { return }
        let task = WorkflowSchedule.Task(step: step, iteration: iteration)
        do throws(StepFailure) { try call(task, data(iteration: item)) } catch {
            answered(task, .failure(error))
        }
    }

    func looped(_ step: Int, _ statuses: [WorkflowSchedule.IterationStatus]) {
        guard let iterations = state.withLock({ $0.loops.removeValue(forKey: step) }) else { return }
        let output = iterations.output(statuses)
        guard let (iteration, message) = iterations.firstError, definition.steps[step].onError != .continue else {
            return completed(step, output)
        }
        state.withLock { $0.records[step].output = output }
        let tool = workflow.calls[step]?.tool
        let failure = StepFailure(
            message: "iteration \(iteration): \(message)", tool: tool?.name, backend: tool?.backend)
        failed(step, failure, isFinal: true)
    }

    // MARK: - Elicitation

    private func ask(_ elicitation: WorkflowStep.Elicitation, _ step: Int) throws(StepFailure) {
        let message: String
        do throws(TemplateError) { message = try elicitation.message.expanded(data()) } catch {
            throw Self.failure(error, in: "message")
        }
        tell(.asked, step: step)
        keep { $0.pendingElicitations.append(self.definition.steps[step].id) }
        work(WorkflowSchedule.Task(step: step)) { caller, done in
            caller.ask(message, schema: elicitation.schema.json.array) { answer in
                done { run in run.answered(elicitation, step, answer) }
            }
        }
    }

    private func answered(_ elicitation: WorkflowStep.Elicitation, _ step: Int, _ answer: ElicitationAnswer) {
        let id = definition.steps[step].id
        switch ElicitationOutcome(answer, to: elicitation) {
        case .accepted(let output):
            told(step, "accept")
            completed(step, output)
        case .refused(let action):
            told(step, action.rawValue)
            react(action == .decline ? elicitation.onDecline : elicitation.onCancel, step, action)
        case .unusable(let reason):
            told(step, "unusable")
            failed(step, StepFailure(message: "elicitation failed in step \(id): \(reason)"), isFinal: true)
        }
    }

    private func told(_ step: Int, _ how: String) {
        tell(.answered, step: step, how)
        keep { $0.pendingElicitations.removeAll { $0 == self.definition.steps[step].id } }
    }

    private func react(_ reaction: WorkflowStep.Elicitation.Reaction, _ step: Int, _ action: ElicitationOutcome.Refusal)
    {
        let output = { (skips: Bool) in
            var members: [String: TemplateValue] = ["action": .string(action.rawValue)]
            if skips { members["skipped"] = .bool(true) }
            return StepOutput(value: .map(members))
        }
        switch reaction {
        case .continue: completed(step, output(false))
        case .skipRemaining: completed(step, output(true), skippingOthers: true)
        case .abort:
            failed(step, StepFailure(message: "\(action.sentence): step \(definition.steps[step].id)"), isFinal: true)
        }
    }

    func expired(_ step: Int) {
        if case .elicitation(let elicitation) = definition.steps[step].work {
            told(step, "timeout")
            return react(elicitation.onCancel, step, .timeout)
        }
        let tool = workflow.calls[step]?.tool
        let failure = StepFailure(
            message: "step \(definition.steps[step].id) timed out after \(definition.steps[step].timeout) ms",
            tool: tool?.name, backend: tool?.backend, category: "timeout", isRetryable: true)
        failed(step, failure, isFinal: true)
    }
}
