/// The bearer token of a request (RFC 6750, section 2.1; the query and the body are never looked at).
enum BearerToken {
    /// Longest token read, in bytes.
    static let limit = 65_536

    /// - Parameter authorization: The values of every `Authorization` header.
    static func read(_ authorization: [String]) throws(TokenFault) -> String {
        guard let value = authorization.first else { throw .missing }
        guard authorization.count == 1 else {
            throw TokenFault(.malformedHeader, "expected one authorization header, found several")
        }
        guard value.hasPrefix("Bearer ") else { throw .malformedHeader }
        let token = value.dropFirst("Bearer ".count)
        guard !token.isEmpty else { throw .emptyToken }
        guard token.utf8.count <= limit, token.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != 0x2C }) else {
            throw .malformedHeader
        }
        return String(token)
    }
}
