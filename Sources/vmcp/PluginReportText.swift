import Gateway
import HostPlugins

/// How plugins are shown: a table, details of one, or JSON.
enum PluginReportText {
    static func table(_ reports: [PluginReport]) -> String {
        guard !reports.isEmpty else { return "no plugins found: give --plugins or set VMCP_PLUGIN_PATH" }
        let rows = reports.map { report in
            [
                report.id, report.version, report.state.rawValue, report.provides.joined(separator: " "),
                (report.kinds + report.strategies + report.embeddings).joined(separator: " "),
                report.error.map { "\($0)" } ?? report.path,
            ]
        }
        return Terminal.table([["ID", "VERSION", "STATE", "PROVIDES", "SERVES", "WHERE"]] + rows)
    }

    static func details(_ report: PluginReport) -> String {
        var rows = [
            ["id", report.id], ["version", report.version], ["state", report.state.rawValue], ["path", report.path],
            ["provides", report.provides.joined(separator: " ")], ["kinds", report.kinds.joined(separator: " ")],
            ["strategies", report.strategies.joined(separator: " ")],
            ["embeddings", report.embeddings.joined(separator: " ")],
        ]
        if let abi = report.abi { rows.append(["abi", abi]) }
        if let isBlocking = report.isBlocking { rows.append(["blocking", isBlocking ? "yes" : "no"]) }
        for probe in report.probes { rows.append(["probe", probe]) }
        if let error = report.error { rows.append(["error", "\(error)"]) }
        let schema = report.configSchema.map { "\n\nconfiguration schema\n\n\($0)" } ?? ""
        return Terminal.table(rows) + schema
    }

    static func json(_ reports: [PluginReport]) -> String {
        let items = reports.map { report in
            let members: [(String, String)] = [
                ("id", quote(report.id)), ("version", quote(report.version)), ("state", quote(report.state.rawValue)),
                ("path", quote(report.path)), ("provides", list(report.provides)), ("kinds", list(report.kinds)),
                ("strategies", list(report.strategies)), ("embeddings", list(report.embeddings)),
                ("abi", report.abi.map(quote) ?? "null"), ("error", report.error.map { quote("\($0)") } ?? "null"),
            ]
            return "  {" + members.map { "\"\($0.0)\": \($0.1)" }.joined(separator: ", ") + "}"
        }
        return items.isEmpty ? "[]" : "[\n\(items.joined(separator: ",\n"))\n]"
    }

    private static func list(_ texts: [String]) -> String { "[" + texts.map(quote).joined(separator: ", ") + "]" }
    private static func quote(_ text: String) -> String { String(decoding: JSONText.quote(text), as: UTF8.self) }
}
