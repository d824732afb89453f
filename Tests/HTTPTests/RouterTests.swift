import Gateway
import HostHTTP
import Testing

@Suite("Documents beside the endpoint", .timeLimit(.minutes(1)))
struct RouterTests {
    private static let status = FixedStatus(
        gateway: GatewayStatus(
            backends: [
                BackendStatus(
                    name: "github", health: .healthy, transport: "streamable-http", authType: "token_exchange",
                    mcpRevision: "2025-11-25"),
                BackendStatus(
                    name: "quo\"te", health: .unhealthy, transport: "stdio", message: "exited with 1", tools: 0,
                    missing: ["tools", "prompts"]),
            ], version: "0.44.0", groupRef: "demo", workflows: [.completed: 2, .waitingForElicitation: 1]),
        records: [
            BackendHealthRecord(
                name: "b", status: .unhealthy, consecutiveFailures: 3, lastCheckTime: 1_767_225_600_000_000_000,
                lastErrorCategory: "timeout", lastTransitionTime: 1_767_225_600_120_000_000, circuit: .halfOpen,
                circuitLastChanged: 1, mcpRevision: nil),
            BackendHealthRecord(name: "a", status: .healthy, mcpRevision: "2025-11-25"),
        ])

    static let documents: [(path: String, body: String)] = [
        ("/health", #"{"status":"ok"}"#),
        ("/ping", #"{"status":"ok"}"#),
        ("/readyz", #"{"status":"ready","mode":"static"}"#),
        (
            "/status",
            #"{"backends":[{"name":"github","health":"healthy","transport":"streamable-http","#
                + #""auth_type":"token_exchange","mcp_revision":"2025-11-25"},{"name":"quo\"te","health":"unhealthy","#
                + #""transport":"stdio","auth_type":"unauthenticated","tools":0,"missing":["tools","prompts"],"#
                + #""message":"exited with 1"}],"healthy":true,"version":"0.44.0","group_ref":"demo","workflows":{"pending":0,"#
                + #""running":0,"completed":2,"failed":0,"cancelled":0,"waiting_for_elicitation":1,"timed_out":0}}"#
        ),
        (
            "/api/backends/health",
            #"{"monitoring_enabled":true,"summary":{"Total":2,"Healthy":1,"Degraded":0,"Unhealthy":1,"Unknown":0,"#
                + #""Unauthenticated":0},"backends":{"a":{"Status":"healthy","ConsecutiveFailures":0,"#
                + #""LastCheckTime":"0001-01-01T00:00:00Z","LastErrorCategory":"","#
                + #""LastTransitionTime":"0001-01-01T00:00:00Z","CircuitState":"closed","#
                + #""CircuitLastChanged":"0001-01-01T00:00:00Z","MCPRevision":"2025-11-25"},"b":{"Status":"unhealthy","#
                + #""ConsecutiveFailures":3,"LastCheckTime":"2026-01-01T00:00:00Z","LastErrorCategory":"timeout","#
                + #""LastTransitionTime":"2026-01-01T00:00:00.12Z","CircuitState":"half-open","#
                + #""CircuitLastChanged":"1970-01-01T00:00:00.000000001Z"}}}"#
        ),
    ]

    @Test("Each document is exactly as specified, HEAD has its length, other methods get 405", arguments: documents)
    func document(_ path: String, _ body: String) async throws {
        try await TestServer.run(status: Self.status) { server in
            let get = try await server.answer(to: Request("GET", path + "?x=1"))
            #expect(get.status == 200)
            #expect(get.body == body)
            #expect(get["content-type"] == "application/json")
            let head = try await server.answer(to: Request("HEAD", path))
            #expect(head.status == 200)
            #expect(head["content-length"] == "\(body.utf8.count)")
            for method in ["POST", "PUT", "DELETE", "OPTIONS"] {
                let other = try await server.answer(to: Request(method, path))
                #expect(other.status == 405)
                #expect(other["allow"] == "GET, HEAD")
            }
        }
    }

    @Test("/status is not to be cached or guessed at")
    func statusHeaders() async throws {
        try await TestServer.run { server in
            let response = try await server.answer(to: Request("GET", "/status"))
            #expect(response["cache-control"] == "no-store")
            #expect(response["x-content-type-options"] == "nosniff")
            #expect(response.body == #"{"backends":[],"healthy":false,"version":"1.2.3","group_ref":"demo"}"#)
        }
    }

    @Test(
        "Metrics and logs of backends are there when they are to be shown, and not to be cached; otherwise each is a path like any other"
    )
    func metrics() async throws {
        try await TestServer.run(status: FixedStatus(shown: "a 1\n", kept: ["b": ["one", "two"]])) { server in
            let shown = try await server.answer(to: Request("GET", "/metrics"))
            #expect(shown.status == 200 && shown.body == "a 1\n")
            #expect(shown["content-type"] == "text/plain" && shown["cache-control"] == "no-store")
            let posted = try await server.answer(to: Request("POST", "/metrics"))
            #expect(posted.status == 405)
            let lines = try await server.answer(to: Request("GET", "/api/backends/b/logs"))
            #expect(lines.status == 200 && lines.body == "one\ntwo\n" && lines["cache-control"] == "no-store")
            let unknown = try await server.answer(to: Request("GET", "/api/backends/c/logs"))
            #expect(unknown.status == 404)
        }
        try await TestServer.run { server in
            let hidden = try await server.answer(to: Request("GET", "/metrics"))
            #expect(hidden.status == 404)
        }
    }

    @Test("Not ready is 503 with a reason; without a monitor there are no records")
    func notReady() async throws {
        let status = FixedStatus(ready: .notReady(mode: "dynamic", reason: "cache_sync_pending"))
        try await TestServer.run(status: status) { server in
            let ready = try await server.answer(to: Request("GET", "/readyz"))
            #expect(ready.status == 503)
            #expect(ready.body == #"{"status":"not_ready","mode":"dynamic","reason":"cache_sync_pending"}"#)
            let health = try await server.answer(to: Request("GET", "/api/backends/health"))
            #expect(health.body == #"{"monitoring_enabled":false}"#)
        }
    }

    @Test(
        "Every other path is 404 with JSON",
        arguments: [
            "/", "/.well-known/oauth-protected-resource", "/.well-known/x", "/mcp//", "/MCP", "/health/", "/%6Dcp",
        ])
    func unknown(_ path: String) async throws {
        try await TestServer.run { server in
            for method in ["GET", "POST"] {
                let response = try await server.answer(to: Request(method, path))
                #expect(response.status == 404)
                #expect(response.body == #"{"error":"not_found"}"#)
                #expect(response["content-type"] == "application/json")
            }
        }
    }

    @Test("The path of the endpoint can be set")
    func otherPath() async throws {
        try await TestServer.run {
            $0.endpointPath = "/tools/mcp"
        } _: { server in
            let session = server.sessions.open(.v2025_11_25)
            var request = Request.call("echo", in: session)
            let old = try await server.answer(to: request)
            #expect(old.status == 404)
            request.target = "/tools/mcp"
            let new = try await server.answer(to: request)
            #expect(new.status == 200)
        }
    }
}
