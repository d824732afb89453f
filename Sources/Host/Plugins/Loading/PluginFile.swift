#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A file of a plugin, opened once and checked through its descriptor, so that what is checked is what is read.
///
/// A plugin has the rights of the process: whoever may write the file, or put another in its place, owns the gateway.
struct PluginFile {
    /// Without symbolic links.
    let path: String
    /// Size in bytes.
    let size: Int
    private let device: UInt64
    private let node: UInt64
    private let file: Descriptor

    /// Closed when nobody uses it any more.
    private final class Descriptor: Sendable {
        let number: Int32
        init(_ number: Int32) { self.number = number }
        deinit { close(number) }
    }

    /// Opens and checks a file: a regular file that belongs to root or to the user of the process, in a folder that
    /// does, and neither writable by everybody.
    /// - Throws: ``PluginLoadError`` with the first check that failed.
    init(
        opening path: String, what: String, missing: PluginLoadError.Reason = .missingFile
    ) throws(PluginLoadError) {
        guard let real = FilePath.resolved(path) else {
            let code = errno
            throw PluginLoadError(
                code == EACCES ? .unreadable : missing, path: path, expected: "a \(what)", found: Self.reason(code),
                advice: "check the path and that the file is there")
        }
        // O_NONBLOCK: opening a named pipe must not wait for its writer.
        let descriptor = open(real, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            throw PluginLoadError(
                .unreadable, path: real, expected: "a readable \(what)", found: Self.reason(errno),
                advice: "let the user of the process read the file")
        }
        file = Descriptor(descriptor)
        var status = stat()
        let code = fstat(descriptor, &status)
        self.path = real
        size = Int(status.st_size)
        device = UInt64(truncatingIfNeeded: status.st_dev)
        node = UInt64(truncatingIfNeeded: status.st_ino)
        guard code == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw PluginLoadError(
                .notAFile, path: real, expected: "a regular file", found: "something else",
                advice: "name the \(what) itself")
        }
        try Self.check(status, real)
        var folder = stat()
        guard stat(FilePath.folder(of: real), &folder) == 0 else {
            throw PluginLoadError(
                .unreadable, path: FilePath.folder(of: real), expected: "the folder of a \(what)",
                found: Self.reason(errno), advice: "let the user of the process read the folder")
        }
        try Self.check(folder, FilePath.folder(of: real))
    }

    private static func check(_ status: stat, _ path: String) throws(PluginLoadError) {
        if status.st_uid != 0, status.st_uid != geteuid() {
            throw PluginLoadError(
                .untrustedOwner, path: path, expected: "owner root or user \(geteuid()), who runs this process",
                found: "owner \(status.st_uid)", advice: "change the owner, or load plugins from another folder")
        }
        if status.st_mode & S_IWOTH != 0 {
            throw PluginLoadError(
                .worldWritable, path: path, expected: "a mode that lets not everybody write",
                found: "mode \(String(status.st_mode & 0o7777, radix: 8))", advice: "run chmod o-w \(path)")
        }
    }

    /// Whether the path still leads to the file that was opened.
    var isStillThere: Bool {
        var status = stat()
        return stat(path, &status) == 0 && UInt64(truncatingIfNeeded: status.st_dev) == device
            && UInt64(truncatingIfNeeded: status.st_ino) == node
    }

    /// Up to `count` bytes from the beginning.
    func head(_ count: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        _ = each(limit: count) { bytes.append(contentsOf: $0) }
        return bytes
    }

    /// The whole file.
    /// - Throws: ``PluginLoadError/Reason/unreadable`` when it cannot be read, or exceeds `limit` bytes.
    func contents(limit: Int) throws(PluginLoadError) -> [UInt8] {
        guard size <= limit else {
            throw PluginLoadError(
                .unreadable, path: path, expected: "at most \(limit) bytes", found: "\(size)",
                advice: "make the file smaller")
        }
        var bytes: [UInt8] = []
        guard each(limit: limit, { bytes.append(contentsOf: $0) }) else {
            throw PluginLoadError(
                .unreadable, path: path, expected: "a readable file", found: Self.reason(errno),
                advice: "check the file system")
        }
        return bytes
    }

    /// Reads in pieces, from the beginning.
    /// - Returns: False when reading failed; `errno` says why.
    func each(limit: Int = .max, _ body: (UnsafeRawBufferPointer) -> Void) -> Bool {
        withUnsafeTemporaryAllocation(byteCount: 65_536, alignment: 16) { buffer in
            var offset = 0
            while offset < limit {
                let count = pread(file.number, buffer.baseAddress, min(buffer.count, limit - offset), off_t(offset))
                if count < 0, errno == EINTR { continue }
                if count < 0 { return false }
                if count == 0 { return true }
                body(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(buffer)[..<count]))
                offset += count
            }
            return true
        }
    }

    private static func reason(_ code: Int32) -> String { String(cString: strerror(code)) }
}
