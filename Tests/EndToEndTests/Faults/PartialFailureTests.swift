import Testing

extension EndToEnd {
    /// `partialFailureMode: fail`: all or nothing, for lists and for the start.
    @Suite("Backends that are away, and lists that fail")
    struct PartialFailureTests {
        @Test(
            "The gateway is not ready before every backend was there; later lists fail, and calls go on",
            .timeLimit(.minutes(3)))
        func starting() async throws {
            let server = try await FixtureServer.faults()
            try await server.set("late", "500")
            var resources = Resources(
                config: """
                    operational:
                      failureHandling:
                        partialFailureMode: fail
                        healthCheckInterval: 2s
                        healthCheckTimeout: 1s
                        unhealthyThreshold: 1
                    """)
            for name in ["good", "late"] { resources.addRemote(name, server.url(of: name)) }
            try await RunningGateway.serve(resources) { gateway in
                let notReady = try await gateway.get("/readyz")
                #expect(notReady.status == 503 && notReady.text.contains("backends_starting"), "\(notReady.text)")
                let client = try await gateway.client()
                func error() async throws -> JSON? {
                    try await JSON(parsing: client.answer("tools/list").utf8)["error"]
                }
                let incomplete = try #require(try await error())
                #expect(incomplete["code"] == -32603 && incomplete["data"]?["missing"]?.text == #"["late"]"#)
                #expect(try await client.call("good_echo", #"{"text":"x"}"#).toolText == "good: x")
                try await server.set("late", "")
                try await eventually("it is ready") { try await gateway.get("/readyz").status == 200 }
                #expect(try await client.toolNames().contains("late_echo"))
                // Every instance has the same backends: that one breaks is no reason to send nobody here.
                try await server.set("late", "500")
                try await eventually("lists fail") { try await error() != nil }
                #expect(try await gateway.get("/readyz").status == 200)
                #expect(try await client.call("good_echo", #"{"text":"y"}"#).toolText == "good: y")
            }
        }
    }
}
