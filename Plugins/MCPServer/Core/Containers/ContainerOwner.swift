#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// The gateway that a container belongs to, as its label says: the next gateway removes what one before left behind, and
/// touches nothing of one that lives.
package struct ContainerOwner: Sendable, Equatable {
    /// Of the machine's start: process numbers begin anew with it.
    let boot: String
    /// The process namespace: numbers mean nothing in another.
    let space: String
    let process: Int
    /// When the process began: numbers are used again.
    let start: String

    /// Of this process.
    package static let current = ContainerOwner(
        boot: text(of: "/proc/sys/kernel/random/boot_id").filter { !$0.isWhitespace }, space: namespace(),
        process: Int(getpid()), start: startTime(of: Int(getpid())) ?? "")

    /// The text of the label.
    package var label: String { "\(boot) \(space) \(process) \(start)" }

    package init(boot: String, space: String, process: Int, start: String) {
        self.boot = boot
        self.space = space
        self.process = process
        self.start = start
    }

    /// - Returns: nil for a text that this version did not write.
    package init?(label: String) {
        let parts = label.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 4, let process = Int(parts[2]) else { return nil }
        self.init(boot: parts[0], space: parts[1], process: process, start: parts[3])
    }

    /// Whether the gateway is certainly gone.
    ///
    /// - Parameters:
    ///   - current: This gateway.
    ///   - startTime: When a process began; nil when there is none.
    package func isGone(
        seenBy current: ContainerOwner = .current, startTime: (Int) -> String? = ContainerOwner.startTime
    ) -> Bool {
        if boot != current.boot { return true }
        // Another container may run a gateway of its own.
        if space != current.space { return false }
        return startTime(process) != start
    }

    /// The start of a living process, in ticks of the kernel (proc(5), field 22); nil when there is none.
    package static func startTime(of process: Int) -> String? {
        let text = text(of: "/proc/\(process)/stat")
        // The name, in parentheses, may hold anything.
        guard let end = text.lastIndex(of: ")") else { return nil }
        let fields = text[text.index(after: end)...].split(separator: " ")
        guard fields.count > 19, fields[0] != "Z", fields[0] != "X" else { return nil }
        return String(fields[19])
    }

    private static func namespace() -> String {
        var room = [CChar](repeating: 0, count: 100)
        let count = readlink("/proc/self/ns/pid", &room, room.count - 1)
        guard count > 0 else { return "" }
        return String(decoding: room[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private static func text(of path: String) -> String {
        guard let file = fopen(path, "r") else { return "" }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 4_096)
        let count = fread(&bytes, 1, bytes.count, file)
        return String(decoding: bytes[..<count], as: UTF8.self)
    }
}
