import CPosix

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

    package init(text: String, library: String, program: String? = nil) {
        self.text = text
        self.library = library
        self.program = program ?? Self.besideExecutable
    }

    private static let besideExecutable: String = {
        guard let real = realpath("/proc/self/exe", nil) else { return "vmcp-library" }
        defer { free(real) }
        let path = String(cString: real)
        return path[...(path.lastIndex(of: "/") ?? path.startIndex)] + "vmcp-library"
    }()

    /// Starts the program.
    /// - Returns: Its process id, and our end of the socket.
    func start() throws(CallFailure) -> (process: pid_t, socket: FrameSocket) {
        var ends: [Int32] = [-1, -1]
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else {
            throw failure(errno)
        }
        let ours = FrameSocket(ends[0])
        // What the library prints must not get into what the gateway prints as results: its output goes where errors go.
        var passed = [open("/dev/null", O_RDONLY | O_CLOEXEC), -1, -1, ends[1]].enumerated().map { index, descriptor in
            // Above 3, so that none is in the way of another when they are moved.
            let source = index == 1 || index == 2 ? 2 : descriptor
            let high = fcntl(source, F_DUPFD_CLOEXEC, 4)
            if source != 2 { close(source) }
            return high
        }
        defer { for descriptor in passed where descriptor >= 0 { close(descriptor) } }
        guard passed.allSatisfy({ $0 >= 0 }) else { throw failure(errno) }
        let path = strdup(program)
        defer { free(path) }
        let arguments: [UnsafeMutablePointer<CChar>?] = [path, nil]
        var process: pid_t = 0
        let code = arguments.withUnsafeBufferPointer { arguments in
            passed.withUnsafeMutableBufferPointer { passed in
                var request = cposix_spawn_request()
                request.path = UnsafePointer(path)
                request.arguments = arguments.baseAddress
                request.environment = cposix_environment()
                request.descriptors = (passed[0], passed[1], passed[2], passed[3])
                return cposix_spawn(&request, &process)
            }
        }
        guard code == 0 else { throw failure(code) }
        guard ours.write(ChildRequest.load(text: text, library: library).frame) else {
            throw CallFailure(.unavailable, "the process for '\(library)' ended before it began")
        }
        return (process, ours)
    }

    private func failure(_ code: Int32) -> CallFailure {
        CallFailure(
            .unavailable,
            "the process for '\(library)' cannot be started: \(program): \(String(cString: strerror(code)))")
    }

    /// Waits for the end of a process.
    /// - Returns: How it ended, in words: "signal 11 (Segmentation fault)".
    static func end(of process: pid_t) -> String {
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0 {
            if errno != EINTR { return "an unknown end" }
        }
        let signal = status & 0x7F
        return signal == 0
            ? "exit code \(status >> 8 & 0xFF)" : "signal \(signal) (\(String(cString: strsignal(signal))))"
    }
}
