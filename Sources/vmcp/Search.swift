import ArgumentParser
import Gateway
import Host
import HostConfiguration

struct Search: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show what find_tool would return, with scores.",
        discussion: """
            Starts the backends, indexes their tools, searches, and stops the backends again. For people who tune \
            descriptions: SCORE is what tools are ranked by, MEANING the cosine similarity to the description of the tool, \
            WORDS how much its words match (bm25). Both are those of the whole text, without its parts.

            EXAMPLES
              vmcp search "create an issue" --config resources/
              vmcp search "weather tomorrow" --keywords forecast --config vmcp.yaml --json
            """)

    @Argument(help: "What is to be done, as a client would write it.") var text: String
    @Option(help: ArgumentHelp("A keyword; repeatable.", valueName: "word")) var keywords: [String] = []
    @OptionGroup var configuration: ConfigurationOptions
    @Flag(help: "Print JSON.") var json = false

    func run() async throws {
        let assembly = try configuration.assembly()
        let settings = try assembly.load().checked()
        let report = try await assembly.search(settings, ToolRequest(description: text, keywords: keywords))
        print(json ? Self.json(report) : Self.table(report))
    }

    private static func table(_ report: SearchReport) -> String {
        var lines: [String] = []
        if report.matches.isEmpty {
            lines.append("nothing found")
        } else {
            let rows = report.matches.map { match in
                [
                    match.tool.name, match.tool.backend, number(match.score), match.similarity.map(number) ?? "-",
                    number(match.keywords),
                ]
            }
            lines.append(Terminal.table([["TOOL", "BACKEND", "SCORE", "MEANING", "WORDS"]] + rows))
        }
        lines += ["", "among \(Terminal.count(report.tools, "tool")); \(report.embedding)"]
        let missing = report.backends.filter { $0.phase != .ready }
        if !missing.isEmpty {
            lines += [
                "", Terminal.styled("Missing", .yellow), "", Terminal.table(missing.map { [$0.name, $0.message] }),
            ]
        }
        return lines.joined(separator: "\n")
    }

    /// Three digits after the point.
    private static func number(_ value: Double) -> String {
        let thousandths = Int((abs(value) * 1_000).rounded())
        let fraction = String(thousandths % 1_000 + 1_000).dropFirst()
        return "\(value < 0 && thousandths > 0 ? "-" : "")\(thousandths / 1_000).\(fraction)"
    }

    private static func json(_ report: SearchReport) -> String {
        let rows = report.matches.map { match in
            let similarity = match.similarity.map { "\($0)" } ?? "null"
            return """
                {"name": \(quote(match.tool.name)), "backend": \(quote(match.tool.backend)), "score": \(match.score), \
                "similarity": \(similarity), "keywords": \(match.keywords)}
                """
        }
        let matches = rows.isEmpty ? "[]" : "[\n    \(rows.joined(separator: ",\n    "))\n  ]"
        return """
            {
              "matches": \(matches),
              "tools": \(report.tools),
              "embedding": \(quote(report.embedding))
            }
            """
    }

    private static func quote(_ text: String) -> String { String(decoding: JSONText.quote(text), as: UTF8.self) }
}
