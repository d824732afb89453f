/// Where a client's request goes: a pure function of the request and the catalogue.
package struct RequestRouter: Sendable {
    package enum Decision: Sendable {
        /// To a backend, with the edits that make it fit (names of the backend's own).
        case forward(backend: String, JSONSplice)
        /// Answered here with a raw result.
        case result([UInt8])
        /// Answered here with an error.
        case error(code: Int, message: String, data: [UInt8]?)
    }

    private let catalog: Catalog

    package init(_ catalog: Catalog) {
        self.catalog = catalog
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
            return .result(try catalog.page(kind, cursor: request.params?["cursor"]))
        } catch {
            return .error(code: -32602, message: "Invalid params: \(error)", data: nil)
        }
    }

    private func callTool(_ request: JSONRPCMessage) -> Decision {
        guard let member = request.params?["name"], let name = member.string else {
            return invalid("tools/call needs \"name\", a string")
        }
        if let arguments = request.params?["arguments"], arguments.kind != .object, arguments.kind != .null {
            return invalid("\"arguments\" must be an object")
        }
        guard let route = catalog.tool(named: name) else {
            return .error(code: -32602, message: "Unknown tool: \(Self.shown(name))", data: nil)
        }
        return .forward(backend: route.backend, Self.rename(member, to: route.originalName))
    }

    private func getPrompt(_ request: JSONRPCMessage) -> Decision {
        guard let member = request.params?["name"], let name = member.string else {
            return invalid("prompts/get needs \"name\", a string")
        }
        guard let route = catalog.prompt(named: name) else {
            return .error(code: -32602, message: "Unknown prompt: \(Self.shown(name))", data: nil)
        }
        return .forward(backend: route.backend, Self.rename(member, to: route.originalName))
    }

    private func byURI(_ request: JSONRPCMessage) -> Decision {
        guard let uri = request.params?["uri"]?.string else {
            return invalid("\(request.method) needs \"uri\", a string")
        }
        guard let backend = catalog.backend(forResource: uri) else {
            let data = Array("{\"uri\":".utf8) + JSONText.quote(uri) + Array("}".utf8)
            return .error(code: -32002, message: "Resource not found", data: data)
        }
        return .forward(backend: backend, JSONSplice())
    }

    private func complete(_ request: JSONRPCMessage) -> Decision {
        guard let ref = request.params?["ref"], let type = ref["type"]?.string else {
            return invalid("completion/complete needs \"ref\" with a \"type\"")
        }
        switch type {
        case "ref/prompt":
            guard let member = ref["name"], let name = member.string else {
                return invalid("a \"ref/prompt\" needs \"name\", a string")
            }
            guard let route = catalog.prompt(named: name) else {
                return .error(code: -32602, message: "Unknown prompt: \(Self.shown(name))", data: nil)
            }
            return .forward(backend: route.backend, Self.rename(member, to: route.originalName))
        case "ref/resource":
            guard let uri = ref["uri"]?.string else { return invalid("a \"ref/resource\" needs \"uri\", a string") }
            guard let backend = catalog.backend(forResource: uri) else {
                return .error(code: -32602, message: "Unknown resource: \(Self.shown(uri))", data: nil)
            }
            return .forward(backend: backend, JSONSplice())
        default: return invalid("\"ref\" must be \"ref/prompt\" or \"ref/resource\", found \"\(Self.shown(type))\"")
        }
    }

    private static func rename(_ member: JSONSlice, to name: String) -> JSONSplice {
        var splice = JSONSplice()
        splice.replace(member.range, with: JSONText.quote(name))
        return splice
    }

    /// What a client sent, cut to a length that fits an error.
    private static func shown(_ text: String) -> String { text.count <= 200 ? text : "\(text.prefix(200))…" }

    private func invalid(_ text: String) -> Decision {
        .error(code: -32602, message: "Invalid params: \(text)", data: nil)
    }
}
