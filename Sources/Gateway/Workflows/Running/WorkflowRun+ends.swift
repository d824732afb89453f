import Synchronization

// The ends of steps and of the run.
extension WorkflowRun {
    func skipped(_ step: Int) {
        note(step, .skipped, standIn(step))
        tell(.stepSkipped, step: step, "its condition does not hold")
        advance { $0.schedule.skipped(step, now: self.now) }
    }

    func passedOver(_ step: Int) {
        note(step, .skipped, standIn(step))
        tell(.stepSkipped, step: step, "the remaining steps are skipped")
    }

    func completed(_ step: Int, _ output: StepOutput, skippingOthers: Bool = false) {
        note(step, .completed, output)
        tell(.stepCompleted, step: step)
        advance { state in
            skippingOthers
                ? state.schedule.completedSkippingOthers(step, now: self.now)
                : state.schedule.completed(step, now: self.now)
        }
    }

    func failed(_ step: Int, _ failure: StepFailure, isFinal: Bool = false) {
        tell(.stepFailed, step: step, failure.message)
        let goesOn = definition.steps[step].onError == .continue
        state.withLock { state in
            state.records[step].failure = failure
            state.records[step].status = .failed
        }
        if goesOn { note(step, .failed, standIn(step)) }
        advance { $0.schedule.failed(step, isFinal: isFinal, now: self.now) }
    }

    /// What stands for the output of a step that has none.
    private func standIn(_ step: Int) -> StepOutput {
        StepOutput(value: definition.steps[step].defaultResults.map(TemplateValue.init) ?? .map([:]))
    }

    /// A step is over: templates see it, and the caller hears of it.
    private func note(_ step: Int, _ status: WorkflowSchedule.Status, _ output: StepOutput) {
        let id = definition.steps[step].id
        let (count, caller) = state.withLock { state in
            state.records[step].status = status
            state.records[step].output = output
            if status != .failed { state.records[step].failure = nil }
            state.data.set(state.records[step], of: id)
            state.kept.finishedSteps.append(id)
            return (state.kept.finishedSteps.count, state.caller)
        }
        keep { _ in }
        caller?.progressed(count, of: definition.steps.count, message: "step \(id) \(status.rawValue)")
    }

    /// Writes down how the run stands.
    func keep(_ change: (inout WorkflowState) -> Void) {
        let kept = state.withLock { state in
            change(&state.kept)
            state.kept.updated = now
            if !state.kept.status.isOver {
                state.kept.status = state.kept.pendingElicitations.isEmpty ? .running : .waitingForElicitation
            }
            return state.kept
        }
        surroundings.store.save(kept)
    }

    // MARK: - The end of the run

    func end(_ ending: WorkflowSchedule.Ending) {
        let (done, records) = state.withLock { state in
            defer {
                (state.done, state.caller, state.works, state.loops) = (nil, nil, [:], [:])
                state.timer?.task.cancel()
                state.timer = nil
            }
            return (state.done, state.records)
        }
        switch ending {
        case .completed: finish(done, output(records))
        case .cancelled:
            keep { $0.status = .cancelled }
            tell(.cancelled)
            done?(nil)
        case .timedOut:
            keep { $0.status = .timedOut }
            tell(.timedOut)
            let failure = StepFailure(message: "workflow timed out", isRetryable: true)
            done?(failed(failure, "timeout", nil, records))
        case .failed(let step):
            let failure = records[step].failure ?? StepFailure(message: "step failed")
            finish(done, failed(described(failure, step), failure.category ?? "workflow_failed", step, records))
        }
    }

    private func finish(_ done: (@Sendable (WorkflowAnswer?) -> Void)?, _ answer: WorkflowAnswer) {
        keep { $0.status = answer.isError ? .failed : .completed }
        tell(answer.isError ? .failed : .completed)
        done?(answer)
    }

    /// The failure with the step and, when a tool was called, with tool and backend.
    private func described(_ failure: StepFailure, _ step: Int) -> StepFailure {
        let id = definition.steps[step].id
        let message: String
        if let tool = failure.tool, let backend = failure.backend {
            message = "tool call failed: tool \(tool) of backend \(backend) in step \(id): \(failure.message)"
        } else if failure.message.contains("step \(id)") {
            message = failure.message
        } else {
            message = "step \(id): \(failure.message)"
        }
        return StepFailure(
            message: message, tool: failure.tool, backend: failure.backend, category: failure.category,
            isRetryable: failure.isRetryable)
    }

    private func failed(
        _ failure: StepFailure, _ category: String, _ step: Int?, _ records: [StepRecord]
    ) -> WorkflowAnswer {
        WorkflowAnswer(
            failure: failure, category: category, workflow: definition.name, step: step.map { definition.steps[$0].id },
            partial: surroundings.tellsPartialResults ? partial(records) : nil)
    }

    /// Without `output`, that of the last step, in the order of the definition, that no other waits for and that completed.
    private func output(_ records: [StepRecord]) -> WorkflowAnswer {
        guard let output = definition.output else {
            let last = definition.sinks.last { records[$0].status == .completed }
            return WorkflowAnswer(output: last.map { records[$0].output.value.json } ?? Array("{}".utf8))
        }
        do throws(StepFailure) {
            return WorkflowAnswer(output: try WorkflowResult(data: data(status: "completed")).build(output))
        } catch {
            return failed(error, "workflow_failed", nil, records)
        }
    }

    private func partial(_ records: [StepRecord]) -> [UInt8] {
        var out = Array("{\"steps\":{".utf8)
        for (index, record) in records.enumerated() {
            if index > 0 { out.append(UInt8(ascii: ",")) }
            JSONText.append(definition.steps[index].id, to: &out)
            out.append(UInt8(ascii: ":"))
            record.appendJSON(to: &out)
        }
        return out + Array("}}".utf8)
    }
}
