/// A piece of an action, as the lexer finds it.
struct TemplateToken: Sendable {
    enum Kind: Sendable, Equatable {
        /// A function's name or a keyword.
        case word(String)
        /// `.name`, without the dot.
        case field(String)
        /// `$name`; empty for `$`.
        case variable(String)
        case string(String)
        case number(String)
        /// `.`
        case dot
        case pipe, comma, open, close, declare, assign

        /// For errors.
        var text: String {
            switch self {
            case .word(let name): name
            case .field(let name): ".\(name)"
            case .variable(let name): "$\(name)"
            case .string: "text"
            case .number(let text): text
            case .dot: "."
            case .pipe: "|"
            case .comma: ","
            case .open: "("
            case .close: ")"
            case .declare: ":="
            case .assign: "="
            }
        }
    }

    let kind: Kind
    /// In bytes of the template.
    let offset: Int
    /// Whether white space stands before it: `.a .b` are two values, `.a.b` is one.
    let isApart: Bool
}

/// A stretch of a template: plain text, or what stands between `{{` and `}}`.
enum TemplateStretch: Sendable {
    case text(String)
    case action([TemplateToken], offset: Int)
}
