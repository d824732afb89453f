import Foundation
import Glibc
import Testing

// What goes wrong with a server or its engine is named, the others are served, and nothing stays behind.
extension EndToEnd.ContainerTests {
    @Test("Servers that flood, are for another processor, or never listen hurt nobody else", .timeLimit(.minutes(11)))
    func faultyServers() async throws {
        var resources = Resources()
        TestEngine.add("good", "ok", to: &resources)
        TestEngine.add("flood", "flood", to: &resources)
        TestEngine.add("foreign", "ok", to: &resources, image: TestEngine.foreignImage)
        TestEngine.add("silent", "http silent", to: &resources)
        try await RunningGateway.serve(resources) { gateway in
            _ = try await gateway.await("good", health: "healthy")
            let client = try await gateway.client()
            #expect(try await client.call("good_inspect")["isError"] != true)
            _ = try await gateway.await("flood", health: "healthy")
            #expect(try await client.call("flood_inspect")["isError"] != true)
            try await eventually("the status of foreign says why") {
                try await gateway.status(of: "foreign").text.contains("exec format error")
            }
            // The gateway waits 60 s for a server that it starts.
            try await eventually("the status of silent says that it does not answer", within: .seconds(600)) {
                let status = try await gateway.status(of: "silent")
                return status["health"]?.string == "unhealthy" && status.text.contains("did not answer in time")
            }
            #expect(try await client.call("good_inspect")["isError"] != true)
            let log = gateway.process.errors
            _ = try await log.line { $0.contains("wrote lines that are too long") }
            let noise = log.lines.filter { $0.contains("something else than JSON-RPC") || $0.contains("server says") }
            #expect(noise.count < 600, "105,000 lines of noise are not for the log")
        }
        #expect(try await TestEngine.containers().isEmpty)
    }

    @Test(
        "An engine that dies and returns: its servers are away meanwhile, come back, and leave nothing behind",
        .enabled(if: TestEngine.program != nil, "no second engine over the same containers"), .timeLimit(.minutes(3)))
    func engineReturns() async throws {
        try await withTemporaryFolder { folder in
            let socket = folder.appending(path: "engine.sock").path
            let program = try #require(TestEngine.program)
            var resources = Resources()
            TestEngine.add("pipe", "ok", to: &resources)
            try resources.addRaw("process")
            var engine = try ChildProcess(program, [socket])
            try await eventually("the engine listens") { FileManager.default.fileExists(atPath: socket) }
            try await RunningGateway.serve(resources, environment: ["DOCKER_HOST": "unix://\(socket)"]) { gateway in
                let client = try await gateway.client()
                #expect(try await client.call("pipe_inspect")["isError"] != true)
                engine.signal(SIGKILL)
                _ = try await engine.exit()
                try await eventually("the status says that the engine is gone") {
                    try await gateway.status(of: "pipe")["health"]?.string == "unhealthy"
                }
                #expect(try await gateway.status(of: "pipe").text.contains("engine"))
                #expect(try await client.call("process_echo", #"{"text":"x"}"#)["isError"] != true)
                try? FileManager.default.removeItem(atPath: socket)
                engine = try ChildProcess(program, [socket])
                _ = try await gateway.await("pipe", health: "healthy")
                #expect(try await client.call("pipe_inspect")["isError"] != true)
                // What was left when the engine died is removed with the next start.
                try await eventually("one container is there") { try await TestEngine.containers().count == 1 }
            }
            #expect(try await TestEngine.containers().isEmpty)
            engine.signal(SIGTERM)
            _ = try await engine.exit()
        }
    }

    @Test(
        "A full disk is named, and the others are served",
        .enabled(if: TestEngine.fullEngine != nil && TestEngine.registryImage != nil, "no engine with a full disk"),
        .timeLimit(.minutes(2)))
    func fullDisk() async throws {
        try await withTemporaryFolder { folder in
            try Self.logIn(folder)
            var resources = Resources()
            TestEngine.add("large", "ok", to: &resources, image: try #require(TestEngine.registryImage) + "-large")
            try resources.addRaw("process")
            try await RunningGateway.serve(
                resources,
                environment: ["DOCKER_HOST": try #require(TestEngine.fullEngine), "DOCKER_CONFIG": folder.path]
            ) { gateway in
                try await eventually("the status says why") {
                    try await gateway.status(of: "large").text.contains("no space left on device")
                }
                let client = try await gateway.client()
                #expect(try await client.call("process_echo", #"{"text":"x"}"#)["isError"] != true)
            }
        }
    }

    @Test("A socket that this user may not use is named", .timeLimit(.minutes(2)))
    func forbiddenSocket() async throws {
        // Root may use any: the gateway runs as nobody, if that one gets at its files.
        let nobody = ["--reuid=65534", "--regid=65534", "--clear-groups"]
        let setpriv = try Places.program("setpriv")
        let (status, _, _) = try await ChildProcess.run(setpriv, nobody + [Places.vmcp.path, "version"])
        guard getuid() == 0, status == 0 else { return print("left out: nobody may not run \(Places.vmcp.path)") }
        try await withTemporaryFolder { folder in
            let socket = folder.appending(path: "engine.sock")
            let server = try ChildProcess(
                try Places.program("python3"),
                [
                    "-c",
                    "import socket,sys; s=socket.socket(socket.AF_UNIX); s.bind(sys.argv[1]); s.listen(); input()",
                    socket.path,
                ])
            try await eventually("the socket is there") { FileManager.default.fileExists(atPath: socket.path) }
            chmod(socket.path, 0o600)
            chmod(folder.path, 0o755)
            var resources = Resources()
            TestEngine.add("pipe", "ok", to: &resources)
            let file = folder.appending(path: "resources.yaml")
            try Data(resources.yaml.utf8).write(to: file)
            chmod(file.path, 0o644)
            let (_, output, _) = try await ChildProcess.run(
                setpriv,
                nobody + [Places.vmcp.path, "tools", "--config", file.path, "--plugins", Places.plugins.path],
                environment: ["DOCKER_HOST": "unix://\(socket.path)"])
            #expect(output.contains("this user may not use the socket"), "\(output)")
            server.signal(SIGKILL)
        }
    }
}
