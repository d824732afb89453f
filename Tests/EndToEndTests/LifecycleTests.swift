import Testing

extension EndToEnd {
    /// The processes of the gateway: they come back after a crash and never outlive it.
    @Suite("Processes")
    struct LifecycleTests {
        static func resources() throws -> Resources {
            var resources = Resources()
            try resources.addRaw("plain")
            try resources.addRaw("leaver", "daemon")
            try resources.addSDK(.second, "web", transport: "streamable-http")
            return resources
        }

        @Test(
            "No descendant survives the end of the gateway", .timeLimit(.minutes(2)), arguments: ["SIGKILL", "SIGTERM"])
        func end(signal: String) async throws {
            try await RunningGateway.serve(try Self.resources()) { gateway in
                let client = try await gateway.client()
                for backend in ["plain", "leaver", "web"] {
                    #expect(try await client.call("\(backend)_echo", #"{"text":"x"}"#)["isError"] != true)
                }
                let children = try ProcessTable.descendants(of: gateway.process.identifier)
                // Three supervisors, three servers, and the process that one of them left behind.
                #expect(children.count >= 7, "\(children.count)")
                if signal == "SIGKILL" {
                    try await gateway.kill()
                } else {
                    try await gateway.stop()
                    #expect(try await gateway.process.exit() == 0)
                }
                try await eventually("the descendants end: \(children.filter(ProcessTable.isAlive))") {
                    !children.contains(where: ProcessTable.isAlive)
                }
            }
        }

        @Test("A program that ends in a call fails that call, and the next one is served", .timeLimit(.minutes(1)))
        func crash() async throws {
            var resources = Resources()
            try resources.addRaw("raw")
            try await RunningGateway.serve(resources) { gateway in
                let client = try await gateway.client()
                let names = try await client.toolNames()
                let result = try await client.call("raw_exit")
                #expect(result["isError"] == true, "\(result.text)")
                #expect(result["_meta"]?["vmcp.dev/error"]?["backend"] == "raw", "\(result.text)")
                try await eventually("the program is started again") {
                    try await client.call("raw_echo", #"{"text":"x"}"#).toolText == "raw: x"
                }
                try await eventually("its tools are back") { try await client.toolNames() == names }
                _ = try await gateway.await("raw", health: "healthy")
            }
        }

        @Test("A program that is killed between calls is started again", .timeLimit(.minutes(1)))
        func killed() async throws {
            var resources = Resources()
            try resources.addSDK(.second, "alpha")
            try await RunningGateway.serve(resources) { gateway in
                let client = try await gateway.client()
                let first = try await client.call("alpha_process").toolText.flatMap { Int32($0) } ?? 0
                #expect(first > 0)
                SystemSignal.kill(first)
                try await eventually("another process answers") {
                    let text = try await client.call("alpha_process").toolText
                    return text.flatMap { Int32($0) } != nil && text != "\(first)"
                }
                #expect(try await client.toolNames().contains("alpha_echo"))
            }
        }

        @Test("What a program writes to standard error is in the log", .timeLimit(.minutes(1)))
        func standardError() async throws {
            var resources = Resources()
            try resources.addRaw("raw")
            try await RunningGateway.serve(resources, arguments: ["--debug"]) { gateway in
                _ = try await gateway.process.errors.line { $0.contains("raw server, mode ok") }
            }
        }

        @Test("The port is free again after the end, and taken is an error", .timeLimit(.minutes(1)))
        func port() async throws {
            var resources = Resources()
            try resources.addRaw("raw")
            let port = try await RunningGateway.serve(resources) { gateway in
                let second = try await VMCPCommand.run("serve", resources, ["--port", "\(gateway.port)"])
                #expect(second.status == 1)
                #expect(second.errors.contains("\(gateway.port)"), "\(second.errors)")
                return gateway.port
            }
            #expect(throws: TestFailure.self) { try HTTPConnection(port: port) }
        }
    }
}
