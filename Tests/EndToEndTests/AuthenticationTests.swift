import Foundation
import Glibc
import Testing

extension EndToEnd {
    /// A real authorization server in front and behind: users log in there, and the gateway exchanges their tokens there.
    @Suite("Authentication")
    struct AuthenticationTests {
        private static let audience = "https://backend.example/mcp"
        /// What the authorization server makes the audience of tokens of its client `frontend`.
        private static let gateway = "frontend"

        /// A document with one backend, whose tokens are exchanged.
        private func document(
            _ issuer: FixtureServer, _ backend: FixtureServer, secret: String = "GATEWAY_SECRET",
            resource: String = "http://127.0.0.1/mcp"
        ) -> String {
            let url = "http://127.0.0.1:\(issuer.port)"
            return """
                name: guarded
                groupRef: group
                incomingAuth:
                  type: oidc
                  oidc: {issuer: "\(url)", audience: \(Self.gateway), resource: "\(resource)", scopes: [openid, read]}
                outgoingAuth:
                  source: inline
                  default:
                    type: token_exchange
                    tokenExchange:
                      tokenUrl: "\(url)/token"
                      clientId: gateway
                      clientSecretEnv: \(secret)
                      audience: "\(Self.audience)"
                      scopes: [read]
                aggregation:
                  conflictResolution: prefix
                  conflictResolutionConfig: {prefixFormat: "{workload}_"}
                backends:
                  - {name: remote, url: "\(backend.url)", transport: streamable-http}
                """
        }

        private let environment = ["GATEWAY_SECRET": "gateway-secret-456789"]

        private func initialize(_ revision: String = "2025-11-25") -> [UInt8] {
            Array(
                """
                {"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"\(revision)",\
                "capabilities":{},"clientInfo":{"name":"raw","version":"1"}}}
                """.utf8)
        }

        private func post(
            _ gateway: RunningGateway, _ body: [UInt8], token: String?, more: [(String, String)] = []
        ) async throws -> HTTPResponse {
            let headers = [("Content-Type", "application/json"), ("Accept", "application/json, text/event-stream")]
            let answer = try await HTTPConnection(port: gateway.port).exchange(
                "POST", "/mcp", headers: headers + more + (token.map { [("Authorization", "Bearer \($0)")] } ?? []),
                body: body)
            for (name, value) in answer.headers { KnownSecrets.check("\(name): \(value)", of: "a header") }
            KnownSecrets.check(answer.text, of: "an answer of the gateway")
            return answer
        }

        private func call(_ gateway: RunningGateway, session: String, token: String) async throws -> JSON {
            let body = Array(
                #"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"remote_echo","arguments":{"text":"hi"}}}"#
                    .utf8)
            let answer = try await post(gateway, body, token: token, more: [("Mcp-Session-Id", session)])
            guard answer.status == 200 else { throw TestFailure("tools/call got \(answer.status): \(answer.text)") }
            return try JSON(parsing: (RawClient.messages(in: answer.text).last ?? answer.text).utf8)
        }

        @Test(
            "A user's token is exchanged for one that the backend accepts, once for many calls", .timeLimit(.minutes(2))
        )
        func exchange() async throws {
            let issuer = try await FixtureServer.authorizationServer()
            let backend = try await FixtureServer.guarded(by: issuer, audience: Self.audience)
            try await RunningGateway.serve(
                yaml: document(issuer, backend), arguments: ["--debug"], environment: environment
            ) { gateway in
                _ = try await gateway.await("remote", health: "healthy")
                #expect(try await gateway.status(of: "remote")["auth_type"]?.string == "token_exchange")
                let token = try await issuer.login()
                let before = try await issuer.asked("token")
                let opened = try await post(gateway, initialize(), token: token)
                #expect(opened.status == 200, "\(opened.text)")
                let session = try #require(opened.headers["mcp-session-id"])
                for _ in 0..<5 {
                    let answer = try await call(gateway, session: session, token: token)
                    #expect(
                        answer["result"]?["isError"] == nil || answer["result"]?["isError"] == .bool(false),
                        "\(answer.text)")
                }
                #expect(try await issuer.asked("token") == before + 1)
                let sent = try #require(try await backend.lastHeaders()["authorization"]?.string)
                #expect(sent.hasPrefix("Bearer ") && !sent.contains(token))
                // Nothing of what is secret is in the log.
                let log = gateway.process.errors.tail
                #expect(!log.contains(token) && !log.contains(sent.dropFirst(7)) && !log.contains("gateway-secret"))
            }
        }

        @Test(
            "Users see and call what the backend lists to them, nobody else's, in either protocol generation",
            .timeLimit(.minutes(2)))
        func ownLists() async throws {
            let issuer = try await FixtureServer.authorizationServer()
            let backend = try await FixtureServer.guarded(by: issuer, audience: Self.audience, perUser: true)
            try await RunningGateway.serve(
                yaml: document(issuer, backend), arguments: ["--debug"], environment: environment
            ) { gateway in
                _ = try await gateway.await("remote", health: "healthy")
                let tokens = [try await issuer.login(), try await issuer.login(user: "bob")]
                var own: [String] = []
                for token in tokens {
                    let client = try await gateway.client(token: token)
                    let names = try await client.toolNames().filter { $0.hasPrefix("remote_of_") }
                    #expect(names.count == 1)
                    own += names
                    let listing = ModernRequest("tools/list").adding("Authorization", "Bearer \(token)")
                    let listed = try await listing.send(to: gateway.port).json["result"]?["tools"]?.names ?? []
                    #expect(listed.filter { $0.hasPrefix("remote_of_") } == names)
                }
                #expect(Set(own).count == 2)
                let thief = try await gateway.client(token: tokens[1])
                let answer = try await thief.answer("tools/call", "{\"name\":\"\(own[0])\"}")
                #expect(answer.contains("Unknown tool"))
                #expect(!(try await gateway.get("/status").text.contains("remote_of_")))
            }
        }

        @Test(
            "A backend's 403 for want of a scope is told with the scope, and is not the client's challenge",
            .timeLimit(.minutes(2)))
        func insufficientScope() async throws {
            let issuer = try await FixtureServer.authorizationServer()
            let backend = try await FixtureServer.guarded(by: issuer, audience: Self.audience)
            try await RunningGateway.serve(
                yaml: document(issuer, backend), arguments: ["--debug"], environment: environment
            ) { gateway in
                _ = try await gateway.await("remote", health: "healthy")
                let client = try await gateway.client(token: try await issuer.login())
                let answer = try await client.call("remote_exact")
                #expect(answer["isError"] == .bool(true))
                #expect(answer["_meta"]?["vmcp.dev/error"]?["category"] == "forbidden", "\(answer.text)")
                #expect(answer.toolText?.contains(#"it needs a token with scope "files:write""#) == true)
            }
        }

        @Test("Without a token, and with a bad one, the challenge leads to the issuer", .timeLimit(.minutes(2)))
        func challenge() async throws {
            let issuer = try await FixtureServer.authorizationServer()
            let backend = try await FixtureServer.guarded(by: issuer, audience: Self.audience)
            try await RunningGateway.serve(
                yaml: document(issuer, backend), arguments: ["--debug"], environment: environment
            ) { gateway in
                let answer = try await post(gateway, initialize(), token: nil)
                #expect(answer.status == 401)
                #expect(
                    answer.headers["www-authenticate"]
                        == "Bearer realm=\"http://127.0.0.1:\(issuer.port)\", "
                        + "resource_metadata=\"http://127.0.0.1/.well-known/oauth-protected-resource/mcp\", "
                        + "scope=\"openid read\", error=\"invalid_request\", "
                        + "error_description=\"authorization header required\"")
                let token = try await issuer.login()
                #expect(try await post(gateway, initialize(), token: String(token.dropLast(3))).status == 401)
                let inQuery = try await HTTPConnection(port: gateway.port).exchange(
                    "POST", "/mcp?access_token=\(token)", headers: [("Content-Type", "application/json")],
                    body: initialize())
                #expect(inQuery.status == 401)
                for path in ["", "/mcp"] {
                    let metadata = try await gateway.get("/.well-known/oauth-protected-resource\(path)")
                    #expect(metadata.status == 200)
                    #expect(
                        try metadata.json["authorization_servers"]
                            == .array([.string("http://127.0.0.1:\(issuer.port)")]))
                    #expect(metadata.headers["access-control-allow-origin"] == "*")
                }
                #expect(try await gateway.get("/.well-known/openid-configuration").status == 404)
                #expect(try await gateway.get("/health").status == 200)
                let poor = try await post(gateway, initialize(), token: try await issuer.login(scope: "openid write"))
                #expect(poor.status == 403)
                #expect(poor.headers["www-authenticate"]?.contains("error=\"insufficient_scope\"") == true)
            }
        }

        @Test(
            "A session answers the user who opened it, with any token of theirs, and nobody else",
            .timeLimit(.minutes(2)))
        func binding() async throws {
            let issuer = try await FixtureServer.authorizationServer()
            let backend = try await FixtureServer.guarded(by: issuer, audience: Self.audience)
            try await RunningGateway.serve(
                yaml: document(issuer, backend), arguments: ["--debug"], environment: environment
            ) { gateway in
                _ = try await gateway.await("remote", health: "healthy")
                let opened = try await post(gateway, initialize(), token: try await issuer.login())
                let session = try #require(opened.headers["mcp-session-id"])
                let answer = try await call(gateway, session: session, token: try await issuer.login())
                #expect(answer["result"] != nil, "\(answer.text)")
                let ping = Array(#"{"jsonrpc":"2.0","id":2,"method":"ping"}"#.utf8)
                let stolen = [("Mcp-Session-Id", session)]
                #expect(try await post(gateway, ping, token: nil, more: stolen).status == 401)
            }
        }

        @Test(
            "A gateway that asks nobody and can be reached from elsewhere warns of it at the start",
            .timeLimit(.minutes(2)))
        func open() async throws {
            let yaml = """
                name: open
                groupRef: group
                incomingAuth: {type: anonymous}
                outgoingAuth: {source: inline}
                aggregation: {conflictResolution: prefix, conflictResolutionConfig: {prefixFormat: "{workload}_"}}
                backends: []
                """
            try await withTemporaryFolder { folder in
                let file = folder.appending(path: "open.yaml")
                try Data(yaml.utf8).write(to: file)
                let process = try ChildProcess(
                    Places.vmcp.path, ["serve", "--config", file.path, "--host", "0.0.0.0", "--port", "0"])
                _ = try await process.errors.line {
                    $0.contains("Anyone who reaches this address can use every backend")
                }
                // It may not listen to other signals yet.
                process.signal(SIGKILL)
                _ = try await process.exit()
            }
        }

        @Test("A session's id is of no use to another user, and its owner goes on", .timeLimit(.minutes(2)))
        func replay() async throws {
            let issuer = try await FixtureServer.authorizationServer()
            let backend = try await FixtureServer.guarded(by: issuer, audience: Self.audience)
            try await RunningGateway.serve(
                yaml: document(issuer, backend), arguments: ["--debug"], environment: environment
            ) { gateway in
                _ = try await gateway.await("remote", health: "healthy")
                let owner = try await issuer.login()
                let thief = try await issuer.login(user: "bob")
                let opened = try await post(gateway, initialize(), token: owner)
                let stolen = [("Mcp-Session-Id", try #require(opened.headers["mcp-session-id"]))]
                let ping = Array(#"{"jsonrpc":"2.0","id":2,"method":"ping"}"#.utf8)
                let made = try await post(gateway, ping, token: thief, more: [("Mcp-Session-Id", "made-up")])
                #expect(made.status == 404)
                for method in ["POST", "GET", "DELETE"] {
                    let headers =
                        stolen + [
                            ("Authorization", "Bearer \(thief)"), ("Content-Type", "application/json"),
                            ("Accept", "application/json, text/event-stream"),
                        ]
                    let answer = try await HTTPConnection(port: gateway.port).exchange(
                        method, "/mcp", headers: headers, body: method == "POST" ? ping : [])
                    // As an id that never was: it tells nobody that there is such a session.
                    #expect(answer.status == 404, "\(method)")
                    if method == "POST" { #expect(answer.text == made.text) }
                }
                #expect(try await post(gateway, ping, token: owner, more: stolen).status == 200)
            }
        }

        @Test("The official SDK's client logs in by itself, from the gateway's 401 alone", .timeLimit(.minutes(2)))
        func sdkFlow() async throws {
            let issuer = try await FixtureServer.authorizationServer()
            let backend = try await FixtureServer.guarded(by: issuer, audience: Self.audience)
            // The client insists that the metadata name the URL it was given.
            let port = try Places.freePort()
            let yaml = document(issuer, backend, resource: "http://127.0.0.1:\(port)/mcp")
            try await RunningGateway.serve(
                yaml: yaml, arguments: ["--port", "\(port)"], environment: environment
            ) { gateway in
                _ = try await gateway.await("remote", health: "healthy")
                let (status, output, errors) = try await ChildProcess.run(
                    try Places.python(.first), [Places.client("oauth1_client.py"), gateway.url])
                guard status == 0, let line = output.split(separator: "\n").last else {
                    throw TestFailure("the client failed (\(status)):\n\(errors.suffix(6_000))")
                }
                let report = try JSON(parsing: line.utf8)
                #expect(report["text"] == "raw: hi")
                #expect(report["tools"]?.array.contains("remote_echo") == true)
                let steps = report["steps"]?.array.compactMap(\.string) ?? []
                #expect(steps.prefix(2) == ["/mcp", "/.well-known/oauth-protected-resource/mcp"])
                #expect(steps.contains("/token"))
            }
        }

        @Test(
            "A strategy that fails says so in the result, with no secret, and nothing is sent", .timeLimit(.minutes(2)))
        func failure() async throws {
            let issuer = try await FixtureServer.authorizationServer()
            let backend = try await FixtureServer.raw("ok")
            let environment = ["WRONG_SECRET": "wrong-secret-987654321"]
            let wrong = document(issuer, backend, secret: "WRONG_SECRET")
            try await RunningGateway.serve(yaml: wrong, arguments: ["--debug"], environment: environment) { gateway in
                let status = try await gateway.await("remote", health: "unauthenticated")
                let message = try #require(status["message"]?.string)
                #expect(message.contains("authentication failed for backend remote: token_exchange:"), "\(message)")
                #expect(!message.contains("wrong-secret"))
                #expect(!gateway.process.errors.tail.contains("wrong-secret"))
                #expect(try await backend.counts()["POST"] == nil)
            }
        }
    }
}
