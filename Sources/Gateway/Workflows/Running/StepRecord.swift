/// How one step stands, with what it gave.
struct StepRecord: Sendable {
    var status = WorkflowSchedule.Status.pending
    var output = StepOutput(value: .map([:]))
    var failure: StepFailure?
    /// Attempts after the first.
    var retries = 0

    /// `.steps.ID` of templates.
    var data: TemplateValue {
        var members: [String: TemplateValue] = [
            "status": .string(status.rawValue), "output": output.value, "content": .map(output.content),
        ]
        if let failure { members["error"] = .string(failure.message) }
        return .map(members)
    }

    /// The record in results that show how far a workflow came.
    func appendJSON(to out: inout [UInt8]) {
        out += Array("{\"status\":\"\(status.rawValue)\"".utf8)
        if status == .completed || status == .skipped {
            out += ",\"output\":".utf8
            out += output.value.json
        }
        if let failure {
            out += ",\"error\":".utf8
            JSONText.append(failure.message, to: &out)
        }
        if retries > 0 { out += Array(",\"retryCount\":\(retries)".utf8) }
        out.append(UInt8(ascii: "}"))
    }
}
