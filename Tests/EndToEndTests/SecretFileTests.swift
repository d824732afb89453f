import Foundation
import Testing

extension EndToEnd {
    /// Secrets that are files, as container engines and Kubernetes mount them, and that change while the gateway runs.
    @Suite("Secrets in files")
    struct SecretFileTests {
        private static func document(_ backend: FixtureServer, _ secret: URL) -> String {
            """
            name: keyed
            groupRef: group
            incomingAuth: {type: anonymous}
            outgoingAuth:
              source: inline
              default: {type: bearer_token, bearerToken: {tokenFile: "\(secret.path)"}}
            aggregation:
              conflictResolution: prefix
              conflictResolutionConfig: {prefixFormat: "{workload}_"}
            backends:
              - {name: remote, url: "\(backend.url)", transport: streamable-http}
            """
        }

        @Test(
            "A changed file is the next request's credential, whichever way it changes; a missing one changes nothing",
            .timeLimit(.minutes(2)))
        func changing() async throws {
            let backend = try await FixtureServer.raw("ok")
            try await withTemporaryFolder { folder in
                // As a Secret volume: the file is a link through a link that is replaced as a whole.
                let files = FileManager.default
                let secret = folder.appending(path: "token")
                func put(_ version: String, _ token: String) throws {
                    KnownSecrets.add(token)
                    let home = folder.appending(path: "..\(version)")
                    try files.createDirectory(at: home, withIntermediateDirectories: true)
                    try Data(token.utf8).write(to: home.appending(path: "token"))
                    let next = folder.appending(path: "..next")
                    try files.createSymbolicLink(atPath: next.path, withDestinationPath: "..\(version)")
                    guard rename(next.path, folder.appending(path: "..data").path) == 0 else {
                        throw TestFailure("rename failed: \(errno)")
                    }
                }
                try put("v1", "first-token-in-a-file")
                try files.createSymbolicLink(atPath: secret.path, withDestinationPath: "..data/token")
                try await RunningGateway.serve(yaml: Self.document(backend, secret)) { gateway in
                    let client = try await gateway.client()
                    func sends(_ token: String) async throws {
                        try await eventually("the backend gets another token") {
                            _ = try await client.call("remote_echo", #"{"text":"hi"}"#)
                            return try await backend.lastHeaders()["authorization"]?.string == "Bearer \(token)"
                        }
                    }
                    try await sends("first-token-in-a-file")
                    try put("v2", "second-token-in-a-file\n")
                    try await sends("second-token-in-a-file")
                    // Another file in its place, and then none.
                    KnownSecrets.add("third-token-in-a-file")
                    let other = folder.appending(path: "other")
                    try Data("third-token-in-a-file".utf8).write(to: other)
                    guard rename(other.path, secret.path) == 0 else { throw TestFailure("rename failed: \(errno)") }
                    try await sends("third-token-in-a-file")
                    try files.removeItem(at: secret)
                    _ = try await gateway.process.errors.line { $0.contains("A secret cannot be read again") }
                    try await sends("third-token-in-a-file")
                }
            }
        }
    }
}
