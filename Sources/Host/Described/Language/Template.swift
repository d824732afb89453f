/// A text with places for values that are known when a call is made, such as `{request.method} {request.url}`.
///
/// `{{` stands for `{`; `}` needs no care outside of a place.
package struct Template: Sendable, Equatable {
    package enum Part: Sendable, Equatable {
        case text(String)
        /// A source such as `config.key`.
        case source(String)
    }

    package var parts: [Part]

    init(parsing text: String) throws(Cursor.Misfit) {
        parts = []
        var plain = ""
        var rest = Substring(text)
        while let brace = rest.firstIndex(of: "{") {
            plain += rest[..<brace]
            rest = rest[rest.index(after: brace)...]
            if rest.first == "{" {
                plain += "{"
                rest = rest.dropFirst()
                continue
            }
            let offset = text.utf8.count - rest.utf8.count + 1
            guard let end = rest.firstIndex(of: "}") else { throw Cursor.Misfit(expected: "'}'", offset: offset) }
            let source = String(rest[..<end])
            let isSource = source.split(separator: ".", omittingEmptySubsequences: false).allSatisfy {
                Name.isValid(String($0))
            }
            guard isSource else {
                throw Cursor.Misfit(expected: "a source such as config.key between '{' and '}'", offset: offset)
            }
            if !plain.isEmpty { parts.append(.text(plain)) }
            plain = ""
            parts.append(.source(source))
            rest = rest[rest.index(after: end)...]
        }
        plain += rest
        if !plain.isEmpty { parts.append(.text(plain)) }
    }

    package var sources: [String] {
        parts.compactMap { if case .source(let name) = $0 { name } else { nil } }
    }

    /// The text when there is nothing to fill in.
    var constant: String? {
        switch parts.count {
        case 0: return ""
        case 1: if case .text(let text) = parts[0] { return text } else { return nil }
        default: return nil
        }
    }

    /// The one source that it is and nothing else: the value keeps its kind.
    package var single: String? {
        if parts.count == 1, case .source(let name) = parts[0] { return name }
        return nil
    }
}
