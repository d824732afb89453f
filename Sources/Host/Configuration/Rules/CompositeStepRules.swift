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
        if let schema = step["schema"] { JSONSchemaForm.check(schema, validation: validation) }
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
        guard let value, let text = value.text, let problem = TemplateText.problem(with: text) else { return }
        validation.log.error(at: value, problem)
    }

    private static func checkTemplates(in value: Located?, validation: Validation) {
        guard let value else { return }
        checkTemplate(value, validation: validation)
        for (_, child) in value.entries { checkTemplates(in: child, validation: validation) }
        for item in value.items { checkTemplates(in: item, validation: validation) }
    }
}
