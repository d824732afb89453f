import CPosix
import Glibc

/// A supervisor that was started, with the host's ends of its pipes. Whoever gets it owns the descriptors.
struct SupervisorLaunch {
    let pid: pid_t
    /// Readable when the supervisor ends.
    let pidDescriptor: Int32
    let input: Int32
    let output: Int32
    let error: Int32
    let control: Int32

    /// How long a tree gets between SIGTERM and SIGKILL when the gateway is gone, in milliseconds.
    private static let orphanGrace = 2_000

    /// Starts `vmcp-supervisor` with a program.
    ///
    /// - Parameter environment: All of the child's.
    /// - Throws: ``ProcessSpawnError``. Nothing is left behind then.
    init(
        supervisor: String, program: String, arguments: [String], environment: [String: String], directory: String
    ) throws(ProcessSpawnError) {
        var ends = DescriptorSet()
        let (childInput, input) = try ends.pipe()
        let (output, childOutput) = try ends.pipe()
        let (error, childError) = try ends.pipe()
        let (childControl, control) = try ends.socketPair()
        for descriptor in [input, output, error, control] where cposix_set_nonblocking(descriptor) != 0 {
            throw ends.failure("fcntl")
        }
        let line = [supervisor, String(SupervisorLaunch.orphanGrace), directory, program] + arguments
        let variables = environment.map { "\($0.key)=\($0.value)" }
        var pid: pid_t = 0
        let code = withCStrings(line) { line in
            withCStrings(variables) { variables in
                var request = cposix_spawn_request(
                    path: line[0], arguments: line, environment: variables,
                    descriptors: (childInput, childOutput, childError, childControl))
                return cposix_spawn(&request, &pid)
            }
        }
        guard code == 0 else {
            ends.closeAll()
            throw ProcessSpawnError("the supervisor \(supervisor) cannot be started: \(SystemError.text(of: code))")
        }
        for descriptor in [childInput, childOutput, childError, childControl] { close(descriptor) }
        let pidDescriptor = cposix_pidfd(pid)
        guard pidDescriptor >= 0 else {
            // With the control socket the tree ends, and the supervisor after it.
            let failure = errno
            for descriptor in [input, output, error, control] { close(descriptor) }
            waitpid(pid, nil, 0)
            throw ProcessSpawnError("pidfd_open: \(SystemError.text(of: failure))")
        }
        self.pid = pid
        self.pidDescriptor = pidDescriptor
        self.input = input
        self.output = output
        self.error = error
        self.control = control
    }
}

/// Descriptors that are closed together when something fails.
private struct DescriptorSet {
    private var all: [Int32] = []

    mutating func pipe() throws(ProcessSpawnError) -> (read: Int32, write: Int32) {
        try pair("pipe2", cposix_pipe)
    }

    mutating func socketPair() throws(ProcessSpawnError) -> (Int32, Int32) {
        try pair("socketpair", cposix_socketpair)
    }

    func closeAll() { for descriptor in all { close(descriptor) } }

    /// Closes all and makes the error of what failed last.
    func failure(_ call: String) -> ProcessSpawnError {
        let code = errno
        closeAll()
        return ProcessSpawnError("\(call): \(SystemError.text(of: code))")
    }

    private mutating func pair(
        _ call: String, _ make: (UnsafeMutablePointer<Int32>) -> Int32
    ) throws(ProcessSpawnError) -> (Int32, Int32) {
        var ends: [Int32] = [-1, -1]
        guard make(&ends) == 0 else { throw failure(call) }
        all += ends
        return (ends[0], ends[1])
    }
}

/// Lends a NULL-terminated array of C strings.
private func withCStrings<Result>(
    _ strings: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Result
) -> Result {
    var pointers: [UnsafeMutablePointer<CChar>?] = strings.map { strdup($0) }
    pointers.append(nil)
    defer { for pointer in pointers { free(pointer) } }
    return pointers.withUnsafeBufferPointer { body($0.baseAddress!) }
}
