/// The bearer token of a request (RFC 6750, section 2.1; the query and the body are never looked at).
enum BearerToken {
    /// Longest token read, in bytes.
    static let limit = 65_536

    /// - Parameter authorization: The values of every `Authorization` header.
    static func read(_ authorization: [String]) throws(TokenFault) -> Substring {
        guard let value = authorization.first else { throw .missing }
        guard authorization.count == 1 else {
            throw TokenFault(.malformedHeader, "expected one authorization header, found several")
        }
        guard value.hasPrefix("Bearer ") else { throw .malformedHeader }
        var token = value[value.utf8.index(value.startIndex, offsetBy: "Bearer ".utf8.count)...]
        guard !token.isEmpty else { throw .emptyToken }
        guard token.utf8.count <= limit, token.withUTF8(isVisible) else { throw .malformedHeader }
        return token
    }

    /// Whether it is visible ASCII without a comma. Each byte without a branch, so that it becomes vector instructions: every
    /// request shows a token.
    private static func isVisible(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        var refused = 0 as UInt8
        for byte in bytes { refused |= (byte &- 0x21 > 0x7E - 0x21 ? 1 : 0) | (byte == 0x2C ? 1 : 0) }
        return refused == 0
    }
}
