import Foundation
import Testing

extension EndToEnd {
    /// `vmcp workflow run` on a terminal.
    @Suite("Composite tools: on a terminal")
    struct WorkflowTerminalTests {
        /// A name of forty wide characters: what fails over it is wider than the terminal.
        private static let wide = String(repeating: "天气", count: 20)

        private static let tools = """
            compositeTools:
            - name: wide
              description: d
              steps:
              - {id: 检查, tool: one_echo, arguments: {text: "{{.params.\(wide)}}"}, onError: {action: continue}}
              - {id: after, tool: one_echo, arguments: {text: "x"}, dependsOn: [检查]}
              - {id: last, tool: one_echo, arguments: {text: "y"}, dependsOn: [after]}
            """

        /// What stands on a terminal after the run.
        private func screen(lines: Int, columns: Int) async throws -> JSON {
            var resources = Resources(config: Self.tools)
            try resources.addRaw("one")
            let yaml = resources.yaml
            return try await withTemporaryFolder { folder in
                let file = folder.appending(path: "all.yaml")
                try Data(yaml.utf8).write(to: file)
                let run = try await ChildProcess.run(
                    Places.program("python3"),
                    [
                        Places.fixtures.appending(path: "clients/terminal.py").path, "\(lines)", "\(columns)",
                        Places.vmcp.path, "workflow", "run", "wide", "--config", file.path, "--plugins",
                        Places.plugins.path,
                    ])
                #expect(run.status == 0, "\(run.errors)")
                return try JSON(parsing: run.output.utf8)
            }
        }

        @Test(
            "Each step has one line, no longer than the terminal is wide, whatever is logged meanwhile",
            .timeLimit(.minutes(2)), arguments: [24, 6])
        func oneLineEach(height: Int) async throws {
            let screen = try await screen(lines: height, columns: 100)
            let lines = screen["lines"]?.array.compactMap(\.string) ?? []
            #expect(screen["status"] == 0, "\(screen.text)")
            let steps = lines.filter { line in
                ["  failed", "  done", "  waiting", "  running"].contains(where: line.hasPrefix)
            }
            #expect(steps.count == 3, "\(lines.joined(separator: "\n"))")
            #expect(steps.first?.hasPrefix("  failed   检查   one_echo  ") == true, "\(steps)")
            #expect(steps.first?.contains("天") == true && steps.first?.contains(Self.wide) == false, "\(steps)")
            #expect(steps.dropFirst().first?.hasPrefix("  done     after  one_echo  ") == true, "\(steps)")
            let wrapped = screen["wrapped"]?.array.compactMap(\.string) ?? []
            #expect(!wrapped.contains(where: steps.contains), "\(wrapped)")
            // What the server says is logged while the steps are shown: it stands above them, and the result below.
            let first = try #require(lines.firstIndex { $0.hasPrefix("  failed") })
            #expect(lines[..<first].joined().contains("raw server, mode ok"), "\(lines.joined(separator: "\n"))")
            #expect(lines[first...].contains { $0.contains("one: y") }, "\(lines.joined(separator: "\n"))")
        }

        @Test("With fewer lines than steps the rest is counted", .timeLimit(.minutes(2)))
        func few() async throws {
            let screen = try await screen(lines: 3, columns: 60)
            let lines = screen["lines"]?.array.compactMap(\.string) ?? []
            #expect(lines.contains("  … 2 more"), "\(lines.joined(separator: "\n"))")
        }
    }
}
