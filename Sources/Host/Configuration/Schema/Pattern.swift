import Foundation
import Synchronization

/// Regular expressions of the schema, compiled once each.
enum Pattern {
    private static let compiled = Mutex<[String: NSRegularExpression]>([:])

    /// Whether the whole of the pattern is found in the text; patterns carry their own anchors.
    static func matches(_ text: String, _ pattern: String) -> Bool {
        guard let expression = expression(pattern) else { return false }
        // `$` matches before a final line break too, which would let a header value smuggle one in.
        guard !text.hasSuffix("\n") || !pattern.hasSuffix("$") else { return false }
        return expression.firstMatch(in: text, range: NSRange(text.startIndex..., in: text)) != nil
    }

    /// Whether a pattern can be compiled.
    static func isValid(_ pattern: String) -> Bool { expression(pattern) != nil }

    private static func expression(_ pattern: String) -> NSRegularExpression? {
        compiled.withLock { compiled in
            if let known = compiled[pattern] { return known }
            // The reason is of no use to the caller: a pattern of the schema is proven by tests, one of a plugin is
            // reported by its text.
            guard let expression = try? NSRegularExpression(pattern: pattern) else { return nil }
            compiled[pattern] = expression
            return expression
        }
    }
}
