import Gateway
import Synchronization

/// Definitions in few words.
enum Workflows {
    static func tool(
        _ id: String, _ tool: String = "a_echo", _ arguments: String = "{}", after: String...,
        when condition: String? = nil,
        onError: WorkflowStep.OnError = .abort, timeout: UInt64 = 300_000, standIn: String? = nil
    ) throws -> WorkflowStep {
        WorkflowStep(
            id: id,
            work: .tool(WorkflowStep.ToolCall(tool: tool, arguments: try ArgumentTemplate(json(arguments)))),
            condition: try condition.map { try Template($0) }, dependsOn: after, onError: onError, timeout: timeout,
            defaultResults: try standIn.map(json))
    }

    static func forEach(
        _ id: String, in collection: String, _ arguments: String, parallel: Int = 10, most: Int = 100,
        onError: WorkflowStep.OnError = .abort
    ) throws -> WorkflowStep {
        WorkflowStep(
            id: id,
            work: .forEach(
                WorkflowStep.ForEach(
                    collection: try Template(collection), maximumParallel: parallel, maximumIterations: most,
                    call: WorkflowStep.ToolCall(tool: "a_echo", arguments: try ArgumentTemplate(json(arguments))))),
            onError: onError)
    }

    static func ask(
        _ id: String, _ message: String, schema: String = #"{"type":"object","properties":{"ok":{"type":"boolean"}}}"#,
        after: String..., onDecline: WorkflowStep.Elicitation.Reaction = .abort,
        onCancel: WorkflowStep.Elicitation.Reaction = .abort, timeout: UInt64 = 300_000
    ) throws -> WorkflowStep {
        WorkflowStep(
            id: id,
            work: .elicitation(
                WorkflowStep.Elicitation(
                    message: try Template(message), schema: JSONSchema(try json(schema)), onDecline: onDecline,
                    onCancel: onCancel)), dependsOn: after, timeout: timeout)
    }

    static func flow(
        _ steps: WorkflowStep..., parameters: String = #"{"type":"object"}"#, output: WorkflowOutput? = nil,
        annotations: AggregationSettings.Annotations = AggregationSettings.Annotations(), name: String = "flow",
        authorization: WorkflowDefinition.StepAuthorization = .caller, timeout: UInt64 = 1_800_000
    ) throws -> WorkflowDefinition {
        try WorkflowDefinition(
            name: name, description: "d", parameters: JSONSchema(try json(parameters)), timeout: timeout, steps: steps,
            output: output, annotations: annotations, stepAuthorization: authorization)
    }

    static func output(_ properties: (String, WorkflowOutput.Kind, String)..., required: [String] = []) throws
        -> WorkflowOutput
    {
        WorkflowOutput(
            properties: try properties.map { name, kind, value in
                (name, WorkflowOutput.Property(kind: kind, description: "d", source: .value(try Template(value))))
            }, required: required)
    }

    static func json(_ text: String) throws -> JSONSlice { try JSONSlice(validating: Array(text.utf8)) }

    static func call(_ arguments: String = "{}", id: Int = 1, meta: String = "") -> String {
        #"{"jsonrpc":"2.0","id":\#(id),"method":"tools/call","params":{"name":"flow","arguments":\#(arguments)\#(meta.isEmpty ? "" : ",\"_meta\":\(meta)")}}"#
    }
}

/// Remembers what happened in workflows.
final class RecordedEvents: WorkflowEvents {
    private let events = Mutex<[WorkflowEvent]>([])
    func happened(_ event: WorkflowEvent) { events.withLock { $0.append(event) } }
    /// Kinds without their prefix, with the step.
    var lines: [String] {
        events.withLock { $0 }.map {
            "\($0.kind.rawValue.dropFirst("vmcp_workflow_".count))\($0.step.map { " " + $0 } ?? "")"
        }
    }
}

extension MemoryBackend.Waiting {
    /// What a step sent.
    var arguments: String {
        message.params?["arguments"].map { String(decoding: $0.bytes, as: UTF8.self) } ?? ""
    }
}
