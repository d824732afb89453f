/// A tool that a ``ToolServer`` offers.
public struct Tool: Sendable {
    /// Does the work; throwing ``ToolFailure`` tells the model what went wrong. Cancelled when nobody waits any more.
    public typealias Handler = @Sendable (ToolCall) async throws -> ToolResult

    /// Does the work and may wait meanwhile; for plugins with ``PluginFlags/blocking``, whose calls come on threads made
    /// for it.
    public typealias BlockingHandler = @Sendable (ToolCall) throws(ToolFailure) -> ToolResult

    /// Up to 64 letters, digits, '_' and '-', as clients like them.
    public var name: String
    /// For people; optional.
    public var title: String?
    /// For the model.
    public var description: String
    /// JSON Schema of the arguments, an object.
    public var inputSchema: JSONValue
    /// JSON Schema of the structured result; optional.
    public var outputSchema: JSONValue?
    /// Hints such as `readOnlyHint`; optional.
    public var annotations: JSONValue?
    /// Does the work.
    public var handler: Handler
    /// Does the work instead, on the thread that brings the call.
    var blockingHandler: BlockingHandler?

    /// Makes a tool. Without a schema it takes no arguments.
    public init(
        name: String, title: String? = nil, description: String,
        inputSchema: JSONValue = ["type": "object", "additionalProperties": false], outputSchema: JSONValue? = nil,
        annotations: JSONValue? = nil, handler: @escaping Handler
    ) {
        self.name = name
        self.title = title
        self.description = description
        self.inputSchema = inputSchema
        self.outputSchema = outputSchema
        self.annotations = annotations
        self.handler = handler
    }

    /// Makes a tool whose work waits. Without a schema it takes no arguments.
    public init(
        name: String, title: String? = nil, description: String,
        inputSchema: JSONValue = ["type": "object", "additionalProperties": false], outputSchema: JSONValue? = nil,
        annotations: JSONValue? = nil, blocking: @escaping BlockingHandler
    ) {
        self.init(
            name: name, title: title, description: description, inputSchema: inputSchema, outputSchema: outputSchema,
            annotations: annotations
        ) { use in try blocking(use) }
        blockingHandler = blocking
    }

    /// As `tools/list` shows it.
    var listing: JSONValue {
        var members: [JSONValue.Member] = [.init("name", .string(name))]
        if let title { members.append(.init("title", .string(title))) }
        members.append(.init("description", .string(description)))
        members.append(.init("inputSchema", inputSchema))
        if let outputSchema { members.append(.init("outputSchema", outputSchema)) }
        if let annotations { members.append(.init("annotations", annotations)) }
        return .object(members)
    }
}

/// One use of a tool.
public struct ToolCall: Sendable {
    /// The arguments, an object.
    public let arguments: JSONValue
    /// The work behind it: deadline, identity, headers. The server resolves it.
    public let call: Call

    /// A string argument.
    ///
    /// - Throws: ``ToolFailure`` when it is missing or something else.
    public func string(_ name: String) throws(ToolFailure) -> String {
        guard let value = arguments[name] else { throw ToolFailure("argument '\(name)' is missing") }
        guard let text = value.string else {
            throw ToolFailure("argument '\(name)': expected a string, found \(value.kind)")
        }
        return text
    }
}

/// What a tool says when it worked.
public struct ToolResult: Sendable, Equatable {
    /// Content blocks of MCP.
    public var content: [JSONValue]
    /// For tools with an output schema.
    public var structured: JSONValue?

    /// A result of content blocks.
    public init(content: [JSONValue], structured: JSONValue? = nil) {
        self.content = content
        self.structured = structured
    }

    /// A result of one text.
    public static func text(_ text: String) -> ToolResult {
        ToolResult(content: [["type": "text", "text": .string(text)]])
    }

    /// A structured result, with its text twin for older clients.
    public static func structured(_ value: JSONValue) -> ToolResult {
        var result = text(String(decoding: value.json, as: UTF8.self))
        result.structured = value
        return result
    }
}

/// Tells the model what went wrong, so that it can do better.
public struct ToolFailure: Error, Sendable, Equatable, CustomStringConvertible {
    /// One sentence for the model.
    public var message: String
    /// Makes a failure.
    public init(_ message: String) { self.message = message }
    /// The message.
    public var description: String { message }
}
