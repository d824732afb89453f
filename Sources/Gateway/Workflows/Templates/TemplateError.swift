/// Why a template cannot be read or expanded, and where in it.
package struct TemplateError: Error, Equatable, CustomStringConvertible {
    /// Counted from 1.
    package let line: Int
    /// Counted from 1, in Unicode scalars.
    package let column: Int
    /// What was expected and what was found. Names fields and functions, never the values of data.
    package let message: String

    package var description: String { "\(line):\(column): \(message)" }

    /// - Parameter offset: In UTF-8 bytes of `text`.
    init(_ message: String, at offset: Int, of text: [UInt8]) {
        let before = text[..<min(offset, text.count)]
        let start = before.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
        line = before.count { $0 == 0x0A } + 1
        column = String(decoding: before[start...], as: UTF8.self).unicodeScalars.count + 1
        self.message = message
    }
}

/// A ``TemplateError`` that knows only the offset of its place yet.
struct TemplateFault: Error {
    let message: String
    /// In bytes of the template; `nil` takes that of the command it came from.
    var offset: Int?

    init(_ message: String, at offset: Int? = nil) {
        self.message = message
        self.offset = offset
    }
}
