import Testing

@testable import HostConfiguration

/// A text that breaks one rule, and what must be said about it.
///
/// The line that the error must point at carries the comment `#!`.
struct Violation: CustomTestStringConvertible, Sendable {
    let title: String
    let text: String
    /// The path the error must name.
    let path: String
    /// Words the message must hold.
    let fragment: String
    var testDescription: String { title }

    /// A violation in the `spec` of a resource, among everything it could refer to.
    static func spec(_ kind: String, _ title: String, _ spec: String, _ path: String, _ fragment: String) -> Violation {
        Violation(
            title: "\(kind): \(title)", text: documents(surroundings, resource(kind, spec: spec)), path: path,
            fragment: fragment)
    }

    /// A violation in a vMCP document.
    static func file(_ title: String, _ text: String, _ path: String, _ fragment: String) -> Violation {
        Violation(title: title, text: text, path: path, fragment: fragment)
    }

    /// Loads the text and expects the one error.
    func check(_ adjust: (inout ConfigurationSources) -> Void = { _ in }) throws {
        let result = try load(text) {
            $0.name = text.contains("name: front") ? "front" : nil
            adjust(&$0)
        }
        let line = text.split(separator: "\n", omittingEmptySubsequences: false).firstIndex { $0.contains("#!") }
        let found = result.errors.filter { error in
            error.path == path && error.message.contains(fragment) && (line == nil || error.line == line.map { $0 + 1 })
        }
        #expect(
            found.count == 1,
            """
            expected one error at \(path), line \(line.map { $0 + 1 } ?? 0), with "\(fragment)"; found:
            \(result.diagnostics.map(\.description).joined(separator: "\n"))
            """)
        #expect(result.configuration == nil)
        #expect(result.errors.allSatisfy { $0.line > 0 && $0.column > 0 })
    }
}
