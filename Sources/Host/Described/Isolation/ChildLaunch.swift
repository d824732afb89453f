#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// How a child process for a library is started.
package struct ChildLaunch: Sendable {
    /// The text of the description.
    package var text: String
    /// A path, or a name that the dynamic linker looks up.
    package var library: String
    /// The program; default: `vmcp-library` beside the running executable.
    package var program: String
    /// What the program runs under; default: `vmcp-supervisor` beside the running executable.
    package var supervisor: String
    /// Most milliseconds that loading the library may take, with what it does when it is loaded.
    package var loadLimit = 30_000

    package init(text: String, library: String, program: String? = nil, supervisor: String? = nil) {
        self.text = text
        self.library = library
        self.program = program ?? Self.folder + "vmcp-library"
        self.supervisor = supervisor ?? Self.folder + "vmcp-supervisor"
    }

    /// Of the running executable, with a slash; empty when it is not known.
    private static let folder: String = {
        guard let real = realpath("/proc/self/exe", nil) else { return "" }
        defer { free(real) }
        let path = String(cString: real)
        return String(path[...(path.lastIndex(of: "/") ?? path.startIndex)])
    }()

    /// Starts the program and tells it the library.
    /// - Returns: The process, and our end of the socket.
    func start() throws(CallFailure) -> (process: LibraryProcess, socket: FrameSocket) {
        var ends: [Int32] = [-1, -1]
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else {
            throw CallFailure(
                .unavailable, "no socket for the process of '\(library)': \(String(cString: strerror(errno)))")
        }
        let socket = FrameSocket(ends[0])
        defer { close(ends[1]) }
        let process = try LibraryProcess(supervisor: supervisor, program: program, input: ends[1])
        // When the process is gone already, its end says why.
        _ = socket.write(ChildRequest.load(text: text, library: library).frame)
        return (process, socket)
    }
}
