import Foundation
import Testing

extension EndToEnd {
    /// Names that several backends offer, and the commands that show what became of them.
    @Suite("Strategies and commands")
    struct StrategyTests {
        /// Two backends that share the tool `echo`.
        static func twins(_ aggregation: String) throws -> Resources {
            var resources = Resources(config: "aggregation:\n" + aggregation)
            try resources.addRaw("alpha", tools: ["echo", "count", "huge"])
            try resources.addRaw("beta", tools: ["echo", "exact"])
            return resources
        }

        static let priority: String = """
              conflictResolution: priority
              conflictResolutionConfig: {priorityOrder: [beta, alpha]}
              tools: [{workload: alpha, filter: [echo, count]}]

            """
        static let manual: String = """
              conflictResolution: manual
              tools: [{workload: alpha, overrides: {echo: {name: a_echo, description: First}, huge: {name: vast}}}]

            """
        static let unsettled: String = """
              conflictResolution: manual
              tools: [{workload: alpha, overrides: {huge: {name: vast}}}]

            """

        @Test("Priority gives a shared name to the first in the order", .timeLimit(.minutes(1)))
        func priorityOrder() async throws {
            try await RunningGateway.serve(try Self.twins(Self.priority)) { gateway in
                let client = try await gateway.client()
                #expect(try await Set(client.toolNames()) == ["echo", "count", "exact"])
                #expect(try await client.call("echo", #"{"text":"x"}"#).toolText == "beta: x")
                #expect(try await client.call("count").toolText == "1")
            }
        }

        @Test("Manual shows the names that the overrides give", .timeLimit(.minutes(1)))
        func manualNames() async throws {
            try await RunningGateway.serve(try Self.twins(Self.manual)) { gateway in
                let client = try await gateway.client()
                #expect(try await Set(client.toolNames()) == ["a_echo", "vast", "count", "echo", "exact"])
                #expect(try await client.call("a_echo", #"{"text":"x"}"#).toolText == "alpha: x")
                #expect(try await client.call("echo", #"{"text":"x"}"#).toolText == "beta: x")
                let answer = try await client.answer("tools/call", #"{"name":"alpha_echo"}"#)
                #expect(answer.contains("-32602"))
            }
        }

        @Test("`tools --json` shows what was renamed, hidden and dropped, and why", .timeLimit(.minutes(1)))
        func tools() async throws {
            let (status, output, errors) = try await VMCPCommand.run(
                "tools", try Self.twins(Self.priority), ["--json"])
            #expect(status == 0, "\(errors)")
            let preview = try JSON(parsing: output.utf8)
            #expect(Set(preview["tools"]?.names ?? []) == ["echo", "count", "exact"])
            let echo = preview["tools"]?.array.first { $0["name"] == "echo" }
            #expect(echo?["backend"] == "beta")
            let changes = preview["changes"]?.array ?? []
            let lost = changes.filter { $0["backend"] == "alpha" && $0["originalName"] == "echo" }
            #expect(lost.contains { $0["reason"]?.string?.contains("beta") == true }, "\(output)")
            let hidden = changes.filter { $0["backend"] == "alpha" && $0["originalName"] == "huge" }
            #expect(hidden.contains { $0["reason"]?.string?.isEmpty == false }, "\(output)")
        }

        @Test("`tools` prints the same as a table", .timeLimit(.minutes(1)))
        func table() async throws {
            let (status, output, errors) = try await VMCPCommand.run("tools", try Self.twins(Self.manual))
            #expect(status == 0, "\(errors)")
            #expect(
                output.split(separator: "\n").contains { $0.contains("a_echo") && $0.contains("alpha") }, "\(output)")
            #expect(!output.contains("\u{1B}["), "colours without a terminal")
        }

        @Test(
            "`validate` accepts what `serve` can serve", .timeLimit(.minutes(1)),
            arguments: [StrategyTests.priority, StrategyTests.manual])
        func valid(aggregation: String) async throws {
            let (status, _, errors) = try await VMCPCommand.run("validate", try Self.twins(aggregation))
            #expect(status == 0, "\(errors)")
        }

        @Test("`validate` names the tool and the backends of an unsettled conflict", .timeLimit(.minutes(1)))
        func unsettledConflict() async throws {
            let (status, _, errors) = try await VMCPCommand.run("validate", try Self.twins(Self.unsettled))
            #expect(status == 1)
            #expect(errors.contains("\"echo\"") && errors.contains("alpha, beta"), "\(errors)")
        }

        @Test("`validate` reports all errors at once, each with file, line and field", .timeLimit(.minutes(1)))
        func invalid() async throws {
            let yaml = """
                apiVersion: toolhive.stacklok.dev/v1beta1
                kind: MCPGroup
                metadata: {name: group}
                ---
                apiVersion: toolhive.stacklok.dev/v1beta1
                kind: MCPServer
                metadata: {name: one}
                spec:
                  groupRef: {name: group}
                  image: exec:true
                  transprot: stdio
                ---
                apiVersion: toolhive.stacklok.dev/v1beta1
                kind: MCPServr
                metadata: {name: two}
                spec: {}
                ---
                apiVersion: toolhive.stacklok.dev/v1beta1
                kind: VirtualMCPServer
                metadata: {name: gateway}
                spec:
                  groupRef: {name: nobody}
                  incomingAuth: {type: anonymous}
                  config:
                    operational: {timeouts: {default: 30}}
                """
            let (status, output, errors) = try await VMCPCommand.run("validate", yaml: yaml)
            #expect(status == 1)
            for (line, word) in [(11, "transprot"), (14, "MCPServr"), (22, "nobody"), (25, "default")] {
                let found = errors.split(separator: "\n").contains {
                    $0.contains("resources.yaml:\(line):") && $0.contains(word)
                }
                #expect(found, "line \(line) with \(word) is not among:\n\(errors)")
            }
            #expect(output.isEmpty, "errors belong to standard error")
            let serve = try await VMCPCommand.run("serve", yaml: yaml, ["--port", "0"])
            #expect(serve.status == 1)
        }

        @Test(
            "Usage errors exit with 1 and say what is wrong", .timeLimit(.minutes(1)),
            arguments: [
                (["serve"], "--config"),
                (["validate", "--config", "/nonexistent/file.yaml"], "/nonexistent/file.yaml"),
                (["paint"], "paint"), (["serve", "--config", "x", "--session-ttl", "-5m"], "session-ttl"),
            ])
        func usage(arguments: [String], word: String) async throws {
            let (status, output, errors) = try await ChildProcess.run(Places.vmcp.path, arguments)
            #expect(status == 1)
            #expect(errors.contains(word), "\(errors)")
            #expect(output.isEmpty)
        }

        @Test(
            "`version` and `--help` answer on standard output", .timeLimit(.minutes(1)),
            arguments: ["version", "--help"])
        func answers(argument: String) async throws {
            let (status, output, _) = try await ChildProcess.run(Places.vmcp.path, [argument])
            #expect(status == 0)
            #expect(!output.isEmpty)
        }

        @Test("`init` writes a file that `validate` accepts", .timeLimit(.minutes(1)))
        func starter() async throws {
            var resources = Resources()
            resources.addRemote("notes", "http://127.0.0.1:9/mcp")
            try resources.addRaw("alpha")
            let (status, output, errors) = try await VMCPCommand.run("init", resources, ["--group", "group"])
            #expect(status == 0, "\(errors)")
            #expect(output.contains("group-vmcp") && output.contains("http://127.0.0.1:9/mcp"), "\(output)")
            let check = try await VMCPCommand.run("validate", yaml: output)
            #expect(check.status == 0, "\(check.errors)")
        }
    }
}
