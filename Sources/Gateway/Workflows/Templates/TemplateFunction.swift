/// The functions of templates: those of Go's `text/template`, and `json`, `fromJson`, `quote` and `default`.
enum TemplateFunction: String, Sendable, CaseIterable {
    case and, or, not, eq, ne, lt, le, gt, ge, len, index, slice, print, printf, println, html, js, urlquery
    case json, fromJson, quote
    case standard = "default"

    /// How many arguments it takes, the one from the pipe included.
    var arity: ClosedRange<Int> {
        switch self {
        case .not, .len, .json, .fromJson, .quote: 1...1
        case .ne, .lt, .le, .gt, .ge, .standard: 2...2
        case .eq: 2...Int.max
        case .slice: 1...3
        case .and, .or, .index, .printf: 1...Int.max
        case .print, .println, .html, .js, .urlquery: 0...Int.max
        }
    }

    /// Whether an argument that is not there is an answer rather than an error.
    var takesMissing: Bool {
        switch self {
        case .and, .or, .not, .eq, .ne, .standard: true
        default: false
        }
    }
}
