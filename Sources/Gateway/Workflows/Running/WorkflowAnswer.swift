/// The result of `tools/call` that a run leads to.
package struct WorkflowAnswer: Sendable {
    package let isError: Bool
    /// Raw JSON, an object.
    package let result: [UInt8]

    /// The output, as `structuredContent` and as text (2025-06-18, Tools, Structured Content).
    init(output: [UInt8]) {
        var out = Array("{\"content\":[{\"type\":\"text\",\"text\":".utf8)
        JSONText.append(String(decoding: output, as: UTF8.self), to: &out)
        out += "}]".utf8
        // Only an object may stand there in revisions with sessions.
        if output.first == UInt8(ascii: "{") { out += Array(",\"structuredContent\":".utf8) + output }
        result = out + [UInt8(ascii: "}")]
        isError = false
    }

    /// A failure, and where it came from.
    /// - Parameters:
    ///   - step: That ended the run.
    ///   - partial: What the steps gave, when that was asked for; raw JSON.
    init(failure: StepFailure, category: String, workflow: String, step: String?, partial: [UInt8]?) {
        var out = Array("{\"content\":[{\"type\":\"text\",\"text\":".utf8)
        JSONText.append("Workflow execution failed: \(failure.message)", to: &out)
        out += "}]".utf8
        if let partial { out += Array(",\"structuredContent\":".utf8) + partial }
        out += Array(",\"isError\":true,\"_meta\":{\"\(FailureAnswer.metaKey)\":{\"category\":\"\(category)\"".utf8)
        for (name, value) in [
            ("workflow", workflow), ("step", step), ("tool", failure.tool), ("backend", failure.backend),
        ] {
            guard let value else { continue }
            out += Array(",\"\(name)\":".utf8) + JSONText.quote(value)
        }
        result = out + Array(",\"retryable\":\(failure.isRetryable ?? false)}}}".utf8)
        isError = true
    }
}
