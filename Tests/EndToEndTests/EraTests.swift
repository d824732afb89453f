import Testing

extension EndToEnd {
    /// Which revision the gateway speaks with servers that differ in what they say to `server/discover`.
    @Suite("The revision of a backend")
    struct EraTests {
        private func revision(of backend: String, _ gateway: RunningGateway) async throws -> String? {
            try await gateway.await(backend, health: "healthy")["mcp_revision"]?.string
        }

        @Test("The official SDK is spoken to in the newest revision it has", .timeLimit(.minutes(2)))
        func official() async throws {
            var resources = Resources()
            let remote = try await FixtureServer.sdk(.second, name: "far", transport: "streamable-http")
            let older = try await FixtureServer.sdk(.first, name: "event", transport: "sse")
            try resources.addSDK(.first, "first")
            try resources.addSDK(.second, "second")
            resources.addRemote("far", remote.url)
            resources.addRemote("event", older.sseURL, transport: "sse")
            try await RunningGateway.serve(resources) { gateway in
                for name in ["second", "far"] { #expect(try await revision(of: name, gateway) == "2026-07-28") }
                for name in ["first", "event"] { #expect(try await revision(of: name, gateway) == "2025-11-25") }
                let client = try await gateway.client()
                for name in ["first", "second", "far", "event"] {
                    #expect(try await client.call("\(name)_echo", #"{"text":"x"}"#).toolText == "\(name): x")
                }
            }
        }

        @Test("Servers that know nothing of it are served in their own revision, over HTTP", .timeLimit(.minutes(2)))
        func olderOverHTTP() async throws {
            let modes = ["ok", "discover-text", "discover-unknown", "discover-500", "discover-odd", "discover-silent"]
            var servers: [FixtureServer] = []
            var resources = Resources()
            for mode in modes {
                let server = try await FixtureServer.raw(mode)
                servers.append(server)
                resources.addRemote(mode, server.url)
            }
            try await RunningGateway.serve(resources) { gateway in
                for mode in modes { #expect(try await revision(of: mode, gateway) == "2025-11-25", "\(mode)") }
                // A second client session: what was found out is remembered, except of a server that was failing.
                for _ in 0..<2 {
                    let client = try await gateway.client()
                    for mode in modes {
                        #expect(try await client.call("\(mode)_echo", #"{"text":"x"}"#).toolText == "raw: x", "\(mode)")
                    }
                }
                for (mode, server) in zip(modes, servers) where mode.hasPrefix("discover") {
                    let asked = try await server.counts()["server/discover"]?.number
                    #expect(mode == "discover-500" ? asked ?? 0 >= 3 : asked == 1, "\(mode)")
                }
            }
        }

        @Test(
            "A server that another era takes the place of gets the next call, once", .timeLimit(.minutes(2)),
            arguments: ["-32022", "-32020", "-32602", "plain"])
        func replaced(refusal: String) async throws {
            let server = try await FixtureServer.raw("ok")
            var resources = Resources()
            resources.addRemote("far", server.url)
            try await RunningGateway.serve(resources) { gateway in
                let client = try await gateway.client()
                let capable = try await gateway.client(capabilities: #"{"elicitation":{},"roots":{}}"#)
                let stateless = ModernRequest.call("far_echo", #"{"text":"x"}"#)
                // Three clients a time, and each server must have run three calls, whatever it refused before.
                func callers(_ name: String) async throws {
                    for client in [client, capable] {
                        #expect(try await client.call("far_echo", #"{"text":"x"}"#).toolText == "\(name): x")
                    }
                    let answer = try await stateless.send(to: gateway.port).json
                    #expect(answer["result"]?.toolText == "\(name): x", "\(answer.text)")
                    #expect(try await server.counts()["tools/call"] == 3)
                }
                try await callers("raw")
                #expect(try await gateway.status(of: "far")["mcp_revision"] == "2025-11-25")
                try await server.become(["raw_modern.py", "http", "--name", "later", "--refusal", refusal])
                try await callers("later")
                #expect(try await server.counts()["mismatch"] == nil)
                try await eventually("the lists are read anew") {
                    try await gateway.status(of: "far")["mcp_revision"] == "2026-07-28"
                }
                #expect(try await client.toolNames().contains("far_declared"))
                try await server.become(["raw_http.py", "ok"])
                try await callers("raw")
                try await eventually("the lists are read anew") {
                    try await gateway.status(of: "far")["mcp_revision"] == "2025-11-25"
                }
                #expect(try await !client.toolNames().contains("far_declared"))
            }
        }

        @Test("Servers that know nothing of it are served in their own revision, over pipes", .timeLimit(.minutes(2)))
        func olderOverPipes() async throws {
            var resources = Resources()
            for mode in ["ok", "discover-silent", "discover-exit"] { try resources.addRaw(mode, mode) }
            try await RunningGateway.serve(resources) { gateway in
                for mode in ["ok", "discover-silent", "discover-exit"] {
                    #expect(try await revision(of: mode, gateway) == "2025-11-25", "\(mode)")
                    let client = try await gateway.client()
                    #expect(try await client.call("\(mode)_echo", #"{"text":"x"}"#).toolText == "\(mode): x")
                }
            }
        }
    }
}
