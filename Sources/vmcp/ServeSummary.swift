import Gateway
import Host

/// What `serve` prints once every backend has answered or failed.
struct ServeSummary {
    private let application: Application
    private let name: String

    init(_ application: Application, name: String) {
        self.application = application
        self.name = name
    }

    var text: String {
        let backends = application.backends
        let ready = backends.filter { $0.phase == .ready }.count
        var lines = ["  backends   \(ready) of \(backends.count) ready"]
        if !backends.isEmpty {
            lines.append(Terminal.table(backends.map(row), indent: "    "))
        }
        lines.append("  tools      \(application.toolCount)")
        for conflict in application.report.conflicts {
            lines.append("  " + Terminal.styled("conflict", .yellow) + "   \(conflict)")
        }
        lines += ["", "  client entry:", clientEntry, ""]
        return lines.joined(separator: "\n")
    }

    private func row(_ backend: BackendStatus) -> [String] {
        let mark =
            switch backend.phase {
            case .ready where backend.failedKinds.isEmpty: Terminal.styled("ready", .green)
            case .ready: Terminal.styled("degraded", .yellow)
            case .starting: Terminal.styled("starting", .yellow)
            case .down: Terminal.styled("down", .red)
            }
        let tools = application.toolCount(of: backend.name)
        return [mark, backend.name, backend.kind, backend.transport, Terminal.count(tools, "tool"), backend.message]
    }

    private var clientEntry: String {
        """
          {
            "mcpServers": {
              \(jsonText(name)): { "type": "http", "url": \(jsonText(application.endpoint)) }
            }
          }
        """
    }

    private func jsonText(_ text: String) -> String { String(decoding: JSONText.quote(text), as: UTF8.self) }
}
