import Foundation
import Testing

extension EndToEnd {
    /// Third-party servers from PyPI, as the quickstart has them.
    @Suite("Quickstart")
    struct QuickstartTests {
        @Test("Two servers from PyPI give their real answers", .timeLimit(.minutes(5)), arguments: Places.SDK.allCases)
        func servers(sdk: Places.SDK) async throws {
            _ = try Places.program("uvx")
            let example = Places.repository.appending(path: "examples/quickstart/resources.yaml")
            let images = try String(contentsOf: example, encoding: .utf8).split(separator: "\n")
                .compactMap { $0.split(separator: "image: ").last.map(String.init) }
                .filter { $0.hasPrefix("uvx://") }
            #expect(images.count == 2)
            var resources = Resources()
            for image in images {
                let name = image.contains("mcp-server-time") ? "time" : "git"
                resources.add("MCPServer", name, "image: \(image)\ntransport: stdio")
            }
            try await RunningGateway.serve(resources) { gateway in
                _ = try await gateway.await("time", health: "healthy")
                _ = try await gateway.await("git", health: "healthy")
                let report = try await SDKClient.run(
                    sdk, gateway.url,
                    [
                        ["tools"],
                        ["call", "time_get_current_time", ["timezone": "Europe/Berlin"]],
                        ["call", "time_get_current_time", ["timezone": "Nowhere/Land"]],
                        ["call", "git_git_status", ["repo_path": .string(Places.repository.path)]],
                    ])
                let tools = report.results[0].names
                #expect(tools.contains("time_get_current_time") && tools.contains("git_git_log"), "\(tools)")
                #expect(report.results[1].toolText?.contains("Europe/Berlin") == true, "\(report.results[1].text)")
                #expect(report.results[2]["isError"] == true, "\(report.results[2].text)")
                #expect(report.results[3].toolText?.contains("Repository status") == true, "\(report.results[3].text)")
            }
        }
    }
}
