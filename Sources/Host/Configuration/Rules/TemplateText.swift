/// The form of Go templates in composite tools: whether actions and blocks are closed. What an action means is the
/// business of the engine that runs it.
enum TemplateText {
    /// What is wrong with a template, or `nil`.
    static func problem(with text: String) -> String? {
        var depth = 0
        var rest = Substring(text)
        while let open = rest.firstRange(of: "{{") {
            let inside = rest[open.upperBound...]
            if let comment = afterComment(inside) {
                rest = comment
                continue
            }
            guard let (body, after) = action(inside) else {
                return "expected `}}` after `{{`, found another brace, an open quotation or the end; close the action"
            }
            let words = body.trimmingPrefix("-").split { $0 == " " || $0 == "\t" || $0 == "\n" }.filter { $0 != "-" }
            guard let first = words.first else { return "expected a value between `{{` and `}}`, found nothing" }
            if ["if", "range", "with", "define", "block"].contains(first) { depth += 1 }
            if first == "end" { depth -= 1 }
            if depth < 0 { return "expected `if`, `range` or `with` before `{{end}}`, found none" }
            rest = after
        }
        return depth == 0 ? nil : "expected `{{end}}` for each `if`, `range` and `with`, found \(depth) without it"
    }

    /// What follows a comment that begins here; `nil` when none does.
    private static func afterComment(_ text: Substring) -> Substring? {
        let body = text.hasPrefix("- ") ? text.dropFirst(2) : text
        guard body.hasPrefix("/*"), let end = body.firstRange(of: "*/") else { return nil }
        let rest = body[end.upperBound...]
        return [" -}}", "}}"].first(where: rest.hasPrefix).map { rest.dropFirst($0.count) }
    }

    /// The body of the action that begins here, quotations respected, and what follows its end. Braces stand alone
    /// in quotations only.
    private static func action(_ text: Substring) -> (body: Substring, rest: Substring)? {
        var index = text.startIndex
        var quote: Character?
        while index < text.endIndex {
            let character = text[index]
            if let open = quote {
                if character == "\\", open != "`" {
                    index = text.index(after: index)
                    if index == text.endIndex { return nil }
                } else if character == open {
                    quote = nil
                }
            } else if "\"`'".contains(character) {
                quote = character
            } else if text[index...].hasPrefix("}}") {
                return (text[..<index], text[text.index(index, offsetBy: 2)...])
            } else if character == "{" || character == "}" {
                return nil
            }
            index = text.index(after: index)
        }
        return nil
    }

    /// The fields of step outputs that a text reads: `.steps.ID.output.FIELD`.
    static func outputReferences(in text: String) -> [(step: String, field: String)] {
        text.matches(of: /\.steps\.([A-Za-z0-9_-]+)\.output\.([A-Za-z0-9_]+)/).map {
            (String($0.output.1), String($0.output.2))
        }
    }
}
