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

        /// A server whose tools ask.
        enum Asking: String, Sendable, CaseIterable {
            case modern = "of 2026-07-28, which gets its state back"
            case sessions = "with sessions, whose call is parked"

            func start() async throws -> FixtureServer {
                switch self {
                case .modern: try await FixtureServer.modern()
                case .sessions: try await FixtureServer.asking()
                }
            }
        }

        @Test(
            "A requestState is of no use to another caller, and its own goes on, also with a newer token",
            .timeLimit(.minutes(2)), arguments: Asking.allCases)
        func foreignState(server: Asking) async throws {
            let issuer = try await FixtureServer.authorizationServer()
            let backend = try await server.start()
            try await RunningGateway.serve(yaml: Resources.guarded(by: issuer, "asking", at: backend.url)) { gateway in
                _ = try await gateway.await("asking", health: "healthy")
                let meta = ModernRequest.meta(capabilities: #"{"elicitation":{"form":{}}}"#)
                let asked = try await bearing(issuer.login(), .call("asking_form", meta: meta)).send(to: gateway.port)
                let result = try #require(try asked.json["result"], "\(asked.text)")
                guard case .object(let requests) = result["inputRequests"] ?? .null, let key = requests.keys.first
                else { throw TestFailure("nothing asked: \(asked.text)") }
                let members = """
                    "name":"asking_form","arguments":{},\
                    "requestState":\(JSON.string(result["requestState"]?.string ?? "").text),\
                    "inputResponses":{"\(key)":{"action":"accept","content":{"name":"Diana"}}}
                    """
                let retry = ModernRequest(
                    "tools/call", id: "8", members: members, name: "asking_form", meta: meta)
                let refused = try await bearing(issuer.login(user: "bob"), retry).send(to: gateway.port)
                #expect(refused.status == 400, "\(refused.text)")
                #expect(try refused.json["id"] == 8)
                #expect(try refused.json["error"]?["code"] == -32602)
                #expect(refused.text.contains("was issued to another caller"), "\(refused.text)")
                let whole = try await bearing(issuer.login(), retry).send(to: gateway.port)
                #expect(try whole.json["result"]?.toolText == "Diana", "\(whole.text)")
            }
        }

        private func bearing(_ token: String?, _ request: ModernRequest) -> ModernRequest {
            request.with("Authorization", token.map { "Bearer \($0)" })
        }
    }
}
