import Foundation
import Glibc
import Testing

extension EndToEnd {
    /// Quick mode: servers are added, stopped and removed by commands, over a folder of files.
    @Suite("Groups")
    struct GroupTests {
        /// The groups of one test.
        struct User: Sendable {
            let folder: URL

            var environment: [String: String] { ["VMCP_GROUPS": folder.path] }

            /// Runs `vmcp` to its end.
            func vmcp(
                _ arguments: [String], environment more: [String: String] = [:]
            ) async throws -> (status: Int32, output: String, errors: String) {
                let ran = try await ChildProcess.run(
                    Places.vmcp.path, arguments, environment: environment.merging(more) { $1 })
                KnownSecrets.check(ran.output + ran.errors, of: "what vmcp \(arguments[0]) prints")
                return ran
            }

            /// A command that has to work.
            @discardableResult
            func does(_ arguments: String..., environment: [String: String] = [:]) async throws -> String {
                let (status, output, errors) = try await vmcp(arguments, environment: environment)
                guard status == 0 else { throw TestFailure("vmcp \(arguments) failed (\(status)): \(errors)") }
                return output
            }

            /// A command that has to fail, and what it says.
            func fails(_ arguments: String..., environment: [String: String] = [:]) async throws -> String {
                let (status, output, errors) = try await vmcp(arguments, environment: environment)
                #expect(status == 1, "vmcp \(arguments): \(output)")
                return errors
            }

            /// Adds the hand-written server over stdio.
            func add(_ name: String, mode: String = "ok", _ more: [String] = []) async throws -> String {
                let (status, output, errors) = try await vmcp(
                    ["run", "exec:\(try Places.program("python3"))", "--group", "tools", "--name", name]
                        + ["--plugins", Places.plugins.path] + more + [
                            "--", Places.server("raw_stdio.py"), mode, name,
                        ],
                    environment: ["GROUP_TEST_TOKEN": "a-secret-of-groups"])
                guard status == 0 else { throw TestFailure("vmcp run failed (\(status)): \(errors)") }
                return output
            }

            func file(_ name: String) -> URL { folder.appending(path: "tools/\(name)") }
        }

        private static func names(_ gateway: RunningGateway) async throws -> Set<String> {
            let report = try await SDKClient.run(.second, gateway.url, [["tools"]])
            return Set(report.results[0].array.compactMap { ($0["name"] ?? $0).string })
        }

        @Test(
            "A laptop user writes no YAML: servers come, stop, start again and go while clients are served",
            .timeLimit(.minutes(2)))
        func life() async throws {
            KnownSecrets.add("a-secret-of-groups")
            try await withTemporaryFolder { folder in
                let user = User(folder: folder.appending(path: "groups"))
                #expect(try await user.does("group", "list").contains("no groups in"))
                #expect(try await user.does("group", "create", "tools").contains("groups/tools"))
                #expect(
                    try await user.add("first").contains("which no gateway serves; start it: vmcp serve --group tools"))
                #expect(try await user.does("list").contains("idle"))
                #expect(try await user.fails("logs", "first").contains("no gateway serves the group tools"))

                try await RunningGateway.serve(group: "tools", environment: user.environment) { gateway in
                    let report = try await SDKClient.run(
                        .second, gateway.url, [["call", "first_echo", ["text": "hello"]]])
                    #expect(report.results[0].text.contains("hello"))

                    let added = try await user.add(
                        "second", ["--secret", "GROUP_TEST_TOKEN", "--env", "LANGUAGE=C", "--transport", "stdio"])
                    #expect(added.contains("second is healthy with"), "\(added)")
                    #expect(added.contains(gateway.url))
                    let file = user.file("second.yaml")
                    #expect(try String(contentsOf: file, encoding: .utf8).contains("a-secret-of-groups"))
                    var status = stat()
                    #expect(stat(file.path, &status) == 0 && status.st_mode & 0o777 == 0o600)
                    #expect(stat(user.file("").path, &status) == 0 && status.st_mode & 0o777 == 0o700)
                    #expect(try await Self.names(gateway).isSuperset(of: ["first_echo", "second_echo"]))
                    #expect(try await user.does("group", "list").contains(gateway.url))

                    #expect(try await user.does("stop", "first").contains("first is stopped"))
                    #expect(try await Self.names(gateway).contains { $0.hasPrefix("first_") } == false)
                    #expect(try await user.does("list", "--group", "tools").contains("stopped"))
                    #expect(try await user.fails("stop", "first").contains("is stopped already"))
                    #expect(try await user.does("start", "first").contains("first is healthy"))
                    #expect(try await Self.names(gateway).contains("first_echo"))

                    #expect(try await user.does("rm", "second").contains("second is removed"))
                    #expect(!FileManager.default.fileExists(atPath: file.path))
                    #expect(try await Self.names(gateway).contains { $0.hasPrefix("second_") } == false)
                    let list = try JSON(parsing: try await user.does("list", "--json").utf8).array
                    #expect(list.map { $0["name"]?.string } == ["first"])
                    #expect(list.first?["state"]?.string == "healthy")
                }
                #expect(try await user.does("list").contains("idle"))
            }
        }

        @Test(
            "A server that fails is kept, says why, and shows what it wrote; the others are served",
            .timeLimit(.minutes(2)))
        func failing() async throws {
            try await withTemporaryFolder { folder in
                let user = User(folder: folder)
                try await user.does("group", "create", "tools")
                _ = try await user.add("good")
                try await RunningGateway.serve(group: "tools", environment: user.environment) { gateway in
                    let (status, _, errors) = try await user.vmcp([
                        "run", "exec:/bin/sh", "--group", "tools", "--name", "bad", "--plugins", Places.plugins.path,
                        "--",
                        "-c", "echo the licence has run out >&2; exit 3",
                    ])
                    #expect(status == 1)
                    #expect(errors.contains("bad is in the group and unhealthy"), "\(errors)")
                    #expect(errors.contains("code 3: the licence has run out"), "\(errors)")
                    #expect(try await user.does("logs", "bad").contains("the licence has run out\n"))
                    #expect(try await user.does("list").contains("unhealthy"))
                    #expect(try await gateway.get("/api/backends/none/logs").status == 404)
                    #expect(try await Self.names(gateway).contains("good_echo"))
                    try await user.does("rm", "bad")
                }
            }
        }

        @Test(
            "One gateway serves a group, on loopback; one that was killed leaves the group free",
            .timeLimit(.minutes(2)))
        func oneGateway() async throws {
            try await withTemporaryFolder { folder in
                let user = User(folder: folder)
                try await user.does("group", "create", "tools")
                try await RunningGateway.serve(group: "tools", environment: user.environment) { gateway in
                    #expect(
                        try await user.fails("serve", "--group", "tools", "--port", "0")
                            .contains("the group tools is served at \(gateway.url) already"))
                    try await gateway.kill()
                }
                #expect(try await user.does("group", "list").contains("tools  0        -"))
                try await RunningGateway.serve(group: "tools", environment: user.environment) { _ in }
                #expect(
                    try await user.fails("serve", "--group", "tools", "--host", "0.0.0.0")
                        .contains("expected a loopback address with --group, found 0.0.0.0"))
                #expect(try await user.fails("serve").contains("give --config with a file or a folder, or --group"))
            }
        }

        @Test("What cannot be done is said, with what to do, and nothing is written", .timeLimit(.minutes(2)))
        func refusals() async throws {
            try await withTemporaryFolder { folder in
                let user = User(folder: folder)
                try await user.does("group", "create", "tools")
                _ = try await user.add("first")
                let plugins = ["--plugins", Places.plugins.path]
                for (arguments, part) in [
                    (["group", "create", "tools"], "is there already"),
                    (["group", "create", "No Good"], "expected a name"),
                    (["run", "uvx://x", "--group", "none"], "there are tools"),
                    (["run", "exec:/bin/sh", "--group", "tools", "--name", "first"], "vmcp rm first --group tools"),
                    (["run", "uvy://x", "--group", "tools", "--name", "x"] + plugins, "found the scheme `uvy`"),
                    (["run", "uvx://x", "--group", "tools", "--volume", "/a:/b"] + plugins, "mounting volumes"),
                    (["run", "uvx://x", "--group", "tools", "--volume", "a"], "expected SOURCE:TARGET"),
                    (["run", "uvx://x", "--group", "tools", "--secret", "NO_SUCH_VARIABLE"], "export it first"),
                    (
                        ["run", "a/b:1", "--group", "tools", "--transport", "sse", "--permission-profile", "none"]
                            + plugins, "no network"
                    ),
                    (["stop", "frist", "--group", "tools"], "did you mean `first`?"), (["rm", "x"], "in any group"),
                    (["start", "first"], "is not stopped"), (["list", "--group", "none"], "vmcp group create none"),
                ] {
                    let (status, output, errors) = try await user.vmcp(arguments)
                    #expect(status == 1, "vmcp \(arguments): \(output)")
                    #expect(errors.contains(part), "vmcp \(arguments): \(errors)")
                }
                let left = try FileManager.default.contentsOfDirectory(atPath: user.file("").path).sorted()
                #expect(left == ["first.yaml", "group.yaml"])
                #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["tools"])
            }
        }

        @Test("On a terminal what goes on makes room for what became of it", .timeLimit(.minutes(2)))
        func terminal() async throws {
            try await withTemporaryFolder { folder in
                let user = User(folder: folder.appending(path: "groups"))
                try await user.does("group", "create", "tools")
                try await RunningGateway.serve(group: "tools", environment: user.environment) { gateway in
                    let run = try await ChildProcess.run(
                        Places.program("python3"),
                        [
                            Places.client("terminal.py"), "24", "80", Places.vmcp.path, "run",
                            "exec:\(try Places.program("python3"))", "--group", "tools", "--name", "shown",
                            "--", Places.server("raw_stdio.py"), "ok", "shown",
                        ], environment: user.environment)
                    let screen = try JSON(parsing: run.output.utf8)
                    #expect(screen["status"] == 0, "\(run.errors)")
                    let lines = (screen["lines"]?.array.compactMap(\.string) ?? []).filter { !$0.isEmpty }
                    #expect(lines.count == 1, "\(lines)")
                    #expect(lines.first?.hasPrefix("shown is healthy with ") == true, "\(lines)")
                    #expect(lines.first?.contains("at http://127.0.0.1:\(gateway.port)/mcp") == true, "\(lines)")
                }
            }
        }
    }
}
