import Foundation
import Testing

extension EndToEnd {
    /// Containers of a real engine. `make test-containers` makes the image and starts the engine.
    @Suite(
        "Containers",
        .enabled(if: TestEngine.image != nil, "no container engine for tests: `make test-containers` starts one"))
    struct ContainerTests {
        @Test(
            "Containers answer over pipes and over HTTP, with as little power as they can do with; one that fails says why",
            .timeLimit(.minutes(3)))
        func serving() async throws {
            try await withTemporaryFolder { folder in
                var resources = Resources()
                TestEngine.add("pipe", "ok", to: &resources, "permissionProfile: {name: none}\n")
                TestEngine.add("noisy", "noisy", to: &resources)
                TestEngine.add("web", "http ok", to: &resources)
                TestEngine.add(
                    "loose", "ok", to: &resources,
                    "volumes: [{name: v, hostPath: \"\(folder.path)\", mountPath: /volume}]\n"
                        + "env: [{name: SECRET, value: told}]\n")
                TestEngine.add("stubborn", "stubborn", to: &resources)
                TestEngine.add("exits", "exit", to: &resources)
                TestEngine.add("greedy", "ok", to: &resources, "resources: {limits: {memory: 32Mi}}\n")
                resources.add("MCPServer", "missing", "image: \"127.0.0.1:1/none/such:1\"\n")
                try await RunningGateway.serve(resources) { gateway in
                    let report = try await SDKClient.run(
                        .second, gateway.url,
                        ["pipe", "web", "loose", "noisy", "stubborn"].map {
                            JSON.array(["call", JSON.string("\($0)_inspect"), [:]])
                        })
                    let texts = report.results.map(\.text)
                    for (text, facts) in zip(
                        texts,
                        [
                            "root=0 tmp=1 volume=0 network=0 secret=\"", "root=0 tmp=1 volume=0 network=1 secret=\"",
                            "root=0 tmp=1 volume=1 network=1 secret=told", "network=1", "network=1",
                        ])
                    {
                        #expect(text.contains("CapEff=0000000000000000 NoNewPrivs=1 "), "\(text)")
                        #expect(text.contains(facts), "\(text)")
                    }
                    #expect(FileManager.default.fileExists(atPath: folder.appending(path: "file").path))
                    let client = try await gateway.client()
                    #expect(try await client.call("greedy_eat")["isError"] == true)
                    for (backend, reason) in [
                        ("exits", "code 3: the licence has run out"), ("missing", "could not be fetched"),
                    ] {
                        try await eventually("the status of \(backend) says why") {
                            try await gateway.status(of: backend).text.contains(reason)
                        }
                    }
                    // It is started again at once, and well then.
                    _ = try await gateway.process.errors.line { $0.contains("limit of 33554432 bytes") }
                    #expect(try await client.call("pipe_inspect")["isError"] != true)
                }
                #expect(try await TestEngine.containers().isEmpty)
            }
        }

        @Test("What a gateway that was killed leaves behind, the next one removes", .timeLimit(.minutes(2)))
        func killed() async throws {
            var resources = Resources()
            TestEngine.add("web", "http ok", to: &resources)
            TestEngine.add("stubborn", "stubborn", to: &resources)
            var left: Set<String> = []
            try await RunningGateway.serve(resources) { gateway in
                let client = try await gateway.client()
                for backend in ["web", "stubborn"] {
                    #expect(try await client.call("\(backend)_inspect")["isError"] != true)
                }
                try await gateway.kill()
            }
            left = try await TestEngine.containers()
            #expect(left.count >= 2)
            try await RunningGateway.serve(resources) { gateway in
                let client = try await gateway.client()
                #expect(try await client.call("web_inspect")["isError"] != true)
                #expect(try await TestEngine.containers().isDisjoint(with: left))
            }
            #expect(try await TestEngine.containers().isEmpty)
        }

        @Test("50 clients that come and go leave no container behind", .timeLimit(.minutes(5)))
        func cycles() async throws {
            var resources = Resources()
            TestEngine.add("own", "ok", to: &resources, "sessionIsolation: private\n")
            try await RunningGateway.serve(resources) { gateway in
                // Five at a time.
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for _ in 0..<5 {
                        group.addTask {
                            for _ in 0..<10 {
                                let client = try await gateway.client()
                                #expect(try await client.call("own_inspect")["isError"] != true)
                                _ = try await client.delete()
                            }
                        }
                    }
                    try await group.waitForAll()
                }
                // The one that reads the lists stays.
                try await eventually("their containers are gone") { try await TestEngine.containers().count <= 1 }
            }
            #expect(try await TestEngine.containers().isEmpty)
        }

        @Test("Without an engine the status says what was tried", .timeLimit(.minutes(1)))
        func noEngine() async throws {
            var resources = Resources()
            TestEngine.add("pipe", "ok", to: &resources)
            try await RunningGateway.serve(resources, environment: ["DOCKER_HOST": "unix:///none/engine.sock"]) {
                gateway in
                try await eventually("the socket is named") {
                    try await gateway.status(of: "pipe")["message"]?.string?
                        .contains("/none/engine.sock (there is no such socket)") == true
                }
            }
        }
    }
}
