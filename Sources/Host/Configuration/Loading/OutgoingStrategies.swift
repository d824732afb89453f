/// Finds how each backend is authenticated to (outgoing authentication specification, section 1).
struct OutgoingStrategies {
    let entry: EntryPoint
    let index: ResourceIndex
    let namespace: String

    /// A strategy and the field that asks for it.
    struct Choice {
        /// Such as `token_exchange`.
        let type: String
        let value: Located
        /// The resource it refers to; `nil` when it is written in a document itself.
        var config: Resource?
    }

    /// Types of MCPExternalAuthConfig by the names that documents and plugins have for them; those of plugins are the
    /// same in both.
    private static let byResourceType = [
        "headerInjection": "header_injection", "bearerToken": "bearer_token",
        "clientCredentials": "client_credentials", "tokenExchange": "token_exchange",
        "upstreamInject": "upstream_inject", "awsSts": "aws_sts", "embeddedAuthServer": "embedded_auth_server",
    ]

    var source: OutgoingAuthentication.Source {
        switch entry {
        case .document(let document):
            document.at("outgoingAuth", "source")?.text == "discovered" ? .discovered : .inline
        case .resource(let resource):
            resource.spec?.at("outgoingAuth", "source")?.text == "inline" ? .inline : .discovered
        }
    }

    /// The strategies that the gateway's own section names, used or not.
    var configured: [Choice] {
        let outgoing = outgoingAuth
        let fields = [outgoing?["default"]].compactMap { $0 } + (outgoing?["backends"]?.entries ?? []).map(\.value)
        return fields.compactMap { choice(of: $0, member: nil) }
    }

    /// The strategy of one backend; a member of the group carries its own reference.
    func choice(for name: String, member: Resource?) -> Choice? {
        let outgoing = outgoingAuth
        let own = member.flatMap(ownChoice)
        let written = outgoing?["backends"]?[name] ?? outgoing?["default"]
        if source == .discovered, let own { return own }
        return written.flatMap { choice(of: $0, member: member) }
    }

    private var outgoingAuth: Located? {
        switch entry {
        case .document(let document): document["outgoingAuth"]
        case .resource(let resource): resource.spec?["outgoingAuth"]
        }
    }

    private func choice(of field: Located, member: Resource?) -> Choice? {
        if case .document = entry {
            return field["type"]?.text.map { Choice(type: $0, value: field) }
        }
        if field["type"]?.text == "discovered" { return member.flatMap(ownChoice) }
        return field["externalAuthConfigRef"].flatMap(referenced)
    }

    private func ownChoice(_ member: Resource) -> Choice? {
        member.spec?["externalAuthConfigRef"].flatMap(referenced)
    }

    private func referenced(_ reference: Located) -> Choice? {
        guard let name = reference["name"]?.text,
            let config = index.resource(kind: "MCPExternalAuthConfig", namespace: namespace, name: name),
            let type = config.spec?["type"]?.text
        else { return nil }
        return Choice(type: Self.byResourceType[type] ?? type, value: reference, config: config)
    }
}
