extension DescriptionChecker {
    /// What a request to be signed and its caller offer to templates.
    static let requestSources: Set<String> = [
        "request.method", "request.url", "request.host", "request.path", "request.body", "request.bodySHA256",
        "request.time", "identity.token", "identity.subject", "identity.issuer", "identity.audience", "identity.scopes",
    ]

    func check(_ template: Template, of function: FunctionDescription, _ place: Place?, _ path: String) {
        let isMessage = library.functions.contains { $0.result.message == .function(function.name) }
        let isAuth = library.auth?.function == function.name
        if isMessage {
            // Made where the library is, with nothing but the code at hand.
            if template.constant == nil, template.single != "code" {
                problem(.unknownSource, place, path, "what gives a message knows '{code}' only, alone")
            }
            return
        }
        for source in template.sources {
            if isAuth, Self.requestSources.contains(source) { continue }
            checkSetting(source, place, path, isAuth ? Self.requestSources.sorted() : [])
        }
    }

    private func checkSetting(_ source: String, _ place: Place?, _ path: String, _ others: [String]) {
        let names = library.configuration.map { "config.\($0.name)" }
        if names.contains(source) { return }
        let known = (names + others).joined(separator: ", ")
        problem(
            .unknownSource, place, path,
            "'{\(source)}' leads nowhere here; known are \(known.isEmpty ? "none: declare it under 'configuration'" : known)"
        )
    }

    /// What a function is used for decides on what may be left open.
    func checkRoles(_ function: FunctionDescription) {
        guard let tool = function.tool else { return }
        let path = "functions.\(function.name).tool"
        if library.functions.contains(where: { $0.name != function.name && $0.tool?.name == tool.name }) {
            problem(.duplicateName, function.place, path, "another function is the tool '\(tool.name)' as well")
        }
        for argument in function.exposed where argument.type.base == .pointer {
            problem(.unboundPointer, argument.place, path, "'\(argument.name)' is a pointer, which no client can give")
        }
    }

    func checkProviders() {
        func needs(_ capability: String, _ isThere: Bool, _ what: String) {
            guard library.provides.contains(capability) != isThere else { return }
            problem(
                .wrongRole, nil, "provides",
                isThere
                    ? "\(what), but 'provides' has no \(capability)" : "\(capability) needs \(what), and there is none")
        }
        if library.provides.count > 1 {
            problem(.wrongRole, nil, "provides", "a description provides one capability: write one for each")
        }
        needs("vmcp.backend/1", library.functions.contains { $0.tool != nil }, "a function with 'tool'")
        needs("vmcp.auth/1", library.auth != nil, "'auth'")
        needs("vmcp.embedding/1", library.embedding != nil, "'embedding'")
        for capability in library.provides
        where !["vmcp.backend/1", "vmcp.auth/1", "vmcp.embedding/1"].contains(capability) {
            problem(.wrongRole, nil, "provides", "a described library cannot provide \(capability)")
        }
        if let auth = library.auth { check(auth) }
        if let embedding = library.embedding { check(embedding) }
    }

    private func check(_ auth: AuthDescription) {
        guard let function = find(auth.function, at: "auth.function", nil) else { return }
        refuseExposed(function, "the strategy", at: "auth.function", nil)
        let outputs = Set(function.outputNames)
        for (name, value) in auth.headers {
            for source in value.sources where !outputs.contains(source) && !Self.requestSources.contains(source) {
                checkSetting(source, nil, "auth.headers.\(name)", outputs.sorted() + Self.requestSources.sorted())
            }
        }
        if case .output(let name)? = auth.expiry, !outputs.contains(name) {
            problem(.unknownArgument, nil, "auth.expires", "'\(name)' is no output of '\(function.name)'")
        }
    }

    private func check(_ embedding: EmbeddingDescription) {
        if case .function(let name) = embedding.dimensions, let function = find(name, at: "embedding.dimensions", nil) {
            refuseExposed(function, "asked for the dimensions", at: "embedding.dimensions", nil)
            if function.result.type?.isInteger != true || function.result.isHidden {
                problem(.wrongRole, nil, "embedding.dimensions", "'\(name)' returns no integer")
            }
        }
        for (key, name, isBatch) in [("single", embedding.single, false), ("batch", embedding.batch, true)] {
            guard let name, let function = find(name, at: "embedding.\(key)", nil) else { continue }
            let open = function.exposed
            let takesText =
                open.count == 1
                && (isBatch
                    ? open[0].type.base == .text && open[0].type.isArray
                    : (open[0].type.base == .text || open[0].type.base == .bytes) && !open[0].type.isArray)
            if !takesText {
                problem(
                    .wrongRole, function.place, "embedding.\(key)",
                    isBatch
                        ? "'\(name)' must leave one argument open, of type cstring[…]"
                        : "'\(name)' must leave one argument open, of type cstring or bytes[…]")
            }
            let vectors = function.arguments.filter {
                $0.type.direction == .output && $0.type.isArray && $0.type.base == .scalar(.float32)
            }
            if vectors.count != 1 {
                problem(
                    .wrongRole, function.place, "embedding.\(key)",
                    "'\(name)' has \(vectors.count) outputs of type float32[…], and one holds the vectors")
            }
        }
    }
}

extension FunctionDescription {
    /// Names of what a call answers with, in the order of the answer.
    var outputNames: [String] {
        let outputs = arguments.filter { argument in
            if case .callback = argument.type.base { return argument.scope == .call && argument.binding == nil }
            return argument.type.direction != .input && !argument.isHidden && argument.type.base != .pointer
        }.map(\.name)
        let hasResult = result.type != nil && !result.isHidden && result.type?.base != .pointer
        return (hasResult ? [result.name] : []) + outputs
    }
}
