import MCPServerCore
import PluginKit
import Testing

@Suite("Container values")
struct ContainerValueTests {
    private func settings(_ spec: String) throws -> (ServerSettings, ContainerSettings) {
        let configuration = try PluginConfiguration(
            json: Array(
                #"{"kind":"MCPServer","name":"s","namespace":"n","baseDirectory":"/base","spec":{\#(spec)},"resolved":{"configMaps":{"p/k":"{\"network\":{\"outbound\":{\"insecure_allow_all\":true}},\"read\":[\"/data\"],\"write\":[\"out:/out\"]}","q/k":"{\"network\":{\"outbound\":{\"allow_host\":[\"a.example\"]}}}","r/k":"{}"}}}"#
                    .utf8))
        return (try ServerSettings(configuration), try ContainerSettings("img:1", configuration))
    }

    private func created(_ spec: String) throws -> JSONValue {
        let (server, container) = try settings(spec)
        let owner = ContainerOwner(boot: "b", space: "s", process: 1, start: "2")
        return ContainerSpecification(server, container).json(secrets: [Header("KEY", "hush")], owner: owner)
    }

    @Test("Frames are taken apart however the bytes are cut", arguments: [1, 3, 8, 9, 100])
    func frames(size: Int) throws {
        let wire: [UInt8] =
            [1, 0, 0, 0, 0, 0, 0, 3] + "one".utf8 + [2, 0, 0, 0, 0, 0, 0, 0] + [2, 0, 0, 0, 0, 0, 1, 0]
            + [UInt8](repeating: 120, count: 256) + [1, 0, 0, 0, 0, 0, 0, 1, 33]
        var splitter = FrameSplitter()
        var output: [UInt8] = []
        var errors: [UInt8] = []
        for start in stride(from: 0, to: wire.count, by: size) {
            try Array(wire[start..<min(wire.count, start + size)]).withUnsafeBytes { piece in
                try splitter.take(piece) { stream, data in
                    if stream == .error { errors += data } else { output += data }
                }
            }
        }
        #expect(String(decoding: output, as: UTF8.self) == "one!")
        #expect(errors == [UInt8](repeating: 120, count: 256))
    }

    @Test(
        "What is no frame is refused",
        arguments: [[3, 0, 0, 0, 0, 0, 0, 1], [1, 1, 0, 0, 0, 0, 0, 1], Array("{\"jsonrpc".utf8)])
    func noFrame(bytes: [UInt8]) {
        var splitter = FrameSplitter()
        #expect(throws: FrameSplitter.NoFrame.self) {
            try bytes.withUnsafeBytes { try splitter.take($0) { _, _ in } }
        }
    }

    @Test("Lines are cut, one that is too long is lost alone, and the last needs no end", arguments: [1, 2, 100])
    func lines(size: Int) {
        var buffer = LineBuffer(limit: 5)
        var lines: [[UInt8]] = []
        let text = Array("one\n\ntoo long\nfive5\nend".utf8)
        for start in stride(from: 0, to: text.count, by: size) {
            lines += Array(text[start..<min(text.count, start + size)]).withUnsafeBytes { buffer.take($0) }
        }
        if let last = buffer.last() { lines.append(last) }
        #expect(lines.map { String(decoding: $0, as: UTF8.self) } == ["one", "", "five5", "end"])
        #expect(buffer.dropped == 1)
        #expect(buffer.last() == nil)
    }

    @Test(
        "Amounts are read as Kubernetes writes them",
        arguments: [
            ("512Mi", 536_870_912, 536_870_912_000_000_000), ("1Gi", 1_073_741_824, 1_073_741_824_000_000_000),
            ("2", 2, 2_000_000_000), ("500m", 0, 500_000_000), ("1.5", 1, 1_500_000_000),
            ("64M", 64_000_000, 64_000_000_000_000_000),
        ])
    func quantities(text: String, bytes: Int, billionths: Int) {
        #expect(Quantity(text)?.bytes == bytes)
        #expect(Quantity(text)?.billionths == billionths)
    }

    @Test("What is no amount is refused", arguments: ["", "Mi", "-1", "1 Gi", "much", "0x10", "inf", "nan"])
    func noQuantity(text: String) { #expect(Quantity(text) == nil) }

    @Test(
        "A container is left behind when its gateway is certainly gone, and only then",
        arguments: [
            ("boot s 7 100", false), ("boot s 7 99", true), ("boot s 8 100", true), ("other s 7 100", true),
            ("boot other 8 100", false),
        ])
    func owners(label: String, isGone: Bool) throws {
        let owner = try #require(ContainerOwner(label: label))
        #expect(owner.label == label)
        let current = ContainerOwner(boot: "boot", space: "s", process: 9, start: "5")
        #expect(owner.isGone(seenBy: current) { $0 == 7 ? "100" : nil } == isGone)
    }

    @Test("This process is alive, in its own eyes")
    func current() {
        #expect(!ContainerOwner.current.isGone())
        #expect(ContainerOwner(label: "nothing of ours") == nil)
    }

    @Test("DOCKER_HOST is asked alone; without it the sockets of user and machine are")
    func addresses() {
        #expect(
            EngineAddress.candidates(environment: { ["DOCKER_HOST": "unix:///x.sock"][$0] }, user: 5) == [
                .socket("/x.sock")
            ])
        #expect(EngineAddress.candidates(environment: { ["DOCKER_HOST": "tcp://h:1"][$0] }, user: 5) == [.host("h:1")])
        #expect(EngineAddress.candidates(environment: { ["DOCKER_HOST": "ssh://h"][$0] }, user: 5).isEmpty)
        #expect(
            EngineAddress.candidates(environment: { _ in nil }, user: 5).map(\.description) == [
                "unix:///run/user/5/podman/podman.sock", "unix:///run/podman/podman.sock",
                "unix:///run/user/5/docker.sock", "unix:///var/run/docker.sock",
            ])
    }

    @Test("A pull tells its bytes and layers, and why it failed")
    func pulling() {
        var progress = PullProgress()
        for line in [
            #"{"status":"Pulling fs layer","progressDetail":{},"id":"a"}"#, "no JSON",
            #"{"status":"Downloading","progressDetail":{"current":1500000,"total":3000000},"id":"a"}"#,
            #"{"status":"Downloading","progressDetail":{"current":1000000,"total":1000000},"id":"b"}"#,
            #"{"status":"Download complete","progressDetail":{},"id":"b"}"#,
        ] { progress.take(line: Array(line.utf8)) }
        #expect(progress.summary == "2.5 of 4.0 MB, 1 of 2 layers")
        #expect(progress.failure == nil)
        progress.take(line: Array(#"{"errorDetail":{"message":"denied"},"error":"denied"}"#.utf8))
        #expect(progress.failure == "denied")
    }

    @Test(
        "The end of a container is a sentence",
        arguments: [
            (#"{"ExitCode":3}"#, "the container exited with code 3"),
            (#"{"ExitCode":143}"#, "the container was ended by signal 15"),
            (
                #"{"ExitCode":137,"OOMKilled":true}"#,
                "the container was killed because it needed more memory than its limit of 64 bytes (spec.resources.limits.memory)"
            ),
            (
                #"{"ExitCode":137}"#,
                "the container was ended by signal 9; perhaps it needed more memory than its limit of 64 bytes (spec.resources.limits.memory)"
            ),
            (#"{"ExitCode":127,"Error":"no such file"}"#, "the container exited with code 127: no such file"),
            (#"{"Running":true}"#, "the connection to the container broke"),
        ])
    func ends(state: String, sentence: String) throws {
        #expect(ContainerEnd(try JSONValue(json: Array(state.utf8)), memory: 64).sentence == sentence)
    }

    @Test("A container gets as little power as it can do with")
    func secure() throws {
        let body = try created(#""image":"img:1","groupRef":{"name":"g"},"args":["a","{port}"]"#)
        let host = try #require(body["HostConfig"])
        #expect(host["CapDrop"] == ["ALL"])
        #expect(host["SecurityOpt"] == ["no-new-privileges"])
        #expect(host["Privileged"] == false)
        #expect(host["ReadonlyRootfs"] == true)
        #expect(host["PidsLimit"] == 512)
        #expect(host["NetworkMode"] == "bridge")
        #expect(host["Mounts"] == nil && host["PortBindings"] == nil)
        #expect(body["OpenStdin"] == true && body["StdinOnce"] == true && body["Tty"] == false)
        #expect(body["Cmd"] == ["a", "{port}"])
        #expect(body["Env"] == ["KEY=hush"])
        #expect(body["Labels"]?["dev.vmcp.group"] == "g" && body["Labels"]?["dev.vmcp.server"] == "s")
        #expect(body["Labels"]?["dev.vmcp.owner"] == "b s 1 2")
    }

    @Test("A server that listens is published on loopback alone, at a port of the engine's choice")
    func listening() throws {
        let body = try created(
            #""image":"img:1","transport":"streamable-http","mcpPort":9000,"args":["{port}"],"env":[{"name":"PORT","value":"1"}]"#
        )
        let binding = body["HostConfig"]?["PortBindings"]?["9000/tcp"]?.array
        #expect(binding == [.object([.init("HostIp", "127.0.0.1"), .init("HostPort", "")])])
        #expect(body["Cmd"] == ["9000"])
        let variables = body["Env"]?.array?.compactMap(\.string) ?? []
        #expect(variables.contains("MCP_PORT=9000") && variables.contains("PORT=1") && !variables.contains("PORT=9000"))
    }

    @Test("Fields loosen or tighten what they name")
    func fields() throws {
        let body = try created(
            #""image":"img:1","permissionProfile":{"type":"configmap","name":"p","key":"k"},"volumes":[{"name":"v","hostPath":"files","mountPath":"/f","readOnly":true}],"resources":{"limits":{"memory":"64Mi","cpu":"500m"}}"#
        )
        let host = try #require(body["HostConfig"])
        #expect(host["Memory"] == 67_108_864 && host["MemorySwap"] == 67_108_864 && host["NanoCpus"] == 500_000_000)
        let mounts = host["Mounts"]?.array?.map {
            "\($0["Source"]?.string ?? "") \($0["Target"]?.string ?? "") \($0["ReadOnly"]?.bool ?? false)"
        }
        #expect(mounts == ["/data /data true", "/base/out /out false", "/base/files /f true"])
        let none = try created(#""image":"img:1","permissionProfile":{"type":"builtin","name":"none"}"#)
        #expect(none["HostConfig"]?["NetworkMode"] == "none")
        let closed = try created(#""image":"img:1","permissionProfile":{"type":"configmap","name":"r","key":"k"}"#)
        #expect(closed["HostConfig"]?["NetworkMode"] == "none")
    }

    @Test(
        "A field that cannot be honoured is named",
        arguments: [
            (#""permissionProfile":{"type":"configmap","name":"q","key":"k"}"#, "cannot enforce"),
            (#""permissionProfile":{"type":"configmap","name":"x","key":"k"}"#, "ConfigMap 'x'"),
            (#""resources":{"limits":{"memory":"much"}}"#, "spec.resources.limits.memory"),
            (#""volumes":[{"name":"v","hostPath":"/x","mountPath":"y"}]"#, "spec.volumes[0]"),
        ])
    func wrong(spec: String, part: String) {
        let error = #expect(throws: PluginError.self) { try settings(#""image":"img:1","# + spec) }
        #expect(error?.message.contains(part) == true, "\(error?.message ?? "")")
    }

    @Test("The fingerprint follows the configuration, and holds no secret")
    func fingerprint() throws {
        func print(_ spec: String) throws -> String {
            let (server, container) = try settings(spec)
            return ContainerSpecification(server, container).fingerprint
        }
        let one = try print(#""image":"img:1""#)
        #expect(one.count == 16)
        #expect(try print(#""image":"img:1""#) == one)
        #expect(try print(#""image":"img:1","args":["x"]"#) != one)
    }
}
