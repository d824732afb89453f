import Foundation
import Testing

extension EndToEnd {
    /// The examples of `examples/workflows`, with servers and clients on the official SDKs.
    @Suite("Composite tools")
    struct WorkflowTests {
        /// The files of the example as one, with the interpreter and the path of this machine.
        private static func example(_ sdk: Places.SDK) throws -> String {
            let folder = Places.repository.appending(path: "examples/workflows")
            let files = ["resources.yaml", "investigate-incident.yaml", "deploy-with-approval.yaml"]
            return try files.map { try String(contentsOf: folder.appending(path: $0), encoding: .utf8) }
                .joined(separator: "\n---\n")
                .replacing("exec:python3", with: "exec:\(try Places.python(sdk))")
                .replacing("[servers.py,", with: "[\(folder.appending(path: "servers.py").path),")
        }

        private static let peers: [(Places.SDK, Places.SDK, String)] = [
            (.first, .first, "legacy"), (.second, .second, "legacy"), (.second, .second, "2026-07-28"),
            (.first, .second, "2026-07-28"),
        ]

        @Test(
            "Parallel reads, and three backends with a summary, for clients of both generations",
            .timeLimit(.minutes(2)),
            arguments: peers)
        func reads(servers: Places.SDK, client: Places.SDK, mode: String) async throws {
            try await RunningGateway.serve(yaml: try Self.example(servers)) { gateway in
                for name in ["tickets", "logs", "deployments"] { _ = try await gateway.await(name, health: "healthy") }
                let report = try await SDKClient.run(
                    client, gateway.url,
                    [
                        ["tools"], ["call", "service_overview", [:]],
                        ["call", "investigate_incident", ["service": "web"]],
                        ["call", "investigate_incident", ["service": "nothing"]],
                        ["call", "investigate_incident", ["service": "web", "minutes": 0]],
                    ], options: client == .second ? ["mode": .string(mode)] : [:])
                #expect(report.results[0].names.contains("investigate_incident"))
                let overview = report.results[1]["structuredContent"]
                #expect(overview?["owner"] == "Ada" && overview?["total"] == 1, "\(report.results[1].text)")
                let incident = report.results[2]["structuredContent"]
                #expect(
                    incident?["summary"]?.string
                        == "web 1.4.1: 2 errors in 15 minutes; timeout at /cart; timeout at /login",
                    "\(report.results[2].text)")
                // Above 2^53: no step may round it.
                #expect(report.results[2].text.contains("9007199254740993"), "\(report.results[2].text)")
                #expect(report.results[3]["structuredContent"]?["ticket"] == 0, "\(report.results[3].text)")
                #expect(report.results[4]["error"]?["code"] == -32602, "\(report.results[4].text)")
                #expect(report.results[4].text.contains("minutes: expected at least 1"), "\(report.results[4].text)")
            }
        }

        @Test(
            "A person approves, declines or cancels a deployment, in both eras", .timeLimit(.minutes(2)),
            arguments: [(Places.SDK.first, "legacy"), (.second, "legacy"), (.second, "2026-07-28")])
        func approval(client: Places.SDK, mode: String) async throws {
            try await RunningGateway.serve(yaml: try Self.example(.second)) { gateway in
                _ = try await gateway.await("deployments", health: "healthy")
                let answers: [(JSON, (JSON) -> Bool)] = [
                    (
                        ["action": "accept", "content": ["reason": "fix"]],
                        {
                            $0["structuredContent"]?["deployed"] == true
                                && $0["structuredContent"]?["approval"] == "accept"
                        }
                    ),
                    (["action": "decline"], { $0["structuredContent"]?["deployed"] == false && $0["isError"] != true }),
                    (
                        ["action": "cancel"],
                        { $0["isError"] == true && $0.text.contains("cancelled by user: step approve") }
                    ),
                ]
                for (answer, fits) in answers {
                    var options: [String: JSON] = ["answers": ["form": ["*": answer]]]
                    if client == .second { options["mode"] = .string(mode) }
                    let report = try await SDKClient.run(
                        client, gateway.url,
                        [["call", "deploy_with_approval", ["service": "web", "version": "1.5.0"]]], options: options)
                    #expect(fits(report.results[0]), "\(answer.text): \(report.results[0].text)")
                    let asked = report.steps[0]["asked"]?.array.first?.text ?? ""
                    #expect(asked.contains("Deploy web 1.5.0 (3 changes)?"), "\(asked)")
                }
            }
        }

        @Test(
            "`workflow run` prints the result and its steps, and `workflow graph` the three forms",
            .timeLimit(.minutes(2)))
        func commands() async throws {
            try await withTemporaryFolder { folder in
                // As the documentation has it: from the root of the repository, with a Python that has the SDK.
                let python = try URL(filePath: Places.python(.second)).deletingLastPathComponent().path
                let path = "\(python):\(ProcessInfo.processInfo.environment["PATH"] ?? "")"
                let documented = ["--config", "examples/workflows", "--plugins", Places.plugins.path]
                let run = try await ChildProcess.run(
                    Places.vmcp.path,
                    ["workflow", "run", "investigate_incident"] + documented + ["--args", #"{"service":"web"}"#],
                    environment: ["PATH": path])
                #expect(run.status == 0, "\(run.errors)")
                #expect(try JSON(parsing: run.output.utf8)["summary"]?.string?.hasPrefix("web 1.4.1: 2 errors") == true)
                for line in ["step_started  errors", "step_completed  summary", "completed"] {
                    #expect(run.errors.contains(line), "\(run.errors)")
                }
                let file = folder.appending(path: "all.yaml")
                try Data(try Self.example(.second).utf8).write(to: file)
                let common = ["--config", file.path, "--plugins", Places.plugins.path]
                let broken = try String(contentsOf: file, encoding: .utf8).replacing("exec:", with: "exec:/nowhere")
                let lame = folder.appending(path: "lame/all.yaml")
                try FileManager.default.createDirectory(
                    at: lame.deletingLastPathComponent(), withIntermediateDirectories: true)
                try Data(broken.utf8).write(to: lame)
                let missing = try await ChildProcess.run(
                    Places.vmcp.path,
                    [
                        "workflow", "run", "investigate_incident", "--config", lame.path, "--plugins",
                        Places.plugins.path,
                    ])
                #expect(missing.status == 1, "\(missing.errors)")
                for part in ["its step errors needs the tool logs_errors", "backend logs is down"] {
                    #expect(missing.errors.contains(part), "\(missing.errors)")
                }
                let nobody = try await ChildProcess.run(
                    Places.vmcp.path,
                    ["workflow", "run", "deploy_with_approval"] + common + [
                        "--args", #"{"service":"web","version":"1.5.0"}"#,
                    ])
                #expect(nobody.status == 1 && nobody.errors.contains("approve"), "\(nobody.errors)")
                let unknown = try await ChildProcess.run(Places.vmcp.path, ["workflow", "graph", "nope"] + common)
                #expect(unknown.status == 1 && unknown.errors.contains("investigate_incident"), "\(unknown.errors)")
                for (format, part) in [
                    ("text", "after errors, version, known"), ("dot", "s0 -> s3;"), ("mermaid", "s0 -.-> s3"),
                ] {
                    let graph = try await ChildProcess.run(
                        Places.vmcp.path, ["workflow", "graph", "investigate_incident", "--format", format] + common)
                    #expect(graph.status == 0 && graph.output.contains(part), "\(graph.output)\(graph.errors)")
                }
            }
        }
    }
}
