/// A value that no log, error or dump may show.
package struct SecretValue: Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible,
    CustomReflectable
{
    /// The secret itself. Hand it on; do not keep or print it.
    package let bytes: [UInt8]
    /// The absolute path of the file it came from, to be read again when that changes; `nil` for all others.
    package let file: String?

    package init(_ bytes: [UInt8], file: String? = nil) { (self.bytes, self.file) = (bytes, file) }

    package init(_ text: String) { self.init(Array(text.utf8)) }

    package var description: String { "<secret>" }
    package var debugDescription: String { "<secret>" }
    /// Without children, so that `dump` and string interpolation of an enclosing value find nothing.
    package var customMirror: Mirror { Mirror(self, children: [:]) }
}
