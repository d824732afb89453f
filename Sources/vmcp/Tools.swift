import ArgumentParser
import Gateway
import Host

struct Tools: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show the merged list of tools: what was renamed, hidden or dropped, and why.",
        discussion: """
            Starts the backends, asks each for its list, and stops them again.

            EXAMPLES
              vmcp tools --config resources/
              vmcp tools --config resources/ --json
            """)

    @OptionGroup var configuration: ConfigurationOptions

    @Flag(help: "Print JSON.")
    var json = false

    func run() async throws {
        let assembly = try configuration.assembly()
        let settings = try assembly.load().checked()
        let preview = await assembly.preview(settings)
        print(json ? preview.json : text(preview))
    }

    private func text(_ preview: Preview) -> String {
        var lines = [
            "\(Terminal.count(preview.tools.count, "tool")) of \(Terminal.count(preview.backends.count, "backend"))",
            "",
        ]
        lines.append(
            Terminal.table(
                [["TOOL", "BACKEND", "ITS NAME THERE"]]
                    + preview.tools.map { [$0.name, $0.backend, $0.originalName == $0.name ? "" : $0.originalName] }))
        let changes = preview.changes
        if !changes.isEmpty {
            lines += ["", Terminal.styled("Changed, hidden or dropped", .bold), ""]
            lines.append(
                Terminal.table(
                    [["KIND", "BACKEND", "NAME", "SHOWN AS", "WHY"]]
                        + changes.map { [$0.kind, $0.backend, $0.originalName, $0.advertisedName ?? "-", $0.reason] }))
        }
        let missing = preview.backends.filter { $0.phase != .ready }
        if !missing.isEmpty {
            lines += ["", Terminal.styled("Missing", .yellow), ""]
            lines.append(Terminal.table(missing.map { [$0.name, $0.message] }))
        }
        return lines.joined(separator: "\n")
    }
}
