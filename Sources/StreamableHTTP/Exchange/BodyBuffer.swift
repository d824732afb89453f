/// Collects a JSON body, and gives it out in chunks once it is large.
struct BodyBuffer: Sendable {
    /// Bytes from which a body is handed up in pieces.
    static let chunk = 65_536
    /// Most bytes of the body of an error.
    static let maximumError = 1_048_576

    private(set) var bytes: [UInt8] = []

    /// Takes a piece.
    ///
    /// - Returns: What is to be handed up now, when there is enough of it.
    mutating func take(_ piece: RawSpan) -> [UInt8]? {
        append(piece)
        guard bytes.count > Self.chunk else { return nil }
        defer { bytes = [] }
        return bytes
    }

    /// Takes a piece of an error's body: what is beyond the bound makes the whole worthless.
    ///
    /// - Returns: Whether it fits.
    mutating func takeError(_ piece: RawSpan) -> Bool {
        guard bytes.count + piece.byteCount <= Self.maximumError else {
            bytes = []
            return false
        }
        append(piece)
        return true
    }

    private mutating func append(_ piece: RawSpan) {
        piece.withUnsafeBytes { bytes.append(contentsOf: $0) }
    }
}
