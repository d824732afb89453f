import CPosix

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A program under `vmcp-supervisor`, which ends it with everything that it started when the gateway is gone or says so.
final class LibraryProcess: Sendable {
    private let supervisor: pid_t
    /// To the supervisor; closed with the object, which ends what still runs.
    private let control: Int32

    /// What a tree whose gateway is gone gets between SIGTERM and SIGKILL, in milliseconds: a library has nothing to tidy.
    private static let orphanGrace = "0"

    /// - Parameters:
    ///   - input: Becomes the program's standard input, and stays the caller's. What the program prints goes where our
    ///     errors go: it must not get into what the gateway prints as results.
    init(supervisor path: String, program: String, input: Int32) throws(CallFailure) {
        func failure(_ code: Int32) -> CallFailure {
            CallFailure(.unavailable, "\(path) cannot be started: \(String(cString: strerror(code)))")
        }
        var ends: [Int32] = [-1, -1]
        guard cposix_socketpair(&ends) == 0 else { throw failure(errno) }
        control = ends[0]
        // Above 3, so that none is in the way of another when they are moved.
        let passed = [input, 2, 2].map { fcntl($0, F_DUPFD_CLOEXEC, 4) } + [ends[1]]
        let lost = errno
        defer { for descriptor in passed where descriptor >= 0 { close(descriptor) } }
        let line = [path, Self.orphanGrace, "", program, program]
        let words: [UnsafeMutablePointer<CChar>?] = line.map { word in strdup(word) } + [nil]
        defer { for word in words { free(word) } }
        var process: pid_t = 0
        let code =
            passed.contains { $0 < 0 }
            ? lost
            : words.withUnsafeBufferPointer { words in
                var request = cposix_spawn_request()
                request.path = UnsafePointer(words[0])
                request.arguments = words.baseAddress
                request.environment = cposix_environment()
                request.descriptors = (passed[0], passed[1], passed[2], passed[3])
                return cposix_spawn(&request, &process)
            }
        guard code == 0 else {
            close(control)
            throw failure(code)
        }
        supervisor = process
    }

    deinit { close(control) }

    /// Ends the program and what it started, without asking; harmless when it has ended.
    func endNow() {
        var order = vmcp_supervision_order(terminate_after_ms: 0, kill_after_ms: 0)
        _ = send(control, &order, MemoryLayout.size(ofValue: order), Int32(MSG_NOSIGNAL))
    }

    /// Waits for the end of the program.
    /// - Returns: How it ended, in words: "signal 11 (Segmentation fault)".
    func end() -> String {
        var report = vmcp_supervision_report()
        while true {
            let count = recv(control, &report, MemoryLayout.size(ofValue: report), 0)
            // A supervisor that ended before it read our order leaves ECONNRESET, once, before what it had said.
            if count < 0, errno == EINTR || errno == ECONNRESET { continue }
            guard count == MemoryLayout.size(ofValue: report) else { return "its supervisor is gone" }
            switch Int(report.kind) {
            case Int(VMCP_SUPERVISION_FAILED):
                return "it could not be started: \(String(cString: strerror(report.second)))"
            case Int(VMCP_SUPERVISION_EXITED):
                return report.second == 0
                    ? "exit code \(report.first)"
                    : "signal \(report.second) (\(String(cString: strsignal(report.second))))"
            default: continue
            }
        }
    }

    /// Waits until nothing of what the program started is left. Once only.
    func reap() {
        while waitpid(supervisor, nil, 0) < 0, errno == EINTR {}
    }
}
