import Foundation

/// Checks recorded messages against the JSON schemas of the MCP revisions, which are not part of the repository.
enum WireRecord {
    /// The folder with `REVISION/schema.json`, as https://github.com/modelcontextprotocol/modelcontextprotocol has them
    /// under `schema`; from the environment variable `VMCP_SCHEMA_FOLDER`.
    static let schemas = ProcessInfo.processInfo.environment["VMCP_SCHEMA_FOLDER"]

    /// What Fixtures/wire/validate.py found.
    struct Findings: Sendable {
        /// How many messages of which kind were checked, by revision.
        let checked: [String: [String: Int]]
        let violations: [String]
    }

    /// - Parameter lines: As Fixtures/wire/recording.py writes them.
    static func validate(_ lines: String) async throws -> Findings {
        guard let schemas else { throw TestFailure("VMCP_SCHEMA_FOLDER is not set") }
        return try await withTemporaryFolder { folder in
            let file = folder.appending(path: "wire")
            try Data(lines.utf8).write(to: file)
            let script = Places.fixtures.appending(path: "wire/validate.py").path
            let (status, output, errors) = try await ChildProcess.run(
                try Places.python(.first), [script, schemas, file.path])
            guard status == 0 else { throw TestFailure("validate.py failed (\(status)): \(errors.suffix(3000))") }
            let found = try JSON(parsing: output.utf8)
            let checked = found["checked"]?.object.mapValues { $0.object.mapValues { Int($0.number ?? 0) } }
            return Findings(checked: checked ?? [:], violations: found["violations"]?.array.map(\.text) ?? [])
        }
    }
}
