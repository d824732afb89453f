/// Static headers that the environment gives a backend of a document (aggregation specification, section 11.1).
struct EnvironmentHeaders {
    let environment: [String: String]
    let log: DiagnosticLog

    /// A `headerForward` block and what its references lead to.
    struct Headers {
        /// The block as JSON, in the form MCPServerEntry has.
        let json: [UInt8]
        /// By `NAME/KEY` of the references in the block.
        let secrets: [String: SecretValue]
    }

    /// The headers of a backend, or `nil` when the environment names none. Problems are reported at the backend.
    func headers(of backend: String, at entry: Located) -> Headers? {
        let variable = "TOOLHIVE_HEADER_FORWARD_\(Self.normalized(backend))"
        guard let text = environment[variable] else { return nil }
        let parsing = DiagnosticLog()
        let document = DocumentReader(file: variable, log: parsing).documents(in: text).first
        guard !parsing.hasErrors, let document, case .mapping = document.node.content else {
            log.error(
                at: entry, "expected JSON in the environment variable `\(variable)`, found something else; correct it")
            return nil
        }
        let plain = (document["addPlaintextHeaders"]?.textMap ?? [:]).sorted { $0.key < $1.key }
        let secret = (document["addHeadersFromSecret"]?.textMap ?? [:]).sorted { $0.key < $1.key }
        for (name, _) in plain + secret { check(name, variable: variable, at: entry) }
        var json = Array(#"{"addPlaintextHeaders":"#.utf8)
        json.appendJSONObject(Dictionary(uniqueKeysWithValues: plain))
        json += #","addHeadersFromSecret":["#.utf8
        var secrets: [String: SecretValue] = [:]
        for (index, (name, identifier)) in secret.enumerated() {
            let source = "TOOLHIVE_SECRET_\(identifier)"
            guard let value = environment[source], !value.isEmpty else {
                log.error(
                    at: entry,
                    "expected the environment variable `\(source)` for the header `\(name)`, found it unset; set it")
                continue
            }
            secrets["\(identifier)/value"] = SecretValue(value)
            if index > 0 { json.append(UInt8(ascii: ",")) }
            json += #"{"headerName":"#.utf8
            json.appendJSONString(name)
            json += #","valueSecretRef":"#.utf8
            json.appendJSONObject(["name": identifier, "key": "value"])
            json.append(UInt8(ascii: "}"))
        }
        json += "]}".utf8
        return Headers(json: json, secrets: secrets)
    }

    private func check(_ name: String, variable: String, at entry: Located) {
        if !HeaderRules.isToken(name) || HeaderRules.restricted.contains(name.lowercased()) {
            log.error(at: entry, "expected headers that may be forwarded in `\(variable)`, found `\(name)`; remove it")
        }
    }

    /// Upper case, with everything outside `A-Z0-9_` as an underscore.
    static func normalized(_ name: String) -> String {
        String(
            name.uppercased().map { character in
                character == "_" || ("A"..."Z").contains(character) || ("0"..."9").contains(character) ? character : "_"
            })
    }
}
