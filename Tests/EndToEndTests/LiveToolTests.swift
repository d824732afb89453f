import Foundation
import Testing

extension EndToEnd {
    /// The optimizer in front of the tools of 69 real servers, those of the pool `live` of the tool-retrieval benchmark.
    @Suite("The optimizer before real tools")
    struct LiveToolTests {
        /// Named by `VMCP_RETRIEVAL_DATA`, otherwise where `make bench-retrieval` looks too.
        static let folder: String? = {
            let named = ProcessInfo.processInfo.environment["VMCP_RETRIEVAL_DATA"]
            let folder = named ?? Places.repository.appending(path: "../shared/bench/tool-retrieval").path
            return FileManager.default.fileExists(atPath: folder + "/tools.jsonl") ? folder : nil
        }()
        private static let model = ProcessInfo.processInfo.environment["VMCP_TEST_MODEL"].flatMap {
            FileManager.default.fileExists(atPath: $0 + "/model.json") ? $0 : nil
        }

        /// A request of the benchmark, and the names of the tools that serve it.
        private struct Need {
            let text: String
            let names: Set<String>
        }

        private struct Tool {
            let id: String
            let backend: String
            let name: String
            let others: [String]
        }

        private static func lines(_ name: String) throws -> [JSON] {
            let text = try String(contentsOfFile: try #require(folder) + "/" + name, encoding: .utf8)
            return try text.split(separator: "\n").map { try JSON(parsing: $0.utf8) }
        }

        /// As Fixtures/servers/many_http.py has it.
        private static func backend(_ server: String) -> String {
            String(server.lowercased().map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "-" })
        }

        private static func tools() throws -> [Tool] {
            try lines("tools.jsonl").filter { $0["pool"] == "live" }.map { line in
                Tool(
                    id: line["id"]?.string ?? "", backend: backend(line["server"]?.string ?? ""),
                    name: line["name"]?.string ?? "", others: (line["equiv"]?.array ?? []).compactMap(\.string))
            }
        }

        /// What one tool does, in the words of somebody who needs it.
        private static func needs(_ tools: [Tool]) throws -> [Need] {
            let byID = Dictionary(uniqueKeysWithValues: tools.map { ($0.id, $0) })
            return try lines("queries.dev.jsonl").filter { $0["source"] == "live-authored" }.compactMap { line in
                let gold = (line["gold"]?.array ?? []).compactMap(\.string).compactMap { byID[$0] }
                let right = gold + gold.flatMap { $0.others.compactMap { byID[$0] } }
                guard !right.isEmpty, let text = line["query"]?.string else { return nil }
                // Where several servers have the name, that of the server is in front of it.
                return Need(text: text, names: Set(right.flatMap { [$0.name, "\($0.backend)_\($0.name)"] }))
            }
        }

        @Test(
            "69 real servers: clients of both eras find what they need among the first eight",
            .enabled(
                if: folder != nil,
                "no tools.jsonl of the tool-retrieval benchmark: name its folder with VMCP_RETRIEVAL_DATA"),
            .timeLimit(.minutes(5)))
        func find() async throws {
            let all = try Self.tools()
            let backends = Set(all.map(\.backend)).sorted().prefix(69)
            let tools = all.filter { backends.contains($0.backend) }
            let needs = try Self.needs(tools)
            try #require(backends.count == 69 && needs.count > 60)
            let server = try await FixtureServer.many(tools: try #require(Self.folder) + "/tools.jsonl")
            let yaml = """
                name: live
                groupRef: live
                incomingAuth: {type: anonymous}
                outgoingAuth: {source: inline}
                aggregation: {conflictResolution: prefix, conflictResolutionConfig: {prefixFormat: "{workload}_", prefixMode: onConflict}}
                optimizer: {embeddingProvider: local, embeddingThreads: 2}
                backends:
                \(backends.map { "- {name: \($0), url: \"\(server.url(of: $0))\", transport: streamable-http}" }
                    .joined(separator: "\n"))
                """
            let environment = Self.model.map { ["VMCP_MODEL_DIR": $0] } ?? [:]
            try await RunningGateway.serve(yaml: yaml, environment: environment) { gateway in
                try await eventually("all tools are in the index") {
                    let status = try await gateway.get("/status").json["optimizer"]
                    let embedded = status?["embedding"]?["embedded"]?.number
                    return status?["tools"]?.number == Double(tools.count)
                        && (Self.model == nil || embedded == Double(tools.count))
                }
                let peers: [(Places.SDK, String)] = [(.first, "legacy"), (.second, "legacy"), (.second, "2026-07-28")]
                for (client, mode) in peers {
                    let asked: [JSON] = needs.map { ["call", "find_tool", ["tool_description": .string($0.text)]] }
                    let report = try await SDKClient.run(
                        client, gateway.url, [["tools"]] + asked,
                        options: client == .second ? ["mode": .string(mode)] : [:])
                    #expect(report.results[0].names == ["call_tool", "find_tool"])
                    let hits = zip(needs, report.results.dropFirst()).count { need, result in
                        let found = result["structuredContent"]?["tools"]?.array.compactMap { $0["name"]?.string } ?? []
                        return found.count <= 8 && !need.names.isDisjoint(with: found)
                    }
                    // The benchmark has 90 of 100 with the model, and 60 without.
                    let least = Self.model == nil ? 50 : 80
                    #expect(hits * 100 >= needs.count * least, "\(hits) of \(needs.count), \(client) \(mode)")
                }
            }
        }
    }
}
