import Foundation
import Testing

extension EndToEnd {
    /// What a gateway does when more is asked of a backend than it may hold, with real processes.
    @Suite("Load")
    struct LoadTests {
        @Test(
            "Calls beyond the limit of a backend that hangs are refused at once, other backends go on, and `/metrics` tells",
            .timeLimit(.minutes(4)))
        func hungBackend() async throws {
            let server = try await FixtureServer.raw("ok")
            var resources = Resources(
                config: """
                    operational: {limits: {callsPerBackend: 3, calls: 4}}
                    """, spec: "telemetryConfigRef: {name: shown}")
            resources.addRemote("hung", server.url)
            try resources.addRaw("good")
            resources.addPlain(
                "MCPTelemetryConfig", "shown", apiVersion: "toolhive.stacklok.dev/v1beta1",
                "spec: {prometheus: {enabled: true}}")
            try await RunningGateway.serve(resources) { gateway in
                for name in ["hung", "good"] { _ = try await gateway.await(name, health: "healthy") }
                func metric(_ name: String) async throws -> String? {
                    try await gateway.get("/metrics").text.split(separator: "\n")
                        .first { $0.hasPrefix(name) }.map { String($0.split(separator: " ").last ?? "") }
                }
                let client = try await gateway.client()
                let hanging = (0..<3).map { _ in Task { try? await gateway.client().call("hung_silent") } }
                try await eventually("three calls hang") {
                    try await metric(#"vmcp_backend_calls_in_flight{backend="hung"}"#) == "3"
                }
                let refused = try await client.call("hung_echo", #"{"text":"x"}"#)
                let error = refused["_meta"]?["vmcp.dev/error"]
                #expect(refused["isError"] == true && error?["category"] == "limit_exceeded", "\(refused.text)")
                #expect(error?["retryable"] == true && error?["retryAfterMs"] == 1000, "\(refused.text)")
                for number in 0..<20 {
                    #expect(try await client.call("good_echo", #"{"text":"\#(number)"}"#).toolText == "good: \(number)")
                }
                #expect(try await metric(#"vmcp_calls_shed_total{backend="hung"}"#) == "1")
                #expect(try await metric("vmcp_calls_in_flight") == "3")
                #expect(try await metric("vmcp_sessions") == "4")
                #expect(
                    try await metric(
                        #"toolhive_vmcp_backend_requests_duration_seconds_count{target_transport_type="stdio",target_workload_id="good""#
                    ) == "20")
                for call in hanging { call.cancel() }
            }
        }

        @Test("A backend that floods holds no more memory than it may, and others go on", .timeLimit(.minutes(2)))
        func floodingBackend() async throws {
            let server = try await FixtureServer.faults()
            var resources = Resources(
                config: """
                    operational: {limits: {responseBytesPerBackend: 1048576}, timeouts: {default: 60s}}
                    """)
            for name in ["flood", "good"] { resources.addRemote(name, server.url(of: name)) }
            try await RunningGateway.serve(resources) { gateway in
                for name in ["flood", "good"] { _ = try await gateway.await(name, health: "healthy") }
                let clients = [try await gateway.client(), try await gateway.client()]
                let other = try await gateway.client()
                try await server.set("flood", "hoard")
                // Together they would hold more than it may.
                let (ended, end) = AsyncStream<JSON>.makeStream()
                for client in clients {
                    Task {
                        end.yield((try? await client.call("flood_echo", #"{"text":"x"}"#)) ?? .null)
                    }
                }
                var results = ended.makeAsyncIterator()
                let refused = try #require(await results.next())
                #expect(refused["_meta"]?["vmcp.dev/error"]?["category"] == "limit_exceeded", "\(refused.text)")
                #expect(refused.text.contains("operational.limits.responseBytesPerBackend"), "\(refused.text)")
                #expect(try await other.call("good_echo", #"{"text":"x"}"#).toolText == "good: x")
                try await server.set("flood", "")
                let cut = try #require(await results.next())
                #expect(cut["isError"] == true, "\(cut.text)")
                #expect(try await other.call("flood_echo", #"{"text":"y"}"#).toolText == "flood: y")
            }
        }
    }
}
