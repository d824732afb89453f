import Foundation
import Testing

extension EndToEnd {
    /// find_tool and call_tool in front of real servers, for the clients of the official SDK.
    @Suite("The optimizer")
    struct OptimizerTests {
        private static let peers: [(Places.SDK, String)] = [
            (.first, "legacy"), (.second, "legacy"), (.second, "2026-07-28"),
        ]

        /// Sixty-nine servers with four tools each.
        private static let subjects = [
            "account", "airport", "alarm", "album", "animal", "answer", "appointment", "article", "auction", "backup",
            "bank", "battery", "bicycle", "bill", "book", "bridge", "budget", "building", "calendar", "camera",
            "campaign",
            "candidate", "cargo", "certificate", "channel", "chart", "citizen", "claim", "climate", "cluster", "coach",
            "coin", "comment", "company", "concert", "container", "contract", "coupon", "course", "crop", "customer",
            "dashboard", "database", "deadline", "delivery", "device", "diagnosis", "diet", "dividend", "document",
            "domain",
            "donation", "drone", "election", "employee", "engine", "exam", "expense", "factory", "farm", "ferry",
            "festival",
            "flight", "forest", "freight", "gallery", "garden", "glacier", "grant",
        ]

        private static func yaml(_ server: FixtureServer, optimizer: String) -> String {
            let backends = subjects.map {
                "- {name: \($0), url: \"\(server.url(of: $0))\", transport: streamable-http}"
            }
            return """
                name: many
                groupRef: many
                incomingAuth: {type: anonymous}
                outgoingAuth: {source: inline}
                aggregation: {conflictResolution: prefix, conflictResolutionConfig: {prefixFormat: "{workload}_", prefixMode: onConflict}}
                \(optimizer)
                backends:
                \(backends.joined(separator: "\n"))
                """
        }

        private static func ready(_ gateway: RunningGateway) async throws {
            try await eventually("all tools are in the index") {
                try await gateway.get("/status").json["optimizer"]?["tools"]?.number == Double(subjects.count * 4)
            }
        }

        @Test(
            "In front of 69 backends a client sees two tools, finds the right one, and calls it",
            .timeLimit(.minutes(3)), arguments: peers)
        func many(client: Places.SDK, mode: String) async throws {
            #expect(Self.subjects.count == 69)
            let server = try await FixtureServer.many()
            let optimizer = "optimizer: {hybridSearchSemanticRatio: 0, pinned: [list_garden]}"
            try await RunningGateway.serve(yaml: Self.yaml(server, optimizer: optimizer)) { gateway in
                try await Self.ready(gateway)
                let report = try await SDKClient.run(
                    client, gateway.url,
                    [
                        ["tools"], ["call", "find_tool", ["tool_description": "remove a concert"]],
                        [
                            "call", "call_tool",
                            ["tool_name": "delete_concert", "parameters": ["title": "Requiem"]],
                        ],
                        [
                            "call", "find_tool",
                            ["tool_description": "create a drone, then export each ferry to a spreadsheet"],
                        ],
                        ["call", "call_tool", ["tool_name": "no_such_tool", "parameters": [:]]],
                        ["call", "list_garden", [:]],
                    ], options: client == .second ? ["mode": .string(mode)] : [:])
                let results = report.results
                #expect(results[0].names == ["call_tool", "find_tool", "list_garden"])
                let found = results[1]["structuredContent"]
                #expect(found?["tools"]?[0]?["name"] == "delete_concert", "\(results[1].text)")
                #expect(found?["tools"]?.array.count ?? 99 <= 8)
                #expect(found?["token_metrics"]?["savings_percent"]?.number ?? 0 > 90)
                let called = results[2]["structuredContent"]
                #expect(called?["subject"] == "concert" && called?["tool"] == "delete_concert", "\(results[2].text)")
                #expect(called?["arguments"]?["title"] == "Requiem")
                let both = results[3]["structuredContent"]?["tools"]?.array.compactMap { $0["name"]?.string } ?? []
                #expect(both.contains("create_drone") && both.contains("export_ferry"), "\(both)")
                #expect(results[4]["isError"] == true)
                #expect(results[4].toolText == "tool not found: no_such_tool")
                #expect(results[5]["structuredContent"]?["tool"] == "list_garden", "\(results[5].text)")
            }
        }

        private static let model = ProcessInfo.processInfo.environment["VMCP_TEST_MODEL"].flatMap {
            FileManager.default.fileExists(atPath: $0 + "/model.json") ? $0 : nil
        }

        @Test(
            "With the local model clients of both eras find tools whose words they do not use",
            .enabled(if: model != nil, "there is no model: run `make model`"), .timeLimit(.minutes(5)))
        func localModel() async throws {
            let server = try await FixtureServer.many()
            try await RunningGateway.serve(
                yaml: Self.yaml(server, optimizer: "optimizer: {embeddingProvider: local, embeddingThreads: 2}"),
                environment: ["VMCP_MODEL_DIR": try #require(Self.model)]
            ) { gateway in
                try await Self.ready(gateway)
                try await eventually("all tools have vectors") {
                    try await gateway.get("/status").json["optimizer"]?["embedding"]?["embedded"]?.number
                        == Double(Self.subjects.count * 4)
                }
                let embedding = try await gateway.get("/status").json["optimizer"]?["embedding"]
                #expect(embedding?["model"]?.string?.hasPrefix("all-MiniLM-L6-v2/") == true)
                for (client, mode) in Self.peers {
                    let report = try await SDKClient.run(
                        client, gateway.url,
                        [
                            ["call", "find_tool", ["tool_description": "get rid of an unmanned quadcopter"]],
                            ["call", "find_tool", ["tool_description": "what is wrong with the patient"]],
                            ["call", "call_tool", ["tool_name": "delete_drone", "parameters": ["title": "One"]]],
                        ], options: client == .second ? ["mode": .string(mode)] : [:])
                    func found(_ index: Int) -> [String] {
                        report.results[index]["structuredContent"]?["tools"]?.array.compactMap { $0["name"]?.string }
                            ?? []
                    }
                    #expect(found(0).contains("delete_drone"), "\(found(0))")
                    #expect(found(1).contains { $0.hasSuffix("_diagnosis") }, "\(found(1))")
                    #expect(report.results[2]["structuredContent"]?["tool"] == "delete_drone")
                }
            }
        }

        @Test(
            "With --optimizer and no model, tools are found by their words, and /status says why",
            .timeLimit(.minutes(3)))
        func withoutModel() async throws {
            let server = try await FixtureServer.many()
            try await withTemporaryFolder { empty in
                try await RunningGateway.serve(
                    yaml: Self.yaml(server, optimizer: ""), arguments: ["--optimizer"],
                    environment: ["VMCP_MODEL_DIR": empty.path]
                ) { gateway in
                    try await Self.ready(gateway)
                    try await eventually("the provider has failed") {
                        try await gateway.get("/status").json["optimizer"]?["embedding"]?["state"] == "failing"
                    }
                    let embedding = try await gateway.get("/status").json["optimizer"]?["embedding"]
                    #expect(embedding?["provider"] == "local")
                    #expect(embedding?["message"]?.string?.contains("make model") == true)
                    let client = try await gateway.client()
                    let found = try await client.call(
                        "find_tool", #"{"tool_description":"a spreadsheet of the flights"}"#)
                    #expect(found["structuredContent"]?["tools"]?[0]?["name"] == "export_flight", "\(found.text)")
                }
            }
        }

        @Test("vmcp search prints what find_tool would return", .timeLimit(.minutes(2)))
        func search() async throws {
            let server = try await FixtureServer.many()
            try await withTemporaryFolder { folder in
                let file = folder.appending(path: "vmcp.yaml")
                let yaml = Self.yaml(server, optimizer: "optimizer: {hybridSearchSemanticRatio: \"0\"}")
                try Data(yaml.utf8).write(to: file)
                let common = ["--config", file.path, "--plugins", Places.plugins.path]
                let text = try await ChildProcess.run(
                    Places.vmcp.path, ["search", "delete a glacier", "--keywords", "forest"] + common)
                #expect(text.status == 0, "\(text.errors)")
                #expect(text.output.contains("delete_glacier") && text.output.contains("_forest"), "\(text.output)")
                let json = try await ChildProcess.run(
                    Places.vmcp.path, ["search", "delete a glacier", "--json"] + common)
                let report = try JSON(parsing: json.output.utf8)
                #expect(report["matches"]?[0]?["name"] == "delete_glacier", "\(json.output)")
                #expect(report["tools"] == 276)
            }
        }
    }
}
