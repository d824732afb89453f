/// One thing to say about a configuration: what was expected, what was found, where, and what to do.
///
/// Messages never hold secret values: fields that can carry one are described by their type alone.
package struct Diagnostic: Sendable, Hashable, CustomStringConvertible {
    /// Whether the configuration can be used all the same.
    package enum Severity: String, Sendable, Comparable {
        case error, warning

        package static func < (left: Severity, right: Severity) -> Bool { left == .error && right == .warning }
    }

    package let severity: Severity
    /// The file as the user named it, or the name of the source that is no file, such as `--name`.
    package let file: String
    /// Counted from 1; 0 when the diagnostic concerns the whole file or no file.
    package let line: Int
    /// Counted from 1 in Unicode scalars; 0 when there is no line.
    package let column: Int
    /// The field, such as `spec.config.aggregation.tools[0].workload`; empty for a whole document or file.
    package let path: String
    package let message: String

    package init(severity: Severity, file: String, line: Int, column: Int, path: String, message: String) {
        self.severity = severity
        self.file = file
        self.line = line
        self.column = column
        self.path = path
        self.message = message
    }

    /// The form compilers use, which editors can follow: `file:line:column: error: path: message`.
    package var description: String {
        let place = line > 0 ? "\(file):\(line):\(column)" : file
        return "\(place): \(severity.rawValue): \(path.isEmpty ? "" : "\(path): ")\(message)"
    }
}
