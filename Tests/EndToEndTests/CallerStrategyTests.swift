import Foundation
import Testing

extension EndToEnd {
    /// Strategies that come from outside and send what is each caller's own.
    @Suite("Strategies for callers")
    struct CallerStrategyTests {
        /// A library that everybody has, described as a strategy that shows the caller's own token to the backend.
        static let manifest = """
            id: own-token
            version: 1.0.0
            library: libc.so.6
            provides: [vmcp.auth/1]
            strategies: [own_token]
            perCaller: [own_token]
            functions:
              length:
                symbol: strlen
                arguments: [text: {type: cstring, value: '{identity.token}'}]
                returns: size
            auth:
              function: length
              headers: {Authorization: 'Bearer {identity.token}'}
              cache: none
            """

        @Test(
            "A plugin's strategy that is `perCaller` lists for each caller what the backend lists to that caller",
            .timeLimit(.minutes(2)))
        func ownLists() async throws {
            let issuer = try await FixtureServer.authorizationServer()
            let backend = try await FixtureServer.guarded(by: issuer, audience: "frontend", perUser: true)
            try await withTemporaryFolder { folder in
                try Data(Self.manifest.utf8).write(to: folder.appending(path: "plugin.yaml"))
                let yaml = Resources.guarded(
                    by: issuer, strategy: "type: own_token\nconfig: {}", "remote", at: backend.url)
                try await RunningGateway.serve(yaml: yaml, plugins: [folder]) { gateway in
                    _ = try await gateway.await("remote", health: "healthy")
                    var own: [[String]] = []
                    for user in ["diana", "bob"] {
                        let client = try await gateway.client(token: try await issuer.login(user: user))
                        own.append(try await client.toolNames().filter { $0.hasPrefix("remote_of_") })
                    }
                    #expect(own.map(\.count) == [1, 1] && own[0] != own[1], "\(own)")
                }
            }
        }
    }
}
