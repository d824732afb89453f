extension Resources {
    /// The configuration of a gateway whose callers bring tokens of an authorization server, in front of one backend.
    ///
    /// - Parameters:
    ///   - oidc: More members of `oidc`, in flow style.
    ///   - strategy: The strategy towards backends, YAML of indentation 0; empty for none.
    ///   - more: Top-level members, YAML of indentation 0.
    static func guarded(
        by issuer: FixtureServer, oidc: String = "", strategy: String = "", more: String = "", _ backend: String,
        at url: String
    ) -> String {
        let outgoing = "source: inline" + (strategy.isEmpty ? "" : "\ndefault:\n" + indent(strategy))
        return """
            name: guarded
            groupRef: group
            incomingAuth:
              type: oidc
              oidc: {issuer: "http://127.0.0.1:\(issuer.port)", audience: frontend\(oidc.isEmpty ? "" : ", \(oidc)")}
            outgoingAuth:
            \(indent(outgoing))
            aggregation:
              conflictResolution: prefix
              conflictResolutionConfig: {prefixFormat: "{workload}_"}
            backends:
              - {name: \(backend), url: "\(url)", transport: streamable-http}
            \(more)
            """
    }
}
