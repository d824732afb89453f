import Gateway

/// Makes an embedding provider of the EmbeddingServer that a gateway refers to.
struct EmbeddingServerReading {
    /// The provider that runs one.
    static let provider = "embedding_server"

    let server: Resource
    let references: ReferenceResolution
    let validation: Validation

    /// - Parameter optimizer: What `optimizer` says; without it the reference alone asks for the optimizer.
    /// - Returns: The same with the EmbeddingServer as its provider, and the secrets of that.
    func applied(
        to optimizer: OptimizerConfiguration?
    ) -> (OptimizerConfiguration?, secrets: [String: SecretValue]) {
        OutsideCluster.warn(about: server, validation: validation)
        var optimizer = optimizer ?? .standard(allowsLoopback: validation.sources.listensOnLoopback)
        let reading = Reading(server.spec, EmbeddingServerSchema.spec)
        optimizer.provider = Self.provider
        optimizer.specJSON = server.spec?.node.json ?? Array("{}".utf8)
        optimizer.baseDirectory = BackendAssembly.folder(of: server.document.file)
        optimizer.fingerprint = "\(reading.text("image") ?? "")\n\(reading.text("model") ?? "")"
        var secrets: [String: SecretValue] = [:]
        if let reference = server.spec?["hfTokenSecretRef"], let secret = reference["name"]?.text,
            let key = reference["key"]?.text,
            case .found(.secret(let value)) = references.secret(server.namespace, secret, key)
        {
            let handle = "\(server.namespace)/\(secret)/\(key)"
            secrets[handle] = value
            optimizer.resolvedJSON = Array(#"{"secrets":"#.utf8)
            optimizer.resolvedJSON.appendJSONObject(["\(secret)/\(key)": handle])
            optimizer.resolvedJSON += "}".utf8
        }
        return (optimizer, secrets)
    }
}
