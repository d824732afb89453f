import Glibc
import Testing

extension EndToEnd {
    /// Backends that go wrong in the course of their life, all behind one gateway: what clients of others notice (nothing),
    /// what callers of the faulty ones are told, and how each comes back.
    @Suite("Faults of backends")
    struct FaultTests {
        struct Fault: Sendable {
            let name: String
            /// What a call may be told, as categories.
            let categories: Set<String>
            /// Whether the backend leaves the lists; its tools and answers may be in order otherwise.
            var leaves = true
        }

        static let faults = [
            Fault(name: "500", categories: ["backend_unavailable"]),
            Fault(name: "429", categories: ["limit_exceeded"], leaves: false),
            Fault(name: "trickle", categories: ["timeout"]),
            Fault(name: "cut", categories: ["connection_failed", "protocol_error", "backend_unavailable"]),
            Fault(name: "endless", categories: ["timeout", "limit_exceeded"]),
            Fault(name: "redirect", categories: ["protocol_error", "connection_failed", "backend_unavailable"]),
            Fault(name: "text", categories: ["protocol_error", "connection_failed", "backend_unavailable"]),
        ]
        /// Of calls that are not sent any more.
        static let refusals: Set = ["circuit_open", "backend_unavailable"]

        private static let configuration = """
            operational:
              timeouts: {default: 2s, perWorkload: {good: 1m, held: 2m}}
              failureHandling:
                healthCheckInterval: 5s
                healthCheckTimeout: 4s
                unhealthyThreshold: 2
                circuitBreaker: {enabled: true, failureThreshold: 3, timeout: 1s}
            """

        private func category(_ result: JSON) -> String {
            result["_meta"]?["vmcp.dev/error"]?["category"]?.string ?? result.text
        }

        @Test("A server that forgets its sessions under calls side by side loses none of them", .timeLimit(.minutes(2)))
        func forgetting() async throws {
            let server = try await FixtureServer.faults()
            var resources = Resources()
            resources.addRemote("forgetful", server.url(of: "forgetful"))
            try await RunningGateway.serve(resources) { gateway in
                let isOver = Signal<Void>()
                try await withThrowingTaskGroup(of: Int.self) { group in
                    for _ in 0..<6 {
                        group.addTask {
                            try await ReloadTests.repeating(until: isOver) {
                                try await ModernRequest.call("forgetful_echo", #"{"text":"x"}"#).send(to: gateway.port)
                                    .json["result"] ?? .null
                            }
                        }
                    }
                    group.addTask {
                        defer { isOver.fire(()) }
                        for _ in 0..<10 {
                            func answered() async throws -> Double {
                                try await server.counts(of: "forgetful")["tools/call"]?.number ?? 0
                            }
                            let before = try await answered()
                            try await server.set("forgetful", "forget")
                            try await eventually("calls go on in new sessions") {
                                try await answered() > before + 20
                            }
                        }
                        return 0
                    }
                    let answers = try await group.reduce(0, +)
                    #expect(answers > 10)
                }
            }
        }

        @Test(
            "Each leaves the lists, is told to its callers and comes back, and others notice nothing",
            .timeLimit(.minutes(5)))
        func faults() async throws {
            let server = try await FixtureServer.faults()
            let killed = try await FixtureServer.raw("ok")
            let stopped = try await FixtureServer.raw("ok")
            var resources = Resources(config: Self.configuration, spec: "telemetryConfigRef: {name: shown}")
            resources.addPlain(
                "MCPTelemetryConfig", "shown", apiVersion: "toolhive.stacklok.dev/v1beta1",
                "spec: {prometheus: {enabled: true}}")
            resources.addRemote("good", server.url(of: "good"))
            resources.addRemote("held", server.url(of: "held"))
            resources.addRemote("expired", server.url(of: "expired"))
            for fault in Self.faults { resources.addRemote("f\(fault.name)", server.url(of: fault.name)) }
            resources.addRemote("killed", killed.url)
            resources.addRemote("stopped", stopped.url)
            resources.addRemote("tls", server.url(of: "tls").replacing("http://", with: "https://"))
            try resources.addRaw("process")
            try await RunningGateway.serve(resources) { gateway in
                let (client, other) = (try await gateway.client(), try await gateway.client())
                let held = try await gateway.client()
                for name in Self.faults.map({ "f\($0.name)" }) + ["held", "expired", "killed", "stopped", "process"] {
                    #expect(try await client.call("\(name)_echo", #"{"text":"x"}"#)["isError"] != true, "\(name)")
                }
                func good() async throws {
                    #expect(try await other.call("good_echo", #"{"text":"x"}"#).toolText == "good: x")
                }

                // Everything goes wrong at once.
                for fault in Self.faults { try await server.set(fault.name, fault.name) }
                try await server.set("held", "silent")
                try await server.set("expired", "restart")
                killed.process.signal(SIGKILL)
                stopped.process.signal(SIGSTOP)
                defer { stopped.process.signal(SIGCONT) }

                // A call that hangs holds nobody up: all of these are answered while it waits.
                async let hanging = held.call("held_echo", #"{"text":"late"}"#)
                for fault in Self.faults {
                    let result = try await client.call("f\(fault.name)_echo", #"{"text":"x"}"#)
                    #expect(
                        fault.categories.union(Self.refusals).contains(category(result)),
                        "\(fault.name): \(result.text)")
                    try await good()
                }
                for name in ["killed", "stopped"] {
                    let result = try await client.call("\(name)_echo", #"{"text":"x"}"#)
                    #expect(result["_meta"]?["vmcp.dev/error"]?["retryable"] == true, "\(name): \(result.text)")
                    try await good()
                }
                // An expired session is renewed on the way. The tool itself is not there any more, and the lists may say so.
                do {
                    let renewed = try await client.call("expired_echo", #"{"text":"x"}"#)
                    #expect(renewed["_meta"]?["vmcp.dev/error"] == nil, "\(renewed.text)")
                } catch {
                    #expect("\(error)".contains("Unknown tool: expired_echo"))
                }
                try await server.set("held", "")
                #expect(try await hanging.toolText == "held: late")

                // A process that exits is started again.
                let exited = try await client.call("process_exit")
                #expect(exited["isError"] == true, "\(exited.text)")
                try await eventually("the process is back", within: .seconds(60)) {
                    try await good()
                    return try await client.call("process_echo", #"{"text":"x"}"#).toolText == "process: x"
                }

                let leaving = Self.faults.filter(\.leaves).map { "f\($0.name)" } + ["killed", "stopped", "tls"]
                for name in leaving {
                    try await eventually("\(name) leaves", within: .seconds(120)) {
                        try await good()
                        return try await !client.toolNames().contains { $0.hasPrefix("\(name)_") }
                    }
                    let status = try await gateway.status(of: name)
                    #expect(status["health"] == "unhealthy", "\(status.text)")
                    #expect(status["last_error"]?.string?.isEmpty == false, "\(status.text)")
                    guard name != "tls" else { continue }
                    let refused = try await client.call("\(name)_echo", #"{"text":"x"}"#)
                    #expect(Self.refusals.contains(category(refused)), "\(name): \(refused.text)")
                    #expect(refused["_meta"]?["vmcp.dev/error"]?["retryable"] == true, "\(refused.text)")
                }
                let metrics = try await gateway.get("/metrics").text
                for name in leaving {
                    #expect(metrics.contains("vmcp_backend_up{backend=\"\(name)\"} 0\n"), "\(metrics)")
                    #expect(!metrics.contains("vmcp_backend_failures{backend=\"\(name)\"} 0\n"), "\(metrics)")
                    #expect(metrics.contains("vmcp_backend_circuit_open{backend=\"\(name)\"} "))
                }
                let missing = try await client.request("tools/list")["_meta"]?["vmcp.dev/missing"]?.array ?? []
                #expect(Set(leaving).isSubset(of: missing.compactMap { $0["backend"]?.string }))

                // And all is mended.
                for fault in Self.faults { try await server.set(fault.name, "") }
                stopped.process.signal(SIGCONT)
                for name in Self.faults.map({ "f\($0.name)" }) + ["stopped"] {
                    try await eventually("\(name) is back", within: .seconds(120)) {
                        try await good()
                        return try await client.toolNames().contains("\(name)_echo")
                    }
                    #expect(try await client.call("\(name)_echo", #"{"text":"y"}"#)["isError"] != true, "\(name)")
                }
                try await eventually("the server with other tools is listed anew", within: .seconds(60)) {
                    let names = try await client.toolNames()
                    return names.contains("expired_exact") && !names.contains("expired_echo")
                }
            }
        }
    }
}
