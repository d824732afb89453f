import Yams

extension DescriptionReader {
    func readHandle(_ name: String, _ field: Field) -> HandleDescription? {
        guard field.check(keys: ["open", "close", "per"], "a handle"), let open = field.required("open")?.text else {
            return nil
        }
        var handle = HandleDescription(name: name, open: open, place: field.place)
        handle.close = field["close"]?.text
        if let choice = field["per"]?.choice(HandleDescription.Lifetime.self) { handle.per = choice }
        return handle
    }

    func readTool(_ name: String, _ field: Field) -> ToolDescription? {
        guard field.isMapping else { return field.text.map { ToolDescription(name: name, description: $0) } }
        field.check(keys: ["name", "title", "description", "readOnly"], "a tool")
        var tool = ToolDescription(name: name, description: field.required("description")?.text ?? "")
        if let other = field["name"], let text = other.text {
            let isName =
                !text.isEmpty && text.utf8.count <= 64
                && text.utf8.allSatisfy { Name.isPart($0) || $0 == UInt8(ascii: "-") }
            if isName {
                tool.name = text
            } else {
                other.problem(.badName, "expected 1 to 64 letters, digits, '_' and '-'")
            }
        }
        tool.title = field["title"]?.text
        tool.isReadOnly = field["readOnly"]?.bool ?? false
        return tool
    }

    func readProbe(_ field: Field) -> ProbeDescription {
        var probe = ProbeDescription(place: field.place)
        field.check(keys: ["arguments", "expect"], "a probe")
        probe.arguments = field["arguments"]?.entries("arguments by name").compactMap(member) ?? []
        probe.expected = field["expect"]?.entries("results by name").compactMap(member) ?? []
        return probe
    }

    private func member(_ name: String, _ field: Field) -> Member? {
        Self.value(field).map { Member(name, $0) }
    }

    /// A value as YAML's core schema has it.
    static func value(_ field: Field, depth: Int = 0) -> Value? {
        guard depth < 8 else {
            field.problem(.limit, "values are nested at most 8 deep")
            return nil
        }
        if field.isSequence {
            return .list(field.elements("a list", limit: 4_096).compactMap { value($0, depth: depth + 1) })
        }
        if field.isMapping {
            return .record(
                field.entries("an object").compactMap { name, field in
                    value(field, depth: depth + 1).map { Member(name, $0) }
                })
        }
        if field.isNull { return .null }
        let text = field.scalar ?? ""
        if field.isQuoted { return .text(text) }
        if text == "true" || text == "false" { return .bool(text == "true") }
        if let value = Int64(text) { return .integer(value) }
        if let value = UInt64(text) { return .unsigned(value) }
        // Only what looks like a number: `nan`, `infinity` and `0x1p3` are texts in JSON's world.
        if let first = text.utf8.first, first == UInt8(ascii: "-") || (0x30...0x39).contains(first),
            !text.contains("x"), let value = Double(text), value.isFinite
        {
            return .real(value)
        }
        return .text(text)
    }

    func readSetting(_ name: String, _ field: Field) -> ConfigurationField? {
        guard field.check(keys: ["type", "description", "default"], "a setting"),
            let kind = field.required("type")?.choice(ConfigurationField.Kind.self)
        else { return nil }
        var setting = ConfigurationField(name: name, kind: kind, description: field["description"]?.text ?? "")
        guard let fallback = field["default"], let value = Self.value(fallback) else { return setting }
        let fits =
            switch (kind, value) {
            case (.string, .text), (.integer, .integer), (.number, .integer), (.number, .real), (.boolean, .bool): true
            default: false
            }
        if fits {
            setting.defaultValue = value
        } else if kind == .secret {
            fallback.problem(.badValue, "a secret has no default: it would stand in a file that everybody may read")
        } else {
            fallback.problem(.badValue, "expected a default of type \(kind.rawValue), found \(fallback.kind)")
        }
        return setting
    }

    func readEmbedding(_ field: Field) -> EmbeddingDescription? {
        guard field.check(keys: ["model", "dimensions", "single", "batch", "maximumBatch"], "an embedding"),
            let model = field.required("model")?.text, let dimensions = field.required("dimensions"),
            let text = dimensions.text
        else { return nil }
        var embedding = EmbeddingDescription(model: model, dimensions: .function(text))
        if let number = Int(text) {
            if !(1...65_536).contains(number) { dimensions.problem(.badValue, "expected 1 to 65536, found \(number)") }
            embedding.dimensions = .fixed(number)
        }
        embedding.single = field["single"]?.text
        embedding.batch = field["batch"]?.text
        if let limit = field["maximumBatch"]?.integer(in: 1...4_096) { embedding.maximumBatch = limit }
        if embedding.single == nil, embedding.batch == nil {
            field.problem(.missingKey, "one of 'single' and 'batch' is needed: the function that embeds")
        }
        return embedding
    }

    func readAuth(_ field: Field) -> AuthDescription? {
        guard field.check(keys: ["function", "headers", "cache", "expires"], "an auth strategy"),
            let function = field.required("function")?.text, let headers = field.required("headers")
        else { return nil }
        var auth = AuthDescription(function: function, headers: readHeaders(headers))
        if let choice = field["cache"]?.choice(AuthDescription.Cache.self) { auth.cache = choice }
        if let expires = field["expires"], let text = expires.text {
            if let seconds = Int(text) {
                if !(1...31_536_000).contains(seconds) { expires.problem(.badValue, "expected 1 to 31536000 seconds") }
                auth.expiry = .after(seconds)
            } else {
                auth.expiry = .output(text)
            }
        }
        if auth.cache != .none, auth.expiry == nil {
            field.problem(.missingKey, "'expires' is needed to keep an answer: seconds, or the output that tells when")
        }
        return auth
    }

    private func readHeaders(_ field: Field) -> [(name: String, value: Template)] {
        guard let mapping = field.node.mapping, !mapping.isEmpty, mapping.count <= 32 else {
            field.problem(.wrongKind, "expected 1 to 32 headers by name, found \(field.kind)")
            return []
        }
        return mapping.compactMap { key, node in
            let name = key.scalar?.string ?? ""
            let value = Field(node: node, path: "\(field.path).\(name)", problems: field.problems)
            // RFC 9110 section 5.6.2: a token.
            let isToken =
                !name.isEmpty
                && name.utf8.allSatisfy { byte in
                    Name.isPart(byte) || "!#$%&'*+-.^`|~".utf8.contains(byte)
                }
            guard isToken else {
                value.problem(.badName, "'\(name)' is no header name")
                return nil
            }
            guard let text = value.text, case .template(let template)? = self.template(value, text) else { return nil }
            return (name, template)
        }
    }
}
