/// The form of Go templates in composite tools: whether actions and blocks are closed. What an action means is the
/// business of the engine that runs it.
enum TemplateText {
    /// What is wrong with a template, or `nil`.
    static func problem(with text: String) -> String? {
        var depth = 0
        var rest = Substring(text)
        while let open = rest.firstRange(of: "{{") {
            guard let (body, after) = action(rest[open.upperBound...]) else {
                return "expected `}}` after `{{`, found the end of the text or of a quotation; close the action"
            }
            let words = body.trimmingPrefix("-").split { $0 == " " || $0 == "\t" || $0 == "\n" }.filter { $0 != "-" }
            guard let first = words.first else { return "expected a value between `{{` and `}}`, found nothing" }
            if body.contains("{{") { return "expected `}}` before the next `{{`, found none; close the first action" }
            if ["if", "range", "with", "define", "block"].contains(first) { depth += 1 }
            if first == "end" { depth -= 1 }
            if depth < 0 { return "expected `if`, `range` or `with` before `{{end}}`, found none" }
            rest = after
        }
        if rest.contains("}}") { return "expected `{{` before `}}`, found none; open the action or remove the braces" }
        return depth == 0 ? nil : "expected `{{end}}` for each `if`, `range` and `with`, found \(depth) without it"
    }

    /// The body of the action that begins here, quotations respected, and what follows its end.
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
