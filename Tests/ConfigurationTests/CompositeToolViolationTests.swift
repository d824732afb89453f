import Testing

@testable import HostConfiguration

@Suite("Violations of composite tools")
struct CompositeToolViolationTests {
    private static let step = "- {id: one, tool: a_b}\n"

    private static func tool(_ title: String, _ lines: String, _ path: String, _ fragment: String) -> Violation {
        var text = "compositeTools:\n- \n"
        let fields = [("name:", "name: flow\n"), ("description:", "description: d\n"), ("steps:", "steps:\n" + step)]
        for (field, standard) in fields where !lines.hasPrefix(field) && !lines.contains("\n" + field) {
            text += indented(standard)
        }
        text += indented(lines)
        return .file(title, document(text), "compositeTools[0]" + path, fragment)
    }

    private static func steps(_ title: String, _ lines: String, _ path: String, _ fragment: String) -> Violation {
        tool(title, "steps:\n" + lines, ".steps" + path, fragment)
    }

    private static func output(_ title: String, _ property: String, _ path: String, _ fragment: String) -> Violation {
        tool(title, "output:\n  properties:\n    p: \(property) #!", ".output.properties.p" + path, fragment)
    }

    static let tools: [Violation] = [
        tool("empty name", "name: \"\" #!", ".name", "required"),
        tool("no description", "description: null", ".description", "required"),
        tool("no steps", "steps: [] #!", ".steps", "at least 1 step"),
        tool(
            "too many steps", "steps: #!\n" + (0...100).map { "- {id: s\($0), tool: t}\n" }.joined(), ".steps",
            "at most 100"),
        tool("negative time", "timeout: -1s #!", ".timeout", "cannot be negative"),
        tool("parameters without type", "parameters: #!\n  properties: {}", ".parameters", "no type"),
        tool("parameters that are a list", "parameters: {type: array} #!", ".parameters.type", "`type: object`"),
        tool("parameters of no type", "parameters: {type: 5} #!", ".parameters.type", "`type: object`"),
        tool(
            "dialect", "parameters: {type: object, $schema: \"https://example.com/own\"} #!",
            ".parameters[\"$schema\"]",
            "the dialect \"https://example.com/own\" is not supported"),
        tool(
            "dialect of no text", "parameters: {type: object, $schema: 7} #!", ".parameters[\"$schema\"]",
            "URI of a dialect"),
        tool(
            "properties", "parameters: {type: object, properties: []} #!", ".parameters.properties",
            "mapping of schemas"),
        tool(
            "required", "parameters: {type: object, required: a} #!", ".parameters.required", "list of property names"),
        tool(
            "nested schema", "parameters: {type: object, properties: {a: {type: text}}} #!",
            ".parameters.properties.a.type", "expected one of object"),
        tool(
            "required output", "output: {required: [q], properties: {p: {type: string, description: d, value: v}}} #!",
            ".output.required[0]", "found `q`"),
        tool("no output", "output: {properties: {}} #!", ".output.properties", "at least 1 property"),
        output("type", "{type: text, description: d, value: v}", ".type", "string, integer"),
        output("no description", "{type: string, value: v}", ".description", "required"),
        output("value and properties", "{type: object, description: d, value: v, properties: {}}", "", "found both"),
        output("neither value nor properties", "{type: object, description: d}", "", "found neither"),
        output(
            "properties of a text", "{type: string, description: d, value: v, properties: {}}", ".properties",
            "on an object only"),
        output("text without value", "{type: string, description: d}", ".value", "needs it"),
        output("template", "{type: string, description: d, value: \"{{.a\"}", ".value", "close the action"),
        output("default", "{type: integer, description: d, value: v, default: many}", ".default", "of type integer"),
        output(
            "nested property", "{type: object, description: d, properties: {q: {type: string, description: d}}}",
            ".properties.q.value", "needs it"),
    ]

    static let stepCases: [Violation] = [
        steps("no id", "- {tool: a} #!", "[0].id", "required"),
        steps("empty id", "- {id: \"\", tool: a} #!", "[0].id", "empty text"),
        steps("id twice", "- {id: a, tool: a}\n- {id: a, tool: a} #!", "[1].id", "duplicated"),
        steps("ambiguous", "- {id: a, tool: a, message: b} #!", "[0].message", "ambiguous"),
        steps("type", "- {id: a, type: loop} #!", "[0].type", "tool, elicitation, forEach"),
        steps("no tool", "- {id: a} #!", "[0].tool", "needs it"),
        steps("tool name", "- {id: a, tool: \"a b\"} #!", "[0].tool", "valid tool name"),
        steps("no message", "- {id: a, type: elicitation} #!", "[0].message", "needs it"),
        steps(
            "schema", "- {id: a, type: elicitation, message: m, schema: {type: form}} #!", "[0].schema.type",
            "expected one of object"),
        steps(
            "answer without action", "- {id: a, type: elicitation, message: m, onDecline: {}} #!",
            "[0].onDecline.action", "required"),
        steps(
            "answer", "- {id: a, type: elicitation, message: m, onCancel: {action: retry}} #!", "[0].onCancel.action",
            "skip_remaining"),
        steps(
            "tool on forEach", "- {id: a, type: forEach, tool: t, collection: c, step: {id: b, tool: t}} #!",
            "[0].tool", "belongs into `step`"),
        steps(
            "message on forEach", "- {id: a, type: forEach, message: t, collection: c, step: {id: b, tool: t}} #!",
            "[0].message", "belongs into `step`"),
        steps(
            "no collection", "- {id: a, type: forEach, step: {id: b, tool: t}} #!", "[0].collection", "forEach needs it"
        ),
        steps("no inner step", "- {id: a, type: forEach, collection: c} #!", "[0].step", "forEach needs it"),
        steps(
            "inner type", "- {id: a, type: forEach, collection: c, step: {id: b, type: elicitation, message: m}} #!",
            "[0].step.type", "of type tool"),
        steps(
            "inner tool missing", "- {id: a, type: forEach, collection: c, step: {id: b}} #!", "[0].step.tool",
            "needs it"),
        steps(
            "inner tool", "- {id: a, type: forEach, collection: c, step: {id: b, tool: \"-\"}} #!", "[0].step.tool",
            "valid tool name"),
        steps(
            "variable", "- {id: a, type: forEach, collection: c, itemVar: 1a, step: {id: b, tool: t}} #!",
            "[0].itemVar", "identifier"),
        steps(
            "reserved variable", "- {id: a, type: forEach, collection: c, itemVar: index, step: {id: b, tool: t}} #!",
            "[0].itemVar", "other than `index`"),
        steps(
            "too parallel", "- {id: a, type: forEach, collection: c, maxParallel: 51, step: {id: b, tool: t}} #!",
            "[0].maxParallel", "from 0 to 50"),
        steps(
            "negative parallel", "- {id: a, type: forEach, collection: c, maxParallel: -1, step: {id: b, tool: t}} #!",
            "[0].maxParallel", "from 0 to 50"),
        steps(
            "too often", "- {id: a, type: forEach, collection: c, maxIterations: 1001, step: {id: b, tool: t}} #!",
            "[0].maxIterations", "from 0 to 1000"),
        steps("argument", "- {id: a, tool: t, arguments: {x: \"{{ .a\"}} #!", "[0].arguments.x", "close the action"),
        steps(
            "condition", "- {id: a, tool: t, condition: \"{{ .a } }}\", defaultResults: {}} #!", "[0].condition",
            "close the action"),
        steps("message template", "- {id: a, type: elicitation, message: \"{{}}\"} #!", "[0].message", "found nothing"),
        steps(
            "block", "- {id: a, type: forEach, collection: \"{{if .a}}x\", step: {id: b, tool: t}} #!",
            "[0].collection", "{{end}}"),
        steps(
            "unknown step", "- {id: one, tool: t}\n- {id: b, tool: t, dependsOn: [on]} #!", "[1].dependsOn[0]",
            "did you mean `one`?"),
        steps(
            "cycle",
            "- {id: a, tool: t, dependsOn: [c]} #!\n- {id: b, tool: t, dependsOn: [a]}\n- {id: c, tool: t, dependsOn: [b]}",
            "[0].dependsOn", "a → c → b → a"),
        steps("step that waits for itself", "- {id: a, tool: t, dependsOn: [a]} #!", "[0].dependsOn", "a → a"),
        steps(
            "reaction", "- {id: a, tool: t, onError: {action: ignore}} #!", "[0].onError.action",
            "abort, continue, retry"),
        steps(
            "no repetition", "- {id: a, tool: t, onError: {action: retry, retryCount: 0}} #!", "[0].onError.retryCount",
            "at least 1"),
        steps(
            "no number of repetitions", "- {id: a, tool: t, onError: {action: retry}} #!", "[0].onError", "at least 1"),
        steps(
            "skipped without default",
            "- {id: a, tool: t, condition: \"{{.x}}\"} #!\n- {id: b, tool: t, arguments: {x: \"{{.steps.a.output.title}}\"}}",
            "[0].defaultResults", "may be skipped"),
        steps(
            "continued without default",
            "- {id: a, tool: t, onError: {action: continue}, defaultResults: {other: 1}} #!\n- {id: b, type: elicitation, message: \"{{.steps.a.output.title}}\"}",
            "[0].defaultResults.title", "may be skipped"),
    ]

    static let beyondTheReference: [Violation] = [
        steps(
            "unknown function", "- {id: a, tool: t, arguments: {x: \"{{ nope .a }}\"}} #!", "[0].arguments.x",
            "found `nope`"),
        steps(
            "nested argument", "- {id: a, tool: t, arguments: {x: [{y: \"{{ .a\"}]}} #!", "[0].arguments.x[0].y",
            "(1:1 of the template)"),
        steps(
            "condition that says nothing", "- {id: a, tool: t, condition: \"yes\"} #!", "[0].condition", "true or false"
        ),
        steps("no schema", "- {id: a, type: elicitation, message: m} #!", "[0].schema", "needs it"),
        steps(
            "deep schema",
            "- {id: a, type: elicitation, message: m, schema: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {}}}}}}}}}}}} #!",
            "[0].schema", "at most 10 levels"),
        steps(
            "id of an inner step", "- {id: a, type: forEach, collection: c, step: {id: a, tool: t}} #!", "[0].step.id",
            "duplicated"),
        steps(
            "step read that is unknown", "- {id: one, tool: t, condition: \"{{.steps.ons.status}}\"} #!",
            "[0].condition", "found `ons`"),
        steps(
            "cycle of what is read",
            "- {id: a, tool: t, arguments: {x: \"{{.steps.b.output}}\"}} #!\n- {id: b, tool: t, dependsOn: [a]}", "[0]",
            "a → b → a"),
        steps("itself", "- {id: a, tool: flow} #!", "[0].tool", "the composite tool `flow`"),
        steps(
            "itself for each", "- {id: a, type: forEach, collection: c, step: {id: b, tool: flow}} #!", "[0].step.tool",
            "the composite tool `flow`"),
        steps(
            "default read in a nested argument",
            "- {id: a, tool: t, condition: \"{{.x}}\"} #!\n- {id: b, tool: t, arguments: {x: [\"{{.steps.a.output.title}}\"]}}",
            "[0].defaultResults", "step `b` reads it"),
        steps(
            "default read in a collection",
            "- {id: a, tool: t, condition: \"{{.x}}\"} #!\n- {id: b, type: forEach, collection: \"{{.steps.a.output.l}}\", step: {id: i, tool: t}}",
            "[0].defaultResults", "field `l`"),
        steps(
            "default read in an inner step",
            "- {id: a, tool: t, condition: \"{{.x}}\"} #!\n- {id: b, type: forEach, collection: c, step: {id: i, tool: t, arguments: {x: \"{{index .steps \\\"a\\\" \\\"output\\\" \\\"l\\\"}}\"}}}",
            "[0].defaultResults", "field `l`"),
        output(
            "deep output",
            "{type: object, description: d, properties: \(String(repeating: "{q: {type: object, description: d, properties: ", count: 10)){q: {type: string, description: d, value: v}}\(String(repeating: "}}", count: 10))}",
            String(repeating: ".properties.q", count: 10), "at most 10 levels"),
        output(
            "unknown step in the output", "{type: string, description: d, value: \"{{.steps.two.output.x}}\"}",
            ".value", "found `two`"),
        tool("whose rights", "stepAuthorization: nobody #!", ".stepAuthorization", "caller, composite"),
    ]

    @Test("Is rejected with its place", arguments: tools + stepCases + beyondTheReference)
    func rejected(violation: Violation) throws { try violation.check() }
}
