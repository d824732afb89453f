/// The arguments of `find_tool` and `call_tool`, which models often spell a little differently.
struct ToolArguments {
    /// Why arguments cannot be read: what the caller is told.
    struct Refusal: Error, Equatable {
        let text: String
        init(_ text: String) { self.text = text }
        static func invalid(_ reason: String) -> Refusal { Refusal("invalid arguments: \(reason)") }
    }

    private let members: [(key: String, value: JSONSlice)]

    /// - Parameter arguments: `nil` counts as `{}`.
    init(_ arguments: JSONSlice?) throws(Refusal) {
        guard let arguments, arguments.kind != .null else {
            members = []
            return
        }
        guard arguments.kind == .object else { throw Refusal("arguments must be object") }
        members = arguments.members
    }

    /// The value of an argument: that of its exact name, otherwise that of a name which differs by case alone. The last of
    /// several counts, and null is absent.
    subscript(name: String) -> JSONSlice? {
        let found = members.last { $0.key == name } ?? members.last { $0.key.lowercased() == name }
        return found.flatMap { $0.value.kind == .null ? nil : $0.value }
    }

    func text(_ name: String) throws(Refusal) -> String? {
        guard let value = self[name] else { return nil }
        guard let text = value.string else {
            throw .invalid("\"\(name)\" must be a string, found \(value.kind)")
        }
        return text
    }
}

/// A decoded call of `find_tool`.
enum FindTool {
    static let name = "find_tool"

    static func request(_ arguments: JSONSlice?) throws(ToolArguments.Refusal) -> ToolRequest {
        let arguments = try ToolArguments(arguments)
        let description = try arguments.text("tool_description") ?? ""
        var keywords: [String] = []
        if let list = arguments["tool_keywords"] {
            guard list.kind == .array else {
                throw .invalid("\"tool_keywords\" must be an array of strings, found \(list.kind)")
            }
            for element in list.elements {
                guard let word = element.string else {
                    throw .invalid("\"tool_keywords\" must be an array of strings, found \(element.kind) in it")
                }
                keywords.append(word)
            }
        }
        guard description.contains(where: { !$0.isWhitespace }) else {
            throw ToolArguments.Refusal("find_tool failed: tool_description is required")
        }
        return ToolRequest(description: description, keywords: keywords)
    }
}

/// A decoded call of `call_tool`: what is authorized is what is sent.
struct CallTool: Equatable {
    static let name = "call_tool"
    private static let nameKey = "tool_name"

    /// The tool, as `find_tool` named it.
    let tool: String
    /// Raw JSON, an object.
    let parameters: [UInt8]

    /// A name inside the parameters is taken out of them when there is none at its place; a name at its place wins, so that a
    /// tool may have a parameter `tool_name` of its own.
    init(_ arguments: JSONSlice?) throws(ToolArguments.Refusal) {
        let arguments = try ToolArguments(arguments)
        let parameters = arguments["parameters"]
        if let parameters, parameters.kind != .object {
            throw .invalid("\"parameters\" must be an object, found \(parameters.kind)")
        }
        if let name = try arguments.text(Self.nameKey), !name.isEmpty {
            tool = name
            self.parameters = parameters?.array ?? Array("{}".utf8)
            return
        }
        guard let parameters, let name = parameters[Self.nameKey]?.string, !name.isEmpty else {
            let keys = (parameters?.members.map(\.key) ?? []).sorted().prefix(50).map { $0.prefix(100) }
            throw ToolArguments.Refusal(
                """
                call_tool failed: tool_name is required: call_tool expects {"tool_name": "<name from find_tool>", \
                "parameters": {<tool arguments>}}, got parameters keys [\(keys.joined(separator: " "))]
                """)
        }
        var splice = JSONSplice()
        RetryParams.remove([Self.nameKey], from: parameters, into: &splice)
        (tool, self.parameters) = (name, splice.apply(to: parameters))
    }

    /// The request for the tool itself: the client's own, with another name and other arguments. Everything else, `_meta`
    /// and its progress token included, stays as it came.
    func request(instead outer: JSONRPCMessage) throws(JSONRPCMessage.Malformed) -> JSONRPCMessage {
        var splice = JSONSplice()
        for (key, value) in outer.params?.members ?? [] {
            switch key {
            case "name": splice.replace(value.range, with: JSONText.quote(tool))
            case "arguments": splice.replace(value.range, with: parameters)
            default: break
            }
        }
        return try JSONRPCMessage(splice.apply(to: outer.json))
    }
}
