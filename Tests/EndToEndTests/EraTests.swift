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

        /// What takes the place of a server, and how it refuses what it does not understand.
        static let replacements = ["-32022", "-32020", "-32602", "plain"].map {
            ["raw_modern.py", "http", "--name", "later", "--refusal", $0]
        }

        @Test(
            "A server that another era takes the place of gets the next call, once", .timeLimit(.minutes(2)),
            arguments: replacements + [["raw_http.py", "ok"]])
        func replaced(replacement: [String]) async throws {
            let becomesModern = replacement[0] == "raw_modern.py"
            let server = becomesModern ? try await FixtureServer.raw("ok") : try await FixtureServer.modern()
            let names = becomesModern ? ("raw", "later") : ("modern", "raw")
            let revisions: (JSON, JSON) = becomesModern ? ("2025-11-25", "2026-07-28") : ("2026-07-28", "2025-11-25")
            var resources = Resources()
            resources.addRemote("far", server.url)
            try await RunningGateway.serve(resources) { gateway in
                #expect(try await gateway.await("far", health: "healthy")["mcp_revision"] == revisions.0)
                let client = try await gateway.client()
                let capable = try await gateway.client(capabilities: #"{"elicitation":{},"roots":{}}"#)
                // Three callers a time, and each server must have run three calls, whatever it refused before.
                func callers(_ name: String) async throws {
                    for client in [client, capable] {
                        let answer = try await client.call("far_echo", #"{"text":"x"}"#)
                        #expect(answer.toolText == "\(name): x", "\(answer.text)")
                    }
                    let call = ModernRequest.call("far_echo", #"{"text":"x"}"#)
                    let answer = try await call.send(to: gateway.port).json
                    #expect(answer["result"]?.toolText == "\(name): x", "\(answer.text)")
                    #expect(try await server.counts()["tools/call"] == 3)
                }
                try await callers(names.0)
                try await server.become(replacement)
                try await callers(names.1)
                #expect(try await server.counts()["mismatch"] == nil)
                try await eventually("the lists are read anew") {
                    try await gateway.status(of: "far")["mcp_revision"] == revisions.1
                }
                try await eventually("the tools are those of the other server") {
                    try await client.toolNames().contains("far_declared") == becomesModern
                }
            }
        }

        @Test(
            "A server of HTTP+SSE that is said to speak streamable HTTP is served, and so is what takes its place",
            .timeLimit(.minutes(2)))
        func olderTransport() async throws {
            let path = ["--path", "/mcp"]
            var server = try await FixtureServer.sdk(.first, name: "first", transport: "sse", more: path)
            var resources = Resources()
            resources.addRemote("far", server.url)
            try await RunningGateway.serve(resources) { gateway in
                #expect(try await revision(of: "far", gateway) == "2025-11-25")
                let clients = [
                    try await gateway.client(), try await gateway.client(),
                    try await gateway.client(capabilities: #"{"elicitation":{}}"#),
                ]
                func served(by name: String) async throws {
                    for client in clients {
                        try await eventually("\(name) serves a client that was there before") {
                            let answer = try await client.answer(
                                "tools/call", #"{"name":"far_echo","arguments":{"text":"x"}}"#)
                            return try JSON(parsing: answer.utf8)["result"]?.toolText == "\(name): x"
                        }
                    }
                    let answer = try await ModernRequest.call("far_echo", #"{"text":"x"}"#).send(to: gateway.port)
                    #expect(try answer.json["result"]?.toolText == "\(name): x", "\(answer.text)")
                    #expect(try await gateway.client().call("far_echo", #"{"text":"x"}"#).toolText == "\(name): x")
                }
                try await served(by: "first")
                server = try await server.replaced(by: .first, name: "second", transport: "streamable-http")
                try await served(by: "second")
                server = try await server.replaced(by: .first, name: "third", transport: "sse", more: path)
                try await served(by: "third")
                server = try await server.replaced(
                    by: .second, name: "fourth", transport: "streamable-http", more: ["--modern"])
                try await served(by: "fourth")
                try await eventually("the lists are read anew") {
                    try await gateway.status(of: "far")["mcp_revision"] == "2026-07-28"
                }
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
