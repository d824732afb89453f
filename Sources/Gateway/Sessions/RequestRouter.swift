/// Where a client's request goes: a pure function of the request and the catalogue.
package struct RequestRouter: Sendable {
    package enum Decision: Sendable {
        /// To a backend, with the edits that make it fit (names of the backend's own).
        case forward(backend: String, JSONSplice)
        /// A composite tool runs, with these arguments: an object with defaults filled in that fits its parameters.
        case run(ResolvedWorkflow, arguments: JSONSlice)
        /// Answered here with a raw result.
        case result([UInt8])
        /// Answered here with an error.
        case error(code: Int, message: String, data: [UInt8]?)
    }

    private let catalog: Catalog
    private let form: ToolForm
    private let isInner: Bool

    /// - Parameters:
    ///   - form: What the client gets to see of tools.
    ///   - isInner: The request came through `call_tool`, which reaches tools that no list shows.
    package init(_ catalog: Catalog, form: ToolForm = .older, isInner: Bool = false) {
        self.catalog = catalog
        self.form = form
        self.isInner = isInner
    }

    /// Decides on the methods that the catalogue answers or routes; `nil` for others.
    package func route(_ request: JSONRPCMessage) -> Decision? {
        switch request.method {
        case "tools/list": page(.tools, request)
        case "resources/list": page(.resources, request)
        case "resources/templates/list": page(.resourceTemplates, request)
        case "prompts/list": page(.prompts, request)
        case "tools/call": callTool(request)
        case "prompts/get": getPrompt(request)
        case "resources/read", "resources/subscribe", "resources/unsubscribe": byURI(request)
        case "completion/complete": complete(request)
        default: nil
        }
    }

    private func page(_ kind: OfferKind, _ request: JSONRPCMessage) -> Decision {
        do throws(InvalidCursor) {
            return .result(try catalog.page(kind, cursor: request.params?["cursor"], form: form))
        } catch {
            return .error(code: -32602, message: "Invalid params: \(error)", data: nil)
        }
    }

    private func callTool(_ request: JSONRPCMessage) -> Decision {
        let call = CallMembers(request.params)
        guard let member = call.name, let name = member.string else {
            return invalid("tools/call needs one \"name\", a string")
        }
        if let arguments = call.arguments, arguments.kind != .object, arguments.kind != .null {
            return invalid("\"arguments\" must be an object")
        }
        guard isInner || catalog.lists(tool: name) else {
            return .error(code: -32602, message: "Unknown tool: \(Self.shown(name))", data: nil)
        }
        if let workflow = catalog.workflow(named: name) {
            return refusal(of: call, .forbidden) ?? run(workflow, call.arguments)
        }
        guard let route = catalog.tool(named: name) ?? (form == .withTasks ? catalog.taskOnlyTool(named: name) : nil)
        else {
            return away(.tools, name, member)
                ?? .error(code: -32602, message: "Unknown tool: \(Self.shown(name))", data: nil)
        }
        if let refusal = refusal(of: call, route.taskUse) { return refusal }
        var splice = Self.rename(member, to: route.originalName)
        // A backend could take it for a request for a task, and answer what the client does not know.
        if form == .older, call.tasks > 0, let params = request.params {
            RetryParams.remove(["task"], from: params, into: &splice)
        }
        return .forward(backend: route.backend, splice)
    }

    /// Refuses a call that is, or is not, to become a task (2025-11-25, Tasks, Tool-level negotiation). Where no tasks are
    /// offered, the wish for one is ignored.
    private func refusal(of call: CallMembers, _ use: TaskUse) -> Decision? {
        guard form == .withTasks else { return nil }
        guard call.tasks > 0 else {
            let text = "Method not found: the tool can be called as a task only"
            return use == .required ? .error(code: -32601, message: text, data: nil) : nil
        }
        guard call.tasks == 1, call.task?.kind == .object else {
            return invalid("tools/call takes one \"task\", an object")
        }
        let text = "Method not found: the tool cannot be called as a task"
        return use == .forbidden ? .error(code: -32601, message: text, data: nil) : nil
    }

    private func run(_ workflow: ResolvedWorkflow, _ arguments: JSONSlice?) -> Decision {
        let parameters = workflow.definition.parameters
        let filled = parameters.fillingDefaults(of: arguments?.kind == .object ? arguments : nil)
        let object = JSONSlice(base: filled, range: 0..<filled.count)
        let violations = parameters.violations(of: object)
        if violations.isEmpty { return .run(workflow, arguments: object) }
        return invalid("arguments: \(violations.map(\.description).joined(separator: "; "))")
    }

    private func getPrompt(_ request: JSONRPCMessage) -> Decision {
        guard let member = Self.only("name", of: request.params), let name = member.string else {
            return invalid("prompts/get needs one \"name\", a string")
        }
        guard let route = catalog.prompt(named: name) else {
            return away(.prompts, name, member)
                ?? .error(code: -32602, message: "Unknown prompt: \(Self.shown(name))", data: nil)
        }
        return .forward(backend: route.backend, Self.rename(member, to: route.originalName))
    }

    /// To the backend that a name led to before that went away: there the call fails with the reason, or finds it back.
    private func away(_ kind: OfferKind, _ name: String, _ member: JSONSlice) -> Decision? {
        catalog.absences.route(kind, named: name).map {
            .forward(backend: $0.backend, Self.rename(member, to: $0.originalName))
        }
    }

    private func byURI(_ request: JSONRPCMessage) -> Decision {
        guard let member = Self.only("uri", of: request.params), let uri = member.string else {
            return invalid("\(request.method) needs one \"uri\", a string")
        }
        guard let route = catalog.route(forResource: uri) else {
            if let away = away(.resources, uri, member) { return away }
            let data = Array("{\"uri\":".utf8) + JSONText.quote(uri) + Array("}".utf8)
            return .error(code: -32002, message: "Resource not found", data: data)
        }
        return .forward(backend: route.backend, Self.rename(member, of: uri, to: route.uri))
    }

    private func complete(_ request: JSONRPCMessage) -> Decision {
        guard let ref = Self.only("ref", of: request.params), let type = Self.only("type", of: ref)?.string else {
            return invalid("completion/complete needs one \"ref\" with one \"type\"")
        }
        switch type {
        case "ref/prompt":
            guard let member = Self.only("name", of: ref), let name = member.string else {
                return invalid("a \"ref/prompt\" needs one \"name\", a string")
            }
            guard let route = catalog.prompt(named: name) else {
                return .error(code: -32602, message: "Unknown prompt: \(Self.shown(name))", data: nil)
            }
            return .forward(backend: route.backend, Self.rename(member, to: route.originalName))
        case "ref/resource":
            guard let member = Self.only("uri", of: ref), let uri = member.string else {
                return invalid("a \"ref/resource\" needs one \"uri\", a string")
            }
            guard let route = catalog.route(forResource: uri) else {
                return .error(code: -32602, message: "Unknown resource: \(Self.shown(uri))", data: nil)
            }
            return .forward(backend: route.backend, Self.rename(member, of: uri, to: route.uri))
        default: return invalid("\"ref\" must be \"ref/prompt\" or \"ref/resource\", found \"\(Self.shown(type))\"")
        }
    }

    /// The member that decides where a request goes; `nil` when it is absent or not the only one.
    ///
    /// Parsers disagree on which of two counts, and some take `Name` for `name`: a backend must not act on another name than
    /// the one that was looked up, or a filter could be passed by.
    static func only(_ key: String, of object: JSONSlice?) -> JSONSlice? {
        guard let object else { return nil }
        var found: JSONSlice?
        var count = 0
        JSONScanner.eachMember(of: object) { range, value in
            let raw = object.base[range]
            if JSONText.equals(raw, key) {
                found = JSONSlice(base: object.base, range: value)
                count += 1
            } else if raw.count == key.utf8.count || raw.contains(UInt8(ascii: "\\")) {
                if JSONText.decode(raw)?.lowercased() == key { count += 1 }
            }
            return true
        }
        return count == 1 ? found : nil
    }

    private static func rename(_ member: JSONSlice, to name: String) -> JSONSplice {
        var splice = JSONSplice()
        splice.replace(member.range, with: JSONText.quote(name))
        return splice
    }

    /// URIs that stay what they are stay as they are written.
    private static func rename(_ member: JSONSlice, of uri: String, to original: String) -> JSONSplice {
        uri.utf8.count == original.utf8.count ? JSONSplice() : rename(member, to: original)
    }

    /// What a client sent, cut to a length that fits an error.
    private static func shown(_ text: String) -> String {
        text.utf8.count <= 200 ? text : "\(text.prefix(200))…"
    }

    private func invalid(_ text: String) -> Decision {
        .error(code: -32602, message: "Invalid params: \(text)", data: nil)
    }
}
