import Crypto

/// The digest of a library against the one that its manifest names.
enum FileDigest {
    /// SHA-256 of a file in lower-case hexadecimal digits; `nil` when it cannot be read.
    static func sha256(of file: PluginFile) -> String? {
        var hash = SHA256()
        guard file.each({ hash.update(bufferPointer: $0) }) else { return nil }
        return hash.finalize().map { byte in
            let digits = String(byte, radix: 16)
            return digits.count == 1 ? "0" + digits : digits
        }.joined()
    }

    /// - Throws: ``PluginLoadError/Reason/digestMismatch`` when the file is another than the manifest means.
    static func check(_ file: PluginFile, _ expected: String) throws(PluginLoadError) {
        guard let found = sha256(of: file) else {
            throw PluginLoadError(
                .unreadable, path: file.path, expected: "a readable library", found: "a read error",
                advice: "check the file system")
        }
        guard found == expected else {
            throw PluginLoadError(
                .digestMismatch, path: file.path, expected: "the SHA-256 \(expected) of the manifest", found: found,
                advice: "install the library that belongs to the manifest, or correct sha256 if you built it yourself")
        }
    }
}
