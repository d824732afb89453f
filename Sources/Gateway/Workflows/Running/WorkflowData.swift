/// What the templates of one run see.
struct WorkflowData: Sendable {
    private let params: TemplateValue
    private let id: String
    private let startTime: String
    private let stepCount: Int
    private var steps: [String: TemplateValue] = [:]

    /// - Parameter arguments: Raw JSON, an object, defaults filled in.
    init(arguments: JSONSlice, id: String, startTime: String, stepCount: Int) {
        params = TemplateValue(arguments)
        self.id = id
        self.startTime = startTime
        self.stepCount = stepCount
    }

    /// A step is over.
    mutating func set(_ record: StepRecord, of step: String) { steps[step] = record.data }

    /// - Parameters:
    ///   - status: Of the run.
    ///   - elapsed: Milliseconds since it began.
    ///   - iteration: `.forEach`, in inner steps.
    func root(status: String, elapsed: UInt64, iteration: TemplateValue? = nil) -> TemplateValue {
        var root: [String: TemplateValue] = [
            "params": params, "steps": .map(steps), "vars": .map([:]),
            "workflow": .map([
                "id": .string(id), "duration_ms": .integer(Int(clamping: elapsed)), "step_count": .integer(stepCount),
                "status": .string(status), "start_time": .string(startTime),
            ]),
        ]
        if let iteration { root["forEach"] = iteration }
        return .map(root)
    }
}
