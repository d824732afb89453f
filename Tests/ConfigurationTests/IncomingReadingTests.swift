import Testing

@testable import HostConfiguration

@Suite("Incoming authentication")
struct IncomingReadingTests {
    private func oidc(_ fields: String, _ environment: [String: String] = [:]) throws -> OIDCConfiguration {
        let text = "incomingAuth: {type: oidc, oidc: {issuer: \"https://i.example\", \(fields)}}"
        // A gateway that others reach does not trust this machine for the issuer.
        let document = document(text, without: "incomingAuth").replacing("127.0.0.1", with: "backend.example.com")
        let result = try load(document) {
            $0.environment = environment
            $0.listensOnLoopback = false
        }
        let configuration = try #require(result.configuration, "\(result.errors)")
        #expect(configuration.incomingAuth == .oidc)
        #expect(configuration.notImplemented.map(\.description) == [])
        return try #require(configuration.oidc)
    }

    @Test("An audience that is a URL is the resource identifier, too")
    func identifier() throws {
        #expect(try oidc("audience: \"https://g.example/mcp\"").resource == "https://g.example/mcp")
        #expect(try oidc("audience: g").resource == "")
        #expect(try oidc("audience: g, resource: \"https://g.example\"").resource == "https://g.example")
    }

    @Test("The client's secret is in the variable named, or in the usual one")
    func secret() throws {
        let environment = ["OWN": "a", "TOOLHIVE_OIDC_CLIENT_SECRET": "b"]
        #expect(try oidc("audience: g, clientSecretEnv: OWN", environment).clientSecret == SecretValue("a"))
        #expect(try oidc("audience: g", environment).clientSecret == SecretValue("b"))
        #expect(try oidc("audience: g").clientSecret == nil)
    }

    @Test("Private addresses of the issuer are allowed by either field alone")
    func addresses() throws {
        #expect(try oidc("audience: g").allowsPrivate == false)
        #expect(try oidc("audience: g").allowsLoopback == false)
        #expect(try oidc("audience: g, jwksAllowPrivateIp: true").allowsPrivate)
        #expect(try oidc("audience: g, protectedResourceAllowPrivateIp: true").allowsLoopback)
    }

    private func resources(_ spec: String, _ reference: String = "name: o, audience: g") throws -> LoadResult {
        try load(
            documents(
                resource("MCPGroup", "tools"),
                "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ca}\ndata: {ca.crt: \"-----BEGIN CERTIFICATE-----\"}\n",
                "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {k: hush}\n",
                resource("MCPOIDCConfig", "o", spec: spec),
                resource(
                    "VirtualMCPServer", "v",
                    spec: "groupRef: {name: tools}\nincomingAuth: {type: oidc, oidcConfigRef: {\(reference)}}")))
    }

    @Test("An MCPOIDCConfig has the issuer, what refers to it the audience")
    func resourceForm() throws {
        let result = try resources(
            """
            type: inline
            inline:
              issuer: https://i.example
              clientId: c
              clientSecretRef: {name: s, key: k}
              caBundleRef: {configMapRef: {name: ca, key: ca.crt}}
              jwksAuthTokenPath: /var/token
            """, "name: o, audience: g, resourceUrl: \"https://g.example/mcp\", scopes: [\"mcp:tools\"]")
        let oidc = try #require(result.configuration?.oidc, "\(result.errors)")
        var expected = OIDCConfiguration()
        (expected.issuer, expected.audience, expected.resource) = ("https://i.example", "g", "https://g.example/mcp")
        (expected.clientID, expected.clientSecret, expected.scopes) = ("c", SecretValue("hush"), ["mcp:tools"])
        (expected.caBundle, expected.tokenPath) = (Array("-----BEGIN CERTIFICATE-----".utf8), "/var/token")
        expected.allowsLoopback = true
        #expect(oidc == expected)
    }

    @Test("The service accounts of a cluster have its issuer and the pod's own token")
    func serviceAccount() throws {
        let result = try resources("type: kubernetesServiceAccount\nkubernetesServiceAccount: {}")
        let oidc = try #require(result.configuration?.oidc, "\(result.errors)")
        #expect(oidc.issuer == "https://kubernetes.default.svc")
        #expect(oidc.tokenPath == "/var/run/secrets/kubernetes.io/serviceaccount/token")
        #expect(oidc.allowsPrivate)
    }

    @Test("A CA bundle that cannot be read, or holds no certificate, is an error")
    func bundle() throws {
        let text =
            "incomingAuth: {type: oidc, oidc: {issuer: \"https://i\", audience: a, caBundlePath: /nowhere/ca.pem}}"
        #expect(
            try load(document(text, without: "incomingAuth")).errors.map(\.message).contains {
                $0.contains("PEM certificates at /nowhere/ca.pem")
            })
    }
}
