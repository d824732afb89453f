import Foundation

/// Reads how clients authenticate.
struct IncomingReading {
    /// What a pod has of its cluster (Kubernetes, service account admission controller).
    private static let clusterFolder = "/var/run/secrets/kubernetes.io/serviceaccount"

    let entry: EntryPoint
    let index: ResourceIndex
    let references: ReferenceResolution
    let validation: Validation

    /// `nil` unless the type is oidc.
    func oidc() -> OIDCConfiguration? {
        switch entry {
        case .document(let document):
            guard document.at("incomingAuth", "type")?.text == "oidc",
                let section = document.at("incomingAuth", "oidc")
            else { return nil }
            return complete(read(section), at: section)
        case .resource(let resource):
            guard resource.spec?.at("incomingAuth", "type")?.text == "oidc",
                let reference = resource.spec?.at("incomingAuth", "oidcConfigRef"), let name = reference["name"]?.text,
                let config = index.resource(kind: "MCPOIDCConfig", namespace: resource.namespace, name: name)
            else { return nil }
            return complete(read(reference, config), at: reference)
        }
    }

    private func read(_ section: Located) -> OIDCConfiguration {
        var oidc = OIDCConfiguration()
        func text(_ name: String) -> String { section[name]?.text ?? "" }
        (oidc.issuer, oidc.audience, oidc.resource) = (text("issuer"), text("audience"), text("resource"))
        (oidc.clientID, oidc.jwksURL, oidc.introspectionURL) = (
            text("clientId"), text("jwksUrl"), text("introspectionUrl")
        )
        let environment = validation.sources.environment
        let variable = text("clientSecretEnv")
        if !variable.isEmpty, environment[variable]?.isEmpty ?? true {
            validation.log.error(
                at: section["clientSecretEnv"] ?? section,
                "expected the environment variable `\(variable)` to hold a value, found none; set it before the start")
        }
        let secret = environment[variable.isEmpty ? "TOOLHIVE_OIDC_CLIENT_SECRET" : variable] ?? ""
        if !secret.isEmpty { oidc.clientSecret = SecretValue(secret) }
        // That it cannot be read was reported where the field stands.
        let file = text("clientSecretFile")
        if !file.isEmpty { oidc.clientSecret = SecretValue([], file: SecretForm.path(file, in: section.file)) }
        oidc.scopes = section["scopes"]?.texts ?? []
        // Either one opens every fetch, as ToolHive has it.
        oidc.allowsPrivate =
            (section["jwksAllowPrivateIp"]?.boolean ?? false)
            || (section["protectedResourceAllowPrivateIp"]?.boolean ?? false)
        oidc.allowsHTTP = section["insecureAllowHttp"]?.boolean ?? false
        if let path = section["caBundlePath"], let file = path.text, !file.isEmpty {
            oidc.caBundle = bundle(file, path)
        }
        return oidc
    }

    /// - Parameter reference: Has the audience, which differs from server to server.
    private func read(_ reference: Located, _ config: Resource) -> OIDCConfiguration {
        var oidc = OIDCConfiguration()
        oidc.audience = reference["audience"]?.text ?? ""
        oidc.resource = reference["resourceUrl"]?.text ?? ""
        oidc.scopes = reference["scopes"]?.texts ?? []
        if config.spec?["type"]?.text == "kubernetesServiceAccount" {
            cluster(config.spec?["kubernetesServiceAccount"], &oidc)
        } else if let section = config.spec?["inline"] {
            inline(section, config, &oidc)
        }
        return oidc
    }

    private func inline(_ section: Located, _ config: Resource, _ oidc: inout OIDCConfiguration) {
        func text(_ name: String) -> String { section[name]?.text ?? "" }
        (oidc.issuer, oidc.clientID, oidc.jwksURL) = (text("issuer"), text("clientId"), text("jwksUrl"))
        (oidc.introspectionURL, oidc.tokenPath) = (text("introspectionUrl"), text("jwksAuthTokenPath"))
        oidc.allowsPrivate =
            (section["jwksAllowPrivateIP"]?.boolean ?? false)
            || (section["protectedResourceAllowPrivateIP"]?.boolean ?? false)
        oidc.allowsHTTP = section["insecureAllowHTTP"]?.boolean ?? false
        if let secret = section["clientSecretRef"], let name = secret["name"]?.text, let key = secret["key"]?.text,
            case .found(.secret(let value)) = references.secret(config.namespace, name, key)
        {
            oidc.clientSecret = value
        }
        if let bundle = section.at("caBundleRef", "configMapRef"), let name = bundle["name"]?.text {
            let key = bundle["key"]?.text ?? ""
            if case .found(.text(let pem)) = references.configMap(config.namespace, name, key.isEmpty ? "ca.crt" : key)
            {
                oidc.caBundle = Array(pem.utf8)
                checkCertificates(oidc.caBundle, bundle)
            }
        }
    }

    private func cluster(_ section: Located?, _ oidc: inout OIDCConfiguration) {
        oidc.issuer = section?["issuer"]?.text ?? "https://kubernetes.default.svc"
        oidc.jwksURL = section?["jwksUrl"]?.text ?? ""
        oidc.introspectionURL = section?["introspectionUrl"]?.text ?? ""
        guard section?["useClusterAuth"]?.boolean ?? true else { return }
        oidc.allowsPrivate = true
        oidc.tokenPath = Self.clusterFolder + "/token"
        if validation.sources.target == .cluster, let section {
            oidc.caBundle = bundle(Self.clusterFolder + "/ca.crt", section)
        } else if let pem = FileManager.default.contents(atPath: Self.clusterFolder + "/ca.crt") {
            oidc.caBundle = Array(pem)
        }
    }

    /// What follows from the rest.
    private func complete(_ read: OIDCConfiguration, at place: Located) -> OIDCConfiguration {
        var oidc = read
        let trusts = RemoteURL.Reach(allowPrivateEndpoint: oidc.allowsPrivate, sources: validation.sources)
        oidc.allowsLoopback = trusts.allowsLoopback || oidc.allowsPrivate
        checkGitHub(oidc.introspectionURL, place)
        if oidc.resource.isEmpty {
            if oidc.audience.hasPrefix("https://") || oidc.audience.hasPrefix("http://") {
                oidc.resource = oidc.audience
            } else {
                validation.log.warning(
                    at: place,
                    "has no resource URL, so that clients cannot find the issuer by themselves (RFC 9728); name the URL of "
                        + "the endpoint as clients know it")
            }
        }
        return oidc
    }

    /// GitHub's endpoint is told by its URL, and the application's secret is shown to it.
    private func checkGitHub(_ url: String, _ place: Located) {
        guard url.contains("api.github.com/applications") else { return }
        guard !url.hasPrefix("https://api.github.com/applications/") || !url.hasSuffix("/token") else { return }
        validation.log.error(
            at: place,
            "expected `introspectionUrl` to be https://api.github.com/applications/CLIENT_ID/token, found `\(url)`")
    }

    private func bundle(_ path: String, _ place: Located) -> [UInt8] {
        guard let data = FileManager.default.contents(atPath: path) else {
            validation.log.error(at: place, "expected a readable file of PEM certificates at \(path), found none")
            return []
        }
        checkCertificates(Array(data), place)
        return Array(data)
    }

    private func checkCertificates(_ bytes: [UInt8], _ place: Located) {
        guard !String(decoding: bytes, as: UTF8.self).contains("-----BEGIN CERTIFICATE-----") else { return }
        validation.log.error(at: place, "expected PEM certificates (-----BEGIN CERTIFICATE-----), found none")
    }
}
