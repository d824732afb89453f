import Foundation
import Testing

extension EndToEnd {
    /// Ways to write down backends, and what goes over the wire to them.
    @Suite("Configuration at work")
    struct ServingTests {
        @Test("A plain vMCP file serves its static backends", .timeLimit(.minutes(1)))
        func plainFile() async throws {
            let server = try await FixtureServer.raw("ok")
            let yaml = """
                name: demo
                groupRef: demo
                incomingAuth: {type: anonymous}
                outgoingAuth: {source: inline}
                aggregation:
                  conflictResolution: prefix
                  conflictResolutionConfig: {prefixFormat: "{workload}."}
                backends:
                - {name: notes, url: "\(server.url)", transport: streamable-http}
                """
            try await RunningGateway.serve(yaml: yaml) { gateway in
                let client = try await gateway.client()
                #expect(try await client.call("notes.echo", #"{"text":"x"}"#).toolText == "raw: x")
                #expect(try await gateway.get("/status").json["group_ref"] == "demo")
            }
        }

        @Test("A folder of files is one configuration, and --name picks the gateway", .timeLimit(.minutes(1)))
        func folder() async throws {
            let server = try await FixtureServer.raw("ok")
            try await withTemporaryFolder { folder in
                var first = Resources()
                first.addRemote("notes", server.url)
                let version = "toolhive.stacklok.dev/v1alpha1"
                let second = """
                    apiVersion: \(version)
                    kind: MCPGroup
                    metadata: {name: other}
                    ---
                    apiVersion: \(version)
                    kind: VirtualMCPServer
                    metadata: {name: second}
                    spec: {groupRef: {name: other}, incomingAuth: {type: anonymous}}
                    """
                try Data(first.yaml.utf8).write(to: folder.appending(path: "first.yaml"))
                try Data(second.utf8).write(to: folder.appending(path: "second.yml"))
                let common = ["tools", "--json", "--config", folder.path, "--plugins", Places.plugins.path]
                let unnamed = try await ChildProcess.run(Places.vmcp.path, common)
                #expect(unnamed.status == 1)
                #expect(unnamed.errors.contains("gateway") && unnamed.errors.contains("second"), "\(unnamed.errors)")
                for (name, count) in [("gateway", 8), ("second", 0)] {
                    let named = try await ChildProcess.run(Places.vmcp.path, common + ["--name", name])
                    #expect(named.status == 0, "\(named.errors)")
                    #expect(try JSON(parsing: named.output.utf8)["tools"]?.array.count == count)
                }
            }
        }

        @Test(
            "Static headers, also from secrets, reach the backend; credentials of one side do not reach the other",
            .timeLimit(.minutes(1)))
        func headers() async throws {
            let server = try await FixtureServer.raw("ok")
            var resources = Resources(config: "passthroughHeaders: [X-Request-Tag]")
            resources.addPlain("Secret", "keys", apiVersion: "v1", "stringData: {token: swordfish}")
            resources.add(
                "MCPServerEntry", "notes",
                """
                remoteUrl: \(server.url)
                transport: streamable-http
                headerForward:
                  addPlaintextHeaders: {X-Team: blue}
                  addHeadersFromSecret:
                  - {headerName: X-Key, valueSecretRef: {name: keys, key: token}}
                """)
            try await RunningGateway.serve(resources, arguments: ["--debug"]) { gateway in
                let client = try await gateway.client()
                let answer = try await client.post(
                    #"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"notes_count"}}"#,
                    [("Authorization", "Bearer client-token"), ("Cookie", "a=b"), ("X-Request-Tag", "t1")])
                #expect(answer.status == 200)
                let seen = try await server.lastHeaders()
                #expect(seen["x-team"] == "blue" && seen["x-key"] == "swordfish" && seen["x-request-tag"] == "t1")
                #expect(seen["authorization"] == nil && seen["cookie"] == nil)
                #expect(seen["mcp-session-id"] != nil && seen["mcp-session-id"]?.string != client.session)
                #expect(answer.headers["set-cookie"] == nil)
                _ = try await client.call("notes_count")
                #expect(try await server.lastHeaders()["cookie"] == nil)
                let log = gateway.process.errors.lines + gateway.process.output.lines
                #expect(!log.contains { $0.contains("swordfish") || $0.contains("client-token") })
            }
        }

        @Test("A program may speak HTTP+SSE on the port it is given", .timeLimit(.minutes(1)))
        func olderTransport() async throws {
            var resources = Resources()
            try resources.addSDK(.first, "older", transport: "sse")
            try await RunningGateway.serve(resources) { gateway in
                let client = try await gateway.client()
                #expect(try await client.call("older_echo", #"{"text":"x"}"#).toolText == "older: x")
            }
        }

        @Test("npx:// runs the npx on PATH with the package", .timeLimit(.minutes(1)))
        func npx() async throws {
            try await withTemporaryFolder { folder in
                let script = """
                    #!/bin/sh
                    for word; do [ "$word" = "@demo/server@1.2.3" ] && found=1; done
                    [ "$found" ] || { echo "unexpected arguments: $*" >&2; exit 9; }
                    exec \(try Places.program("python3")) \(Places.server("raw_stdio.py")) ok npx
                    """
                let stand = folder.appending(path: "npx")
                try Data(script.utf8).write(to: stand)
                try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: stand.path)
                var resources = Resources()
                resources.add("MCPServer", "demo", "image: \"npx://@demo/server@1.2.3\"\ntransport: stdio")
                let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
                try await RunningGateway.serve(resources, environment: ["PATH": "\(folder.path):\(path)"]) { gateway in
                    let client = try await gateway.client()
                    #expect(try await client.call("demo_echo", #"{"text":"x"}"#).toolText == "npx: x")
                }
            }
        }

        @Test("A client's cancellation reaches the backend", .timeLimit(.minutes(1)))
        func cancellation() async throws {
            let server = try await FixtureServer.raw("ok")
            var resources = Resources()
            resources.addRemote("raw", server.url)
            try await RunningGateway.serve(resources) { gateway in
                let client = try await gateway.client()
                _ = try await client.call("raw_count")
                let before = try await server.counts()["tools/call"]?.number ?? 0
                let call = try HTTPConnection(port: gateway.port)
                let waiting = Task {
                    try await call.exchange(
                        "POST", "/mcp", headers: client.headers,
                        body: Array(
                            #"{"jsonrpc":"2.0","id":"c1","method":"tools/call","params":{"name":"raw_silent"}}"#.utf8))
                }
                try await eventually("the call is under way") {
                    (try await server.counts()["tools/call"]?.number ?? 0) > before
                }
                let cancelled = try await client.post(
                    #"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"c1"}}"#)
                #expect(cancelled.status == 202)
                try await eventually("the backend is told") {
                    try await server.counts()["notifications/cancelled"] == 1
                }
                #expect(try await client.call("raw_echo", #"{"text":"x"}"#).toolText == "raw: x")
                waiting.cancel()
            }
        }

        @Test("Remote backends on loopback need a flag where the gateway listens for others", .timeLimit(.minutes(1)))
        func privateAddresses() async throws {
            var resources = Resources()
            resources.addRemote("notes", "http://127.0.0.1:9/mcp")
            let refused = try await VMCPCommand.run("serve", resources, ["--host", "0.0.0.0", "--port", "0"])
            #expect(refused.status == 1)
            #expect(refused.errors.contains("--allow-private-backends"), "\(refused.errors)")
            let cluster = try await VMCPCommand.run("validate", resources, ["--target", "cluster"])
            #expect(cluster.status == 1)
            let allowed = try await VMCPCommand.run(
                "validate", resources, ["--target", "cluster", "--allow-private-backends"])
            #expect(allowed.status == 0, "\(allowed.errors)")
            var metadata = Resources()
            metadata.addRemote("notes", "http://169.254.169.254/mcp")
            let always = try await VMCPCommand.run("validate", metadata, ["--allow-private-backends"])
            #expect(always.status == 1)
        }

        @Test("Many clients at once get their own answers", .timeLimit(.minutes(2)))
        func crowd() async throws {
            let server = try await FixtureServer.raw("ok")
            var resources = Resources()
            try resources.addRaw("child")
            resources.addRemote("remote", server.url)
            try await RunningGateway.serve(resources) { gateway in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for number in 0..<20 {
                        group.addTask {
                            let client = try await gateway.client()
                            for turn in 0..<10 {
                                let backend = turn.isMultiple(of: 2) ? "child" : "remote"
                                let text = "\(number)-\(turn)"
                                let result = try await client.call("\(backend)_echo", "{\"text\":\"\(text)\"}")
                                #expect(result.toolText?.hasSuffix(": \(text)") == true, "\(result.text)")
                            }
                            #expect(try await client.delete().status == 200)
                        }
                    }
                    try await group.waitForAll()
                }
            }
        }
    }
}
