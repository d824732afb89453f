import Foundation
import Testing

extension EndToEnd {
    /// A real security token service, and a backend that computes each signature again.
    @Suite("Requests signed for AWS")
    struct AWSTests {
        private func document(_ issuer: FixtureServer, _ backend: FixtureServer, sts: Int) -> String {
            Resources.guarded(
                by: issuer,
                strategy: """
                    type: aws_sts
                    awsSts:
                      region: eu-west-1
                      stsEndpoint: "http://127.0.0.1:\(sts)/"
                      sessionNameClaim: client_id
                      roleMappings:
                        - {matcher: "claims.client_id == 'nobody'", roleArn: "arn:aws:iam::123456789012:role/none", priority: 1}
                        - {matcher: "'frontend' in claims.aud", roleArn: "arn:aws:iam::123456789012:role/reader", priority: 2}
                    """,
                "remote", at: "\(backend.url)?version=1&empty=")
        }

        @Test("A user's token gives a role, and the backend finds each request signed by it", .timeLimit(.minutes(2)))
        func signed() async throws {
            let issuer = try await FixtureServer.authorizationServer()
            let backend = try await FixtureServer.aws()
            let sts = try await HTTPConnection(port: backend.port).exchange("GET", "/sts").json["port"]?.number
            let text = document(issuer, backend, sts: Int(try #require(sts)))
            try await RunningGateway.serve(yaml: text) { gateway in
                _ = try await gateway.await("remote", health: "healthy")
                let client = try await gateway.client(token: try await issuer.login())
                for text in ["one", "zwei é", "3"] {
                    let answer = try await client.call("remote_echo", #"{"text":"\#(text)"}"#)
                    #expect(answer.toolText == "raw: \(text)", "\(answer.text)")
                }
                let role = try await HTTPConnection(port: backend.port).exchange("GET", "/role").json
                #expect(role["role"] == "arn:aws:iam::123456789012:role/reader", "\(role.text)")
                #expect(role["service"] == "aws-mcp")
                #expect(role["region"] == "eu-west-1")
                #expect(role["refused"] == nil)
            }
        }
    }
}
