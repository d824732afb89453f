import Foundation
import Testing

extension EndToEnd {
    /// What is left of composite tools that went wrong: nothing.
    @Suite("Composite tools: ends")
    struct WorkflowEndTests {
        private static let tools = """
            compositeTools:
            - name: dies
              description: One backend exits in the middle, another never answers
              steps:
              - {id: hangs, tool: remote_silent}
              - {id: exits, tool: child_exit}
            - name: hangs
              description: Two backends never answer
              steps:
              - {id: here, tool: other_silent}
              - {id: there, tool: remote_silent}
            - name: asks
              description: A person is asked while a backend never answers
              steps:
              - {id: person, type: elicitation, message: "Go?", schema: {type: object}}
              - {id: there, tool: remote_silent}
            """

        private static func runs(_ gateway: RunningGateway) async throws -> (underWay: Int, waiting: Int) {
            let runs = try await gateway.get("/status").json["workflows"]
            func count(_ status: String) -> Int { Int(runs?[status]?.number ?? -1) }
            return (count("running"), count("waiting_for_elicitation"))
        }

        @Test(
            "A backend that dies, a call that is cancelled and a client that goes away leave no call, run or process behind",
            .timeLimit(.minutes(4)))
        func nothingIsLeft() async throws {
            let server = try await FixtureServer.raw("ok")
            var resources = Resources(config: Self.tools)
            try resources.addRaw("child")
            try resources.addRaw("other")
            resources.addRemote("remote", server.url)
            var children: Set<Int32> = []
            try await RunningGateway.serve(resources) { gateway in
                for name in ["child", "other", "remote"] { _ = try await gateway.await(name, health: "healthy") }
                let before = try ProcessTable.descendants(of: gateway.process.identifier).count
                func count(_ what: String) async throws -> Int { Int(try await server.counts()[what]?.number ?? 0) }

                // The backend exits: the step names it, and the other step is cancelled where it runs.
                let client = try await gateway.client()
                // With a session open the step is sent at once.
                _ = try await client.call("remote_echo", #"{"text":"x"}"#)
                let died = try await client.call("dies")
                #expect(died["isError"] == true && died.text.contains("backend child in step exits"), "\(died.text)")
                try await eventually("the other step is cancelled") { try await count("notifications/cancelled") == 1 }

                // The session ends while two steps run, and with it the backend's, the step's call included.
                try await Self.endSession(gateway, server, "hangs") { $0.underWay == 1 }
                try await eventually("the backend's session ends") { try await count("DELETE") == 1 }

                // The client goes away while a person is asked.
                try await Self.endSession(gateway, server, "asks") { $0.waiting == 1 }
                try await eventually("the backend's session ends") { try await count("DELETE") == 2 }

                let left = try await Self.runs(gateway)
                #expect(left.underWay == 0 && left.waiting == 0)
                _ = try await gateway.await("child", health: "healthy")
                try await eventually("as many processes as before") {
                    children = try ProcessTable.descendants(of: gateway.process.identifier)
                    return children.count == before
                }
                #expect(try await gateway.client().call("other_echo", #"{"text":"x"}"#).toolText == "other: x")
            }
            #expect(children.filter(ProcessTable.isAlive) == [])
        }

        /// Calls a tool, ends the session when `condition` holds and the server has got another call, and waits until no run is
        /// under way. How many calls came before is not known: one that was cancelled may not have been sent.
        private static func endSession(
            _ gateway: RunningGateway, _ server: FixtureServer, _ tool: String,
            when condition: @Sendable ((underWay: Int, waiting: Int)) -> Bool
        ) async throws {
            let client = try await gateway.client(capabilities: #"{"elicitation":{}}"#)
            let before = try await server.counts()["tools/call"]?.number ?? 0
            let call = Task { try? await client.call(tool) }
            try await eventually("\(tool) runs") {
                let isThere = try await server.counts()["tools/call"]?.number == before + 1
                return try await condition(runs(gateway)) && isThere
            }
            // On a connection of its own: that of the client waits for the answer.
            let ended = try await HTTPConnection(port: gateway.port).exchange("DELETE", "/mcp", headers: client.headers)
            #expect(ended.status == 200)
            _ = await call.value
            try await eventually("\(tool) is over") {
                let runs = try await runs(gateway)
                return runs.underWay == 0 && runs.waiting == 0
            }
        }

        @Test(
            "`validate` holds the arguments of steps against the tools of the backends, unless it is offline",
            .timeLimit(.minutes(2)))
        func validate() async throws {
            var resources = Resources(
                config: """
                    compositeTools:
                    - name: wrong
                      description: d
                      steps:
                      - {id: number, tool: one_huge, arguments: {size: many}}
                      - {id: size, tool: one_huge, arguments: {size: "1{{.params.n}}"}}
                      - {id: missing, tool: one_echo}
                    - name: lame
                      description: d
                      steps:
                      - {id: gone, tool: one_gone}
                    """)
            try resources.addRaw("one")
            let text = resources.yaml
            try await withTemporaryFolder { folder in
                let file = folder.appending(path: "all.yaml")
                try text.write(to: file, atomically: true, encoding: .utf8)
                let common = ["validate", "--config", file.path, "--plugins", Places.plugins.path]
                let checked = try await ChildProcess.run(Places.vmcp.path, common)
                #expect(checked.status == 1, "\(checked.errors)")
                for (severity, part) in [
                    (
                        "error",
                        #"wrong: step number: the argument "size" of the tool one_huge: expected integer, found string"#
                    ),
                    ("warning", #"wrong: step size: the argument "size" of the tool one_huge: expected integer"#),
                    ("error", #"wrong: step missing: the tool one_echo requires the argument "text""#),
                    ("error", "lame: its step gone needs the tool one_gone"),
                ] {
                    let line = checked.errors.split(separator: "\n").first { $0.contains(part) }
                    #expect(line?.hasPrefix("\(file.path):") == true, "\(part)\n\(checked.errors)")
                    #expect(line?.contains(": \(severity): ") == true, "\(part)\n\(checked.errors)")
                }
                let offline = try await ChildProcess.run(Places.vmcp.path, common + ["--offline"])
                #expect(offline.status == 0 && !offline.errors.contains("step"), "\(offline.errors)")
            }
        }
    }
}
