/// Rules that need two resources at once.
struct ResourceRelations {
    let index: ResourceIndex
    let validation: Validation

    func checkAll() {
        for resource in index.all {
            if resource.kind == "VirtualMCPServer" { check(server: resource) }
            checkAuthServer(resource)
        }
    }

    private func check(server: Resource) {
        guard let spec = server.spec else { return }
        checkCompositeNames(spec, namespace: server.namespace)
        if let name = spec.at("incomingAuth", "authzConfigRef", "name"), let text = name.text,
            let type = index.resource(kind: "MCPAuthzConfig", namespace: server.namespace, name: text)?.spec?["type"]?
                .text,
            type != "cedarv1"
        {
            validation.log.error(at: name, "expected an MCPAuthzConfig of type cedarv1, found type \(type)")
        }
        guard let authServer = spec["authServerConfig"] else { return }
        guard spec.at("incomingAuth", "type")?.text == "oidc" else {
            validation.log.error(
                at: authServer, "expected `incomingAuth.type: oidc` with it, found another type; change it")
            return
        }
        if let name = spec.at("incomingAuth", "oidcConfigRef", "name")?.text,
            let oidc = index.resource(kind: "MCPOIDCConfig", namespace: server.namespace, name: name)?.spec,
            let expected = oidc.at("inline", "issuer")?.text, let issuer = authServer["issuer"],
            let found = issuer.text,
            found != expected
        {
            validation.log.error(
                at: issuer, "expected the issuer of MCPOIDCConfig `\(name)`, \(expected), found \(found)")
        }
    }

    /// Inline and referenced composite tools share one name space.
    private func checkCompositeNames(_ spec: Located, namespace: String) {
        let references = spec.at("config", "compositeToolRefs")?.items ?? []
        guard !references.isEmpty else { return }
        let reading = CompositeToolReading(index: index, validation: validation, namespace: namespace)
        reading.checkTogether(inline: spec.at("config", "compositeTools")?.items ?? [], references)
    }

    private func checkAuthServer(_ resource: Resource) {
        guard let name = resource.spec?.at("authServerRef", "name"), let text = name.text,
            let config = index.resource(kind: "MCPExternalAuthConfig", namespace: resource.namespace, name: text),
            let type = config.spec?["type"]?.text, type != "embeddedAuthServer"
        else { return }
        validation.log.error(
            at: name, "expected an MCPExternalAuthConfig of type embeddedAuthServer, found type \(type)")
    }
}
