import Foundation
import Testing

extension EndToEnd {
    /// A backend that says itself who issues its tokens, with a real authorization server.
    @Suite("Backends that lead to their issuer")
    struct DiscoveryTests {
        private static let audience = "https://backend.example/mcp"

        private func document(_ issuer: FixtureServer, _ backend: FixtureServer, strategy: String) -> String {
            Resources.guarded(by: issuer, strategy: strategy, "remote", at: backend.url)
        }

        @Test(
            "The issuer alone is written down: endpoint, resource and scope are the backend's to say",
            .timeLimit(.minutes(2)))
        func followed() async throws {
            let issuer = try await FixtureServer.authorizationServer()
            let backend = try await FixtureServer.guarded(by: issuer, audience: Self.audience)
            let text = document(
                issuer, backend,
                strategy: """
                    {type: token_exchange, tokenExchange: {issuer: "http://127.0.0.1:\(issuer.port)", \
                    clientId: gateway, clientSecretEnv: GATEWAY_SECRET, audience: "\(Self.audience)"}}
                    """)
            let environment = ["GATEWAY_SECRET": "gateway-secret-456789"]
            try await RunningGateway.serve(yaml: text, environment: environment) { gateway in
                _ = try await gateway.await("remote", health: "healthy")
                let client = try await gateway.client(token: try await issuer.login())
                #expect(try await client.call("remote_echo", #"{"text":"hi"}"#).toolText == "raw: hi")
                let resources = try await HTTPConnection(port: issuer.port).exchange("GET", "/test/resources").json
                #expect(resources == .array([.string(backend.url)]))
                #expect(try await backend.counts()["metadata"] == .number(1))
            }
        }

        @Test(
            "A backend's 403 for want of a scope gets a token that has it besides, where the issuer gives one",
            .timeLimit(.minutes(2)))
        func stepUp() async throws {
            let issuer = try await FixtureServer.authorizationServer()
            let backend = try await FixtureServer.guarded(by: issuer, audience: Self.audience, exactScope: "write")
            let text = document(
                issuer, backend,
                strategy: """
                    {type: token_exchange, tokenExchange: {issuer: "http://127.0.0.1:\(issuer.port)", \
                    clientId: gateway, clientSecretEnv: GATEWAY_SECRET, audience: "\(Self.audience)"}}
                    """)
            let environment = ["GATEWAY_SECRET": "gateway-secret-456789"]
            try await RunningGateway.serve(yaml: text, environment: environment) { gateway in
                _ = try await gateway.await("remote", health: "healthy")
                let client = try await gateway.client(token: try await issuer.login())
                // The metadata name `read` alone.
                #expect(try await client.call("remote_echo", #"{"text":"hi"}"#).toolText == "raw: hi")
                let asked = try await issuer.asked("token")
                for _ in 0..<2 { #expect(try await client.call("remote_exact").toolText == "café 😀") }
                #expect(try await client.call("remote_echo", #"{"text":"hi"}"#).toolText == "raw: hi")
                #expect(try await issuer.asked("token") == asked + 1)
                #expect(try await backend.counts()["insufficient scope"] == 1)
                // Whose own token lacks the scope is told what is missing, and has not lost what there was.
                let poor = try await gateway.client(token: try await issuer.login(scope: "openid read", user: "bob"))
                for _ in 0..<2 {
                    let answer = try await poor.call("remote_exact")
                    #expect(answer["_meta"]?["vmcp.dev/error"]?["category"] == "forbidden", "\(answer.text)")
                    #expect(answer.toolText?.contains(#"it needs a token with scope "write""#) == true)
                    #expect(try await poor.call("remote_echo", #"{"text":"hi"}"#).toolText == "raw: hi")
                }
            }
        }

        @Test(
            "A backend that wants a token and has no strategy says in its status what it needs", .timeLimit(.minutes(2))
        )
        func needed() async throws {
            let issuer = try await FixtureServer.authorizationServer()
            let backend = try await FixtureServer.guarded(by: issuer, audience: Self.audience)
            let none = document(issuer, backend, strategy: "{type: unauthenticated}")
            try await RunningGateway.serve(yaml: none) { gateway in
                let message = try await gateway.await("remote", health: "unauthenticated")["message"]?.string ?? ""
                #expect(message.contains("it wants a bearer token with scope \"read\""), "\(message)")
                let place = "http://127.0.0.1:\(backend.port)/.well-known/oauth-protected-resource/mcp"
                #expect(message.contains("who issues it is said at \(place)"), "\(message)")
            }
        }

        @Test(
            "A strategy with nothing but users' tokens lists for users, and the backend's status says so",
            .timeLimit(.minutes(2)))
        func usersOnly() async throws {
            let issuer = try await FixtureServer.authorizationServer()
            let backend = try await FixtureServer.guarded(by: issuer, audience: Self.audience)
            let text = document(
                issuer, backend, strategy: "{type: upstream_inject, upstreamInject: {providerName: main}}")
            try await RunningGateway.serve(yaml: text) { gateway in
                let message = try await gateway.await("remote", health: "healthy")["message"]?.string ?? ""
                #expect(message.contains("to each caller, with the caller's own credential"), "\(message)")
                // This one's token brings none of the provider's: the rest is served.
                let client = try await gateway.client(token: try await issuer.login())
                #expect(try await client.toolNames().isEmpty)
            }
        }
    }
}
