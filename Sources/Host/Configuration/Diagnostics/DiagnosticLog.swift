/// Gathers what is wrong, so that the user sees everything at once.
final class DiagnosticLog {
    private(set) var diagnostics: [Diagnostic] = []

    /// Whether anything so far stops the configuration from being used.
    var hasErrors: Bool { diagnostics.contains { $0.severity == .error } }

    func error(at value: Located, _ message: String) { add(.error, at: value, value.path, message) }

    /// Reports a field that is missing in `value`, at the place of `value`.
    func error(at value: Located, field: String, _ message: String) {
        add(.error, at: value, Located.path(value.path, key: field), message)
    }

    func warning(at value: Located, _ message: String) { add(.warning, at: value, value.path, message) }

    func error(file: String, place: Node.Place? = nil, _ message: String) {
        add(.error, file: file, place: place, path: "", message)
    }

    func warning(file: String, place: Node.Place? = nil, _ message: String) {
        add(.warning, file: file, place: place, path: "", message)
    }

    func add(_ severity: Diagnostic.Severity, file: String, place: Node.Place?, path: String, _ message: String) {
        diagnostics.append(
            Diagnostic(
                severity: severity, file: file, line: place?.line ?? 0, column: place?.column ?? 0, path: path,
                message: message))
    }

    private func add(_ severity: Diagnostic.Severity, at value: Located, _ path: String, _ message: String) {
        add(severity, file: value.file, place: value.place, path: path, message)
    }

    /// Everything said, once each, by file, line and column; errors before warnings of the same place.
    var sorted: [Diagnostic] {
        var seen = Set<Diagnostic>()
        return diagnostics.filter { seen.insert($0).inserted }.sorted {
            ($0.file, $0.line, $0.column, $0.severity, $0.path, $0.message)
                < ($1.file, $1.line, $1.column, $1.severity, $1.path, $1.message)
        }
    }
}
