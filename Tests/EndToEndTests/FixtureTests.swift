import Testing

extension EndToEnd {
    /// The fixtures against each other, without a gateway: what fails here is no fault of the gateway.
    @Suite("Fixtures")
    struct FixtureTests {
        @Test("Each SDK's client speaks to each SDK's server", .timeLimit(.minutes(2)), arguments: Places.SDK.allCases)
        func sdk(client: Places.SDK) async throws {
            for sdk in Places.SDK.allCases {
                let server = try await FixtureServer.sdk(sdk, name: "alpha", transport: "streamable-http")
                let report = try await SDKClient.run(client, server.url, [["call", "echo", ["text": "hello"]]])
                #expect(report.results.first?.toolText == "alpha: hello")
            }
        }

        @Test("The hand-written server counts what it is asked", .timeLimit(.minutes(1)))
        func raw() async throws {
            let server = try await FixtureServer.raw("ok")
            let client = try RawClient(port: server.port)
            try await client.initialize()
            #expect(try await client.toolNames().count == 8)
            #expect(try await client.call("echo", "{\"text\":\"x\"}").toolText == "raw: x")
            #expect(try await client.delete().status == 204)
            let counts = try await server.counts()
            #expect(counts["initialize"] == 1)
            #expect(counts["tools/list"] == 3)
            #expect(counts["sessions"] == 0)
        }
    }
}
