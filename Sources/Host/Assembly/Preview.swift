package import Gateway
package import HostConfiguration

/// The merged list with what was changed on the way, for `vmcp tools` and `vmcp validate`.
package struct Preview: Sendable {
    package let snapshot: CatalogKeeper.Snapshot
    package let backends: [BackendStatus]

    package var tools: [Catalog.Tool] { snapshot.catalog.tools }
    package var report: AggregationReport { snapshot.report }

    /// Entries of the report as rows of text.
    package struct Change: Sendable {
        package let kind: String
        package let backend: String
        package let originalName: String
        /// `nil` when it is shown under no name.
        package let advertisedName: String?
        package let reason: String
    }

    /// What speaks against composite tools, now that the tools of backends are known. What is missing is an error when every
    /// backend has told what it has.
    package func diagnostics(of definitions: [WorkflowDefinition]) -> [Diagnostic] {
        let isComplete = backends.allSatisfy { $0.phase == .ready }
        return report.entries.filter { $0.backend == Catalog.ownBackend && $0.cause.severity != .info }.map { entry in
            let severity: Diagnostic.Severity =
                switch entry.cause {
                case .compositeLacksTool: isComplete ? .error : .warning
                case .compositeArguments(_, let isCertain): isCertain ? .error : .warning
                default: .warning
                }
            let place = definitions.first { $0.name == entry.originalName }?.place ?? ""
            return Diagnostic(
                severity: severity, place: place, path: "compositeTools/\(entry.originalName)",
                message: "\(entry.cause)")
        }
    }

    /// What was renamed, hidden or dropped, and why; a mere prefix is no news.
    package var changes: [Change] {
        report.entries.filter { $0.cause != .prefixed }.map { entry in
            Change(
                kind: entry.kind?.rawValue ?? "", backend: entry.backend, originalName: entry.originalName,
                advertisedName: entry.cause.what == .hidden ? nil : entry.advertisedName,
                reason: "\(entry.cause.what.rawValue): \(entry.cause)")
        }
    }

    /// One JSON object: `tools` (name, backend, originalName), `changes` (kind, backend, originalName, advertisedName,
    /// what, reason) and `backends` (name, health, message).
    package var json: String {
        let tools = tools.map {
            Self.object([("name", $0.name), ("backend", $0.backend), ("originalName", $0.originalName)])
        }
        let changes = report.entries.map { entry in
            Self.object([
                ("kind", entry.kind?.rawValue), ("backend", entry.backend), ("originalName", entry.originalName),
                ("advertisedName", entry.advertisedName), ("what", entry.cause.what.rawValue),
                ("reason", "\(entry.cause)"),
            ])
        }
        let states = backends.map {
            Self.object([("name", $0.name), ("health", $0.health), ("message", $0.message)])
        }
        return """
            {
              "tools": \(Self.array(tools)),
              "changes": \(Self.array(changes)),
              "backends": \(Self.array(states))
            }
            """
    }

    private static func object(_ members: [(String, String?)]) -> String {
        let texts = members.compactMap { key, value in
            value.map { "\"\(key)\": \(String(decoding: JSONText.quote($0), as: UTF8.self))" }
        }
        return "{\(texts.joined(separator: ", "))}"
    }

    private static func array(_ items: [String]) -> String {
        items.isEmpty ? "[]" : "[\n    \(items.joined(separator: ",\n    "))\n  ]"
    }
}
