/// What the call of a tool came to, as a workflow sees it.
enum StepAnswer: Sendable {
    case success(StepOutput)
    case failure(StepFailure)

    /// - Parameter answer: That to `tools/call`, a result or an error; or why there is none.
    init(_ answer: Result<JSONRPCMessage, StepFailure>, of tool: Catalog.Tool) {
        let response: JSONRPCMessage
        switch answer {
        case .success(let message): response = message
        case .failure(let failure):
            self = .failure(StepFailure(message: failure.message, tool: tool.name, backend: tool.backend))
            return
        }
        if let error = response.error {
            let text = error["message"]?.string ?? "no message"
            self = .failure(StepFailure(message: text, tool: tool.name, backend: tool.backend))
            return
        }
        guard let result = response.result, result.kind == .object else {
            self = .failure(
                StepFailure(message: "the answer has no result", tool: tool.name, backend: tool.backend))
            return
        }
        guard result["isError"]?.bool != true else {
            let detail = result["_meta"]?[FailureAnswer.metaKey]
            self = .failure(
                StepFailure(
                    message: Self.text(ofError: result), tool: tool.name, backend: tool.backend,
                    category: detail?["category"]?.string, isRetryable: detail?["retryable"]?.bool))
            return
        }
        let content = Self.flattened(result["content"])
        let structured = result["structuredContent"].flatMap { $0.kind == .null ? nil : TemplateValue($0) }
        self = .success(StepOutput(value: structured ?? .map(content), content: content))
    }

    /// The first text that says something; else a member of the structured content that does.
    private static func text(ofError result: JSONSlice) -> String {
        for block in result["content"]?.elements ?? [] where block["type"]?.string == "text" {
            if let text = block["text"]?.string, !text.isEmpty { return text }
        }
        for name in ["error", "message", "text"] {
            if let text = result["structuredContent"]?[name]?.string, !text.isEmpty { return text }
        }
        return "tool execution error"
    }

    /// Content blocks as one object: texts as `text`, `text_1` …, images as `image_0` …, embedded resources as `resource`,
    /// `resource_1` …; audio and links are left out.
    private static func flattened(_ content: JSONSlice?) -> [String: TemplateValue] {
        var found: [String: TemplateValue] = [:]
        var (texts, images, resources) = (0, 0, 0)
        for block in content?.elements ?? [] {
            switch block["type"]?.string {
            case "text":
                found[texts == 0 ? "text" : "text_\(texts)"] = .string(block["text"]?.string ?? "")
                texts += 1
            case "image":
                found["image_\(images)"] = .string(block["data"]?.string ?? "")
                images += 1
            case "resource":
                guard let resource = block["resource"] else { continue }
                let text = resource["text"]?.string ?? resource["blob"]?.string
                found[resources == 0 ? "resource" : "resource_\(resources)"] =
                    text.map { .string($0) } ?? .json(resource)
                resources += 1
            default: break
            }
        }
        return found
    }
}

/// What a step gives to those after it.
struct StepOutput: Sendable {
    /// `.steps.ID.output`
    let value: TemplateValue
    /// `.steps.ID.content`
    var content: [String: TemplateValue] = [:]
}

/// Why a step failed. What a backend said passes as it is; nothing of arguments or credentials is added.
package struct StepFailure: Error, Sendable, Equatable {
    package let message: String
    /// The tool that was called, if one was.
    package var tool: String?
    package var backend: String?
    /// As in ``FailureAnswer``; `nil` when the backend itself failed.
    package var category: String?
    package var isRetryable: Bool?
}
