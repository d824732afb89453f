import Testing

extension EndToEnd {
    /// Tokens that only their issuer can read, with a real authorization server (RFC 7662).
    @Suite("Opaque tokens of clients")
    struct OpaqueTokenTests {
        @Test(
            "The issuer is asked about a token once, its endpoint found by discovery; what it does not know is refused",
            .timeLimit(.minutes(2)))
        func introspected() async throws {
            let issuer = try await FixtureServer.authorizationServer(opaque: true)
            let backend = try await FixtureServer.raw("ok")
            let text = Resources.guarded(
                by: issuer, oidc: "clientId: gateway, clientSecretEnv: GATEWAY_SECRET, scopes: [openid, write]",
                "remote", at: backend.url)
            let environment = ["GATEWAY_SECRET": "gateway-secret-456789"]
            try await RunningGateway.serve(yaml: text, environment: environment) { gateway in
                _ = try await gateway.await("remote", health: "healthy")
                let token = try await issuer.login()
                #expect(!token.contains("."), "it is no JSON Web Token")
                let client = try await gateway.client(token: token)
                #expect(try await client.call("remote_echo", #"{"text":"hi"}"#).toolText == "raw: hi")
                let call = ModernRequest.call("remote_echo", #"{"text":"hi"}"#)
                func answer(_ token: String) async throws -> HTTPResponse {
                    try await call.adding("Authorization", "Bearer \(token)").send(to: gateway.port)
                }
                #expect(try await answer(token).json["result"]?.toolText == "raw: hi")
                #expect(try await issuer.asked("introspection") == 1)
                #expect(try await backend.lastHeaders()["authorization"] == nil)

                let poor = try await answer(try await issuer.login(scope: "openid read"))
                #expect(poor.status == 403)
                #expect(poor.headers["www-authenticate"]?.contains(#"error="insufficient_scope""#) == true)
                for wrong in [String(token.dropLast(4)), String(token.reversed()), "none"] {
                    let refused = try await answer(wrong)
                    #expect(refused.status == 401, "\(refused.text)")
                    #expect(refused.headers["www-authenticate"]?.contains(#"error="invalid_token""#) == true)
                }
                #expect(try await answer(token).status == 200)
            }
        }
    }
}
