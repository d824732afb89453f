import Testing

extension EndToEnd {
    /// The steps of the ladder before the message is looked at: who sends it, what that one may, and how large it is.
    @Suite("Validation ladder of 2026-07-28, behind authentication")
    struct GuardedLadderTests {
        private static let most = 4_096

        private func document(_ issuer: FixtureServer, _ backend: FixtureServer) -> String {
            Resources.guarded(
                by: issuer, oidc: #"resource: "http://127.0.0.1/mcp", scopes: [openid, read]"#,
                more: "operational: {limits: {requestBytes: \(Self.most)}}", "one", at: backend.url)
        }

        @Test("Origin, credential, scope and size, in this order, each with its status", .timeLimit(.minutes(2)))
        func rows() async throws {
            let issuer = try await FixtureServer.authorizationServer()
            let backend = try await FixtureServer.raw("ok")
            try await RunningGateway.serve(yaml: document(issuer, backend)) { gateway in
                _ = try await gateway.await("one", health: "healthy")
                let (all, some) = (try await issuer.login(), try await issuer.login(scope: "openid"))
                let call = ModernRequest.call("one_echo", #"{"text":"x"}"#)
                func large(_ token: String?) -> ModernRequest {
                    bearing(token, call).with(body: call.body + String(repeating: " ", count: Self.most))
                }
                let rows: [(name: String, request: ModernRequest, status: Int, error: String?)] = [
                    ("a foreign origin without a token", call.with("Origin", "https://evil.example"), 403, nil),
                    ("no token, and no JSON", call.with(body: "{"), 401, "invalid_request"),
                    ("a token that is none", bearing("nobody's", call), 401, "invalid_token"),
                    ("a token in the scheme of another", call.with("Authorization", "Basic eDp5"), 401, nil),
                    (
                        "a token without a scope, and no JSON", bearing(some, call).with(body: "{"), 403,
                        "insufficient_scope"
                    ),
                    ("a token without a scope", bearing(some, call), 403, "insufficient_scope"),
                    ("a body that is too large", large(all), 413, nil),
                    ("no JSON", bearing(all, call).with(body: "{"), 400, nil), ("a call", bearing(all, call), 200, nil),
                ]
                for row in rows {
                    let answer = try await row.request.send(to: gateway.port)
                    #expect(answer.status == row.status, "\(row.name): \(answer.text)")
                    let challenge = answer.headers["www-authenticate"]
                    #expect((challenge != nil) == (row.status == 401 || row.error != nil), "\(row.name)")
                    if let error = row.error {
                        #expect(challenge?.contains("error=\"\(error)\"") == true, "\(row.name): \(challenge ?? "")")
                        #expect(challenge?.contains("resource_metadata=") == true, "\(row.name)")
                    }
                    // Nothing of the token comes back, in whatever form.
                    #expect(!answer.text.contains(all) && !answer.text.contains(some))
                }
                let challenge = try await bearing(some, call).send(to: gateway.port).headers["www-authenticate"]
                #expect(challenge?.contains("scope=\"openid read\"") == true)
                #expect(try await large(all).send(to: gateway.port).text.contains("operational.limits.requestBytes"))
                #expect(try await backend.counts()["tools/call"] == 1)
            }
        }

        private func bearing(_ token: String?, _ request: ModernRequest) -> ModernRequest {
            request.with("Authorization", token.map { "Bearer \($0)" })
        }
    }
}
