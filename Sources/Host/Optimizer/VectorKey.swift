import Crypto

/// What a vector is kept under: a digest of the text and of everything else that decides about its vector.
struct VectorKey: Hashable, Sendable {
    /// 32 bytes.
    let bytes: [UInt8]

    /// - Parameters:
    ///   - fingerprint: Of the provider's configuration.
    ///   - model: What the provider says it runs.
    init(text: String, provider: String, fingerprint: String, model: String) {
        var hash = SHA256()
        // The lengths in front tell "ab" + "c" from "a" + "bc".
        for part in ["v1", provider, fingerprint, model, text] {
            hash.update(data: withUnsafeBytes(of: UInt64(part.utf8.count).littleEndian) { Array($0) })
            hash.update(data: Array(part.utf8))
        }
        bytes = Array(hash.finalize())
    }

    init(bytes: [UInt8]) { self.bytes = bytes }
}
