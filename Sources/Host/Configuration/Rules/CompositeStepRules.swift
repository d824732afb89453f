import Gateway

/// The rules of one step of a composite tool (resource specification, section 15).
enum CompositeStepRules {
    static func check(_ step: Located, validation: Validation) {
        let log = validation.log
        let type = step["type"]?.text
        if type == nil, step["tool"] != nil, let message = step["message"] {
            log.error(
                at: message, "expected `tool` or `message`, found both, which is ambiguous; add an explicit `type`")
        }
        switch type ?? "tool" {
        case "tool": checkTool(step, validation: validation)
        case "elicitation": checkElicitation(step, validation: validation)
        case "forEach": checkForEach(step, validation: validation)
        default: break
        }
        for field in ["condition", "message", "collection"] { checkTemplate(step[field], validation: validation) }
        checkCondition(step["condition"], validation: validation)
        checkTemplates(in: step["arguments"], validation: validation)
        if let onError = step["onError"], onError["action"]?.text == "retry", onError["retryCount"]?.integer ?? 0 < 1 {
            log.error(
                at: onError["retryCount"] ?? onError,
                "expected a `retryCount` of at least 1 with `action: retry`, found "
                    + (onError["retryCount"]?.node.valueDescription ?? "nothing"))
        }
    }

    private static func checkTool(_ step: Located, validation: Validation) {
        guard let tool = step["tool"], let name = tool.text, !name.isEmpty else {
            if step["tool"]?.text != nil || step["tool"] == nil {
                validation.log.error(
                    at: step, field: "tool", "expected the tool to call, found nothing; a step of type tool needs it")
            }
            return
        }
        if !Pattern.matches(name, CompositeToolRules.toolName) {
            validation.log.error(
                at: tool, "expected a valid tool name (letters, digits, `.`, `_`, `-`), found \"\(name)\"")
        }
    }

    private static func checkElicitation(_ step: Located, validation: Validation) {
        if step["message"]?.text?.isEmpty ?? true {
            validation.log.error(
                at: step, field: "message", "expected what to ask, found nothing; a step of type elicitation needs it")
        }
        if let schema = step["schema"] {
            JSONSchemaForm.check(schema, validation: validation)
            checkSize(of: schema, validation: validation)
        } else {
            validation.log.error(
                at: step, field: "schema",
                "expected a JSON Schema of the answer, found nothing; a step of type elicitation needs it")
        }
        // Resources get the default from the API server; a file has nobody to fill it in.
        guard !step.path.hasPrefix("spec") else { return }
        for field in ["onDecline", "onCancel"] {
            if let answer = step[field], answer["action"] == nil {
                validation.log.error(
                    at: answer, field: "action",
                    "expected abort, continue or skip_remaining, found nothing; it is required")
            }
        }
    }

    private static func checkForEach(_ step: Located, validation: Validation) {
        let log = validation.log
        for field in ["tool", "message"] {
            if let extra = step[field] {
                log.error(at: extra, "expected no `\(field)` on a forEach step, found one; it belongs into `step`")
            }
        }
        if step["collection"]?.text?.isEmpty ?? true {
            log.error(
                at: step, field: "collection", "expected a template that yields a list, found nothing; forEach needs it"
            )
        }
        if let variable = step["itemVar"], let name = variable.text,
            name == "index" || !Pattern.matches(name, "^[a-zA-Z_][a-zA-Z0-9_]*$")
        {
            log.error(at: variable, "expected an identifier other than `index`, found \"\(name)\"")
        }
        guard let inner = step["step"] else {
            log.error(at: step, field: "step", "expected the step to repeat, found nothing; forEach needs it")
            return
        }
        guard case .mapping = inner.node.content else { return }
        validation.check(inner, .object(CompositeToolSchema.step))
        if let type = inner["type"], type.text != "tool" {
            log.error(
                at: type, "expected an inner step of type tool, found \(type.node.valueDescription); nest no further")
        } else {
            checkTool(inner, validation: validation)
            checkTemplates(in: inner["arguments"], validation: validation)
        }
    }

    static func checkTemplate(_ value: Located?, validation: Validation) {
        guard let value, let text = value.text else { return }
        do throws(TemplateError) { _ = try Template(text) } catch {
            validation.log.error(at: value, "\(error.message) (\(error.line):\(error.column) of the template)")
        }
    }

    /// A condition without an action says the same each time, so it must be one of the words that count.
    private static func checkCondition(_ value: Located?, validation: Validation) {
        guard let value, let text = value.text, !text.contains("{{") else { return }
        if WorkflowCondition(text) == nil {
            validation.log.error(
                at: value, "expected a template that yields true or false, found \(value.node.valueDescription)")
        }
    }

    /// What a client is asked to show has limits (composite tools, 100 KiB and 10 levels).
    private static func checkSize(of schema: Located, validation: Validation) {
        let (bytes, depth) = (schema.node.json.count, schema.node.depth)
        if bytes > 100 << 10 { validation.log.error(at: schema, "expected at most 100 KiB, found \(bytes) bytes") }
        if depth > 10 { validation.log.error(at: schema, "expected at most 10 levels of nesting, found \(depth)") }
    }

    private static func checkTemplates(in value: Located?, depth: Int = 0, validation: Validation) {
        guard let value else { return }
        guard depth <= ArgumentTemplate.maximumDepth else {
            return validation.log.error(
                at: value, "expected at most \(ArgumentTemplate.maximumDepth) levels of nesting, found more")
        }
        checkTemplate(value, validation: validation)
        for (_, child) in value.entries { checkTemplates(in: child, depth: depth + 1, validation: validation) }
        for item in value.items { checkTemplates(in: item, depth: depth + 1, validation: validation) }
    }
}

extension Node {
    /// Levels of lists and mappings; 0 for a scalar.
    fileprivate var depth: Int {
        switch content {
        case .sequence(let items): 1 + (items.map(\.depth).max() ?? 0)
        case .mapping(let entries): 1 + (entries.map(\.value.depth).max() ?? 0)
        default: 0
        }
    }
}
