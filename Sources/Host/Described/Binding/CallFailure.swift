/// Why a call of a described function has no result.
package struct CallFailure: Error, Sendable, Equatable, CustomStringConvertible {
    package enum Kind: UInt8, Sendable, CaseIterable {
        /// An argument does not fit; the function was not called.
        case badArgument = 1
        /// The function was called and said that it failed.
        case failed
        /// What the function gave cannot be read.
        case badResult
        /// Nobody waits any more; the function was not called.
        case abandoned
        /// The library's process is gone or does not start.
        case unavailable
        /// Too much memory.
        case exhausted
    }

    package var kind: Kind
    /// One sentence for people.
    package var message: String
    /// The library's own number, where there is one.
    package var code: Int64?

    package init(_ kind: Kind, _ message: String, code: Int64? = nil) {
        self.kind = kind
        self.message = message
        self.code = code
    }

    package var description: String { message }
}
