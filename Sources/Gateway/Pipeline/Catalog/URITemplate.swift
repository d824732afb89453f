/// A URI template (RFC 6570, all levels), read for one question: could this URI have come from it?
///
/// The answer decides where a read is routed, so it is generous where servers are: a variable matches any text without
/// `/`, `?` and `#`, though an expansion would have escaped some of it, and may be empty. Length prefixes (`{var:3}`)
/// are not enforced. Time is linear in the URI for each part of the template, whatever the two look like.
package struct URITemplate: Sendable {
    /// Why a text is not a template.
    package struct Malformed: Error, Equatable, CustomStringConvertible {
        /// What was expected.
        package let description: String
    }

    /// Longest URI matched, in bytes (RFC 9110, section 4.1, asks for 8000 at least).
    package static let longestURI = 8192

    private enum Part {
        case literal([UInt8])
        case expression(URITemplateExpression)
    }

    private let parts: [Part]

    /// - Throws: ``Malformed`` with what was expected.
    package init(_ text: String) throws(Malformed) {
        var parts: [Part] = []
        var literal: [UInt8] = []
        var expression: [UInt8]?
        for byte in text.utf8 {
            switch (byte, expression) {
            case (UInt8(ascii: "{"), nil):
                if !literal.isEmpty { parts.append(.literal(literal)) }
                literal = []
                expression = []
            case (UInt8(ascii: "{"), _): throw Malformed(description: "\"{\" inside an expression")
            case (UInt8(ascii: "}"), nil): throw Malformed(description: "\"}\" without \"{\"")
            case (UInt8(ascii: "}"), let body?):
                parts.append(.expression(try URITemplateExpression(body)))
                expression = nil
            case (_, nil): literal.append(byte)
            case (_, _): expression?.append(byte)
            }
        }
        guard expression == nil else { throw Malformed(description: "\"{\" without \"}\"") }
        if !literal.isEmpty { parts.append(.literal(literal)) }
        self.parts = parts
    }

    /// Whether the template can have the URI as an expansion.
    package func matches(_ uri: [UInt8]) -> Bool {
        guard uri.count <= Self.longestURI else { return false }
        if case .literal(let text)? = parts.first, !uri.starts(with: text) { return false }
        // reached[p]: the parts so far can have produced the first p bytes.
        var reached = [Bool](repeating: false, count: uri.count + 1)
        reached[0] = true
        for part in parts {
            switch part {
            case .literal(let text): reached = Self.advance(reached, over: text, in: uri)
            case .expression(let expression): reached = expression.advance(reached, in: uri)
            }
            guard reached.contains(true) else { return false }
        }
        return reached[uri.count]
    }

    private static func advance(_ reached: [Bool], over text: [UInt8], in uri: [UInt8]) -> [Bool] {
        var next = [Bool](repeating: false, count: reached.count)
        guard text.count <= uri.count else { return next }
        for position in 0...(uri.count - text.count) where reached[position] {
            next[position + text.count] = uri[position..<(position + text.count)].elementsEqual(text)
        }
        return next
    }
}
