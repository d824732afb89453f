/// One step of a composite tool, as checked.
package struct WorkflowStep: Sendable {
    /// What it does.
    package enum Work: Sendable {
        case tool(ToolCall)
        case elicitation(Elicitation)
        case forEach(ForEach)
    }

    /// A call of a backend's tool.
    package struct ToolCall: Sendable {
        /// An advertised name, shown or hidden, or `{backend}.{name}`.
        package let tool: String
        package let arguments: ArgumentTemplate

        package init(tool: String, arguments: ArgumentTemplate = .object([])) {
            self.tool = tool
            self.arguments = arguments
        }
    }

    /// A question to the person behind the client.
    package struct Elicitation: Sendable {
        /// What an answer other than "accept" leads to.
        package enum Reaction: String, Sendable, CaseIterable {
            case abort, `continue`
            case skipRemaining = "skip_remaining"
        }

        package let message: Template
        /// Of the form that is asked for, as it goes to the client.
        package let schema: JSONSchema
        /// Default ``Reaction/abort``, as is that of ``onCancel``.
        package let onDecline: Reaction
        /// Also when there is no answer in time.
        package let onCancel: Reaction

        package init(message: Template, schema: JSONSchema, onDecline: Reaction = .abort, onCancel: Reaction = .abort) {
            self.message = message
            self.schema = schema
            self.onDecline = onDecline
            self.onCancel = onCancel
        }
    }

    /// A call for each element of a list.
    package struct ForEach: Sendable {
        package let collection: Template
        /// The name of the element in `.forEach`. Default `item`.
        package let variable: String
        /// Calls at a time, 1 to 50. Default 10.
        package let maximumParallel: Int
        /// Longest list, 1 to 1000. Default 100.
        package let maximumIterations: Int
        package let call: ToolCall
        /// Of each iteration; nothing but ``OnError/retry(count:delay:)`` matters here.
        package let onError: OnError

        package init(
            collection: Template, variable: String = "item", maximumParallel: Int = 10, maximumIterations: Int = 100,
            call: ToolCall, onError: OnError = .abort
        ) {
            self.collection = collection
            self.variable = variable
            self.maximumParallel = maximumParallel
            self.maximumIterations = maximumIterations
            self.call = call
            self.onError = onError
        }
    }

    /// What a failure leads to.
    package enum OnError: Sendable, Equatable {
        /// The workflow fails.
        case abort
        /// The step counts as failed, its output is that of `defaultResults`, and the workflow goes on.
        case `continue`
        /// The step runs again, at most `count` times (10 at most), after `delay` milliseconds first and half as long again
        /// each time, give or take half; then the workflow fails.
        case retry(count: Int, delay: UInt64)
    }

    package let id: String
    package let work: Work
    /// Whether the step runs at all: `true` or `false`.
    package let condition: Template?
    /// Ids of steps that come first, as written; what templates read is added by ``WorkflowDefinition``.
    package let dependsOn: [String]
    package let onError: OnError
    /// Milliseconds, all retries included. Default 5 minutes; at most 10 for an elicitation.
    package let timeout: UInt64
    /// The output when the step is skipped, or failed and the workflow goes on.
    package let defaultResults: JSONSlice?

    package init(
        id: String, work: Work, condition: Template? = nil, dependsOn: [String] = [], onError: OnError = .abort,
        timeout: UInt64 = 300_000, defaultResults: JSONSlice? = nil
    ) {
        self.id = id
        self.work = work
        self.condition = condition
        self.dependsOn = dependsOn
        self.onError = onError
        // Nobody is waited for longer than ten minutes.
        if case .elicitation = work { self.timeout = min(timeout, 600_000) } else { self.timeout = timeout }
        self.defaultResults = defaultResults
    }

    /// The call that it makes, once or for each element.
    package var call: ToolCall? {
        switch work {
        case .tool(let call): call
        case .forEach(let forEach): forEach.call
        case .elicitation: nil
        }
    }

    /// Every template in it.
    var templates: [Template] {
        var found = [condition].compactMap { $0 }
        switch work {
        case .tool(let call): found += call.arguments.templates
        case .elicitation(let elicitation): found.append(elicitation.message)
        case .forEach(let forEach): found += [forEach.collection] + forEach.call.arguments.templates
        }
        return found
    }
}
