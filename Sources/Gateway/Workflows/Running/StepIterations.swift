/// What the iterations of a forEach step gave so far.
struct StepIterations: Sendable {
    let items: [TemplateValue]
    private var outputs: [Int: TemplateValue] = [:]
    private var errors: [Int: String] = [:]

    init(_ items: [TemplateValue]) { self.items = items }

    mutating func succeeded(_ iteration: Int, _ output: TemplateValue) {
        outputs[iteration] = output
        errors[iteration] = nil
    }

    mutating func failed(_ iteration: Int, _ message: String) { errors[iteration] = message }

    /// The first failure, for the step's own.
    var firstError: (iteration: Int, message: String)? {
        errors.min { $0.key < $1.key }.map { (iteration: $0.key, message: $0.value) }
    }

    /// `.forEach` for the templates of an iteration.
    func data(_ iteration: Int, variable: String) -> TemplateValue {
        .map([variable: items[iteration], "index": .integer(iteration)])
    }

    /// The output of the step.
    func output(_ statuses: [WorkflowSchedule.IterationStatus]) -> StepOutput {
        let iterations = statuses.enumerated().map { index, status in
            var entry: [String: TemplateValue] = [
                "index": .integer(index), "item": items[index], "status": .string(status.rawValue),
                "output": outputs[index] ?? .null,
            ]
            if let error = errors[index] { entry["error"] = .string(error) }
            return TemplateValue.map(entry)
        }
        let completed = statuses.count { $0 == .completed }
        return StepOutput(
            value: .map([
                "iterations": .list(iterations), "count": .integer(statuses.count), "completed": .integer(completed),
                "failed": .integer(statuses.count - completed),
            ]))
    }
}
