import Crypto
import Glibc
import PluginKit

/// A file of a model folder, and what its manifest says about it.
///
/// The runtime is code, and the model decides which of it runs: as with plugins, nobody but root and the user of the
/// process may own such a file, and not everybody may write it.
struct ModelFile: Sendable {
    /// The largest file read, in bytes.
    private static let limit = 1 << 30

    let path: String
    /// Size and SHA-256 (lower-case hexadecimal) that it must have; `nil` = any.
    private let expected: (bytes: Int, digest: String)?

    init(path: String) {
        self.path = path
        expected = nil
    }

    init(path: String, bytes: Int, digest: String) {
        self.path = path
        expected = (bytes, digest)
    }

    static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    /// The whole file; what is checked is what is answered.
    func contents() throws(PluginError) -> [UInt8] {
        var bytes: [UInt8] = []
        try read { size in
            bytes.reserveCapacity(size)
        } piece: {
            bytes.append(contentsOf: $0)
        }
        return bytes
    }

    /// Looks whether it is as it must be.
    func check() throws(PluginError) {
        try read { _ in
        } piece: { _ in
        }
    }

    private func read(
        size: (Int) -> Void, piece: (UnsafeRawBufferPointer) -> Void
    ) throws(PluginError) {
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else { throw wrong("cannot be read: \(String(cString: strerror(errno)))") }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { throw wrong("is no regular file") }
        guard status.st_uid == 0 || status.st_uid == geteuid() else {
            throw wrong("belongs to user \(status.st_uid); expected root or user \(geteuid()), who runs this process")
        }
        guard status.st_mode & S_IWOTH == 0 else { throw wrong("can be written by everybody; run chmod o-w on it") }
        let found = Int(status.st_size)
        if let expected, expected.bytes != found {
            throw wrong("has \(found) bytes, expected \(expected.bytes); \(ModelFolder.advice)")
        }
        guard found <= Self.limit else { throw wrong("has \(found) bytes, expected at most \(Self.limit)") }
        size(found)
        var hash = SHA256()
        let failure = withUnsafeTemporaryAllocation(byteCount: 1 << 18, alignment: 16) { buffer -> Int32? in
            while true {
                let count = Glibc.read(file, buffer.baseAddress, buffer.count)
                if count < 0, errno == EINTR { continue }
                if count <= 0 { return count < 0 ? errno : nil }
                let bytes = UnsafeRawBufferPointer(rebasing: buffer[..<count])
                if expected != nil { hash.update(bufferPointer: bytes) }
                piece(bytes)
            }
        }
        if let failure { throw wrong("cannot be read: \(String(cString: strerror(failure)))") }
        guard let expected else { return }
        let digest = hash.finalize().map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
        guard digest == expected.digest else {
            throw wrong("has SHA-256 \(digest), expected \(expected.digest); \(ModelFolder.advice)")
        }
    }

    private func wrong(_ why: String) -> PluginError { PluginError(.invalid, "\(path) \(why)") }
}
