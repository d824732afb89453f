import Glibc
package import Logging
import Synchronization

/// Children whose whole trees end with the gateway, on one thread for all.
package final class ProcessService: @unchecked Sendable {
    // `@unchecked`: `buffer` is used on the loop's thread alone; the rest is constant or behind the mutex.

    private struct State {
        var next: UInt64 = 1
        var children: [UInt64: SupervisedProcess] = [:]
        var isShutDown = false
        var whenEmpty: [CheckedContinuation<Void, Never>] = []
    }

    /// After SIGTERM, when the host itself ends a tree.
    private static let forcedGrace: UInt32 = 1_000

    private let supervisor: String
    private let inherited: [String: String]
    private let loop: EventLoop
    private let state = Mutex(State())
    /// What is read from any child goes through it.
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 65_536, alignment: 16)

    /// - Parameters:
    ///   - supervisor: Path of `vmcp-supervisor`.
    ///   - environment: What children may inherit a selection of.
    /// - Throws: ``SystemError`` when there is no descriptor or thread left.
    package init(supervisor: String, environment: [String: String]) throws(SystemError) {
        self.supervisor = supervisor
        inherited = InheritedEnvironment.selection(from: environment)
        loop = try EventLoop(name: "vmcp-process")
    }

    deinit { buffer.deallocate() }

    /// `vmcp-supervisor` in the folder of the running executable.
    package static func supervisorBesideExecutable() -> String {
        var path = [UInt8](repeating: 0, count: Int(PATH_MAX))
        let count = path.withUnsafeMutableBytes { bytes in
            readlink("/proc/self/exe", bytes.assumingMemoryBound(to: CChar.self).baseAddress!, bytes.count)
        }
        let executable = String(decoding: path[..<max(0, count)], as: UTF8.self)
        let folder = executable.lastIndex(of: "/").map { executable[...$0] } ?? ""
        return folder + "vmcp-supervisor"
    }

    /// The number of a child to come.
    package func nextProcess() -> UInt64 {
        state.withLock { state in
            defer { state.next += 1 }
            return state.next
        }
    }

    /// Starts a child.
    ///
    /// A program that cannot be executed although its file can (a missing interpreter, for instance) is found out
    /// later: the reason is logged and `exited` comes with code 127.
    /// - Parameters:
    ///   - process: From ``nextProcess()``; used once.
    ///   - ended: Called after the sink's `exited` returned.
    /// - Throws: ``ProcessSpawnError``; the sink is not used then.
    package func spawn(
        _ process: UInt64, _ spec: ProcessSpec, sink: any ProcessSink, logger: Logger,
        ended: @escaping @Sendable () -> Void = {}
    ) throws(ProcessSpawnError) {
        let environment = try self.environment(spec)
        if spec.arguments.contains(where: { $0.utf8.contains(0) }) || spec.directory.utf8.contains(0) {
            throw ProcessSpawnError("an argument or the directory holds a zero byte")
        }
        try ProgramPath.check(directory: spec.directory)
        let program = try ProgramPath.resolve(
            spec.arguments.first ?? "", searchPath: environment["PATH"], directory: spec.directory)
        if state.withLock({ $0.isShutDown }) { throw ProcessSpawnError("the gateway is ending") }
        let launch = try SupervisorLaunch(
            supervisor: supervisor, program: program, arguments: spec.arguments, environment: environment,
            directory: spec.directory)
        let child = SupervisedProcess(
            launch: launch, spec: spec, program: program, sink: sink, loop: loop, logger: logger
        ) { [unowned self] in
            forget(process)
            ended()
        }
        let isTooLate = state.withLock { state in
            state.children[process] = child
            return state.isShutDown
        }
        loop.submit { [self] in child.start(buffer) }
        if isTooLate { end(process) }
    }

    /// Writes to a child's standard input, whole and in order, without waiting.
    package func write(_ process: UInt64, _ data: UnsafeRawBufferPointer) -> SinkAnswer {
        guard let child = child(process) else { return .stop }
        let (answer, need) = child.input.write(data)
        if need.watch || need.close { loop.submit { child.attend(need) } }
        return answer
    }

    /// Ends a child's standard input once what was written is through.
    package func closeInput(_ process: UInt64) {
        guard let child = child(process) else { return }
        let need = child.input.close()
        if need.close { loop.submit { child.attend(need) } }
    }

    /// Goes on with a stream after ``SinkAnswer/pause``.
    package func resume(_ process: UInt64, _ stream: OutputStream) {
        guard let child = child(process) else { return }
        loop.submit { [self] in child.resume(stream, buffer) }
    }

    /// Closes the input, sends SIGTERM to the tree after `grace` milliseconds, and SIGKILL after as long again.
    package func stop(_ process: UInt64, grace: UInt64) {
        let term = UInt32(clamping: grace)
        stop(process, terminateAfter: term, killAfter: UInt32(clamping: UInt64(term) * 2))
    }

    /// Ends a child on the host's behalf: SIGTERM now and SIGKILL soon.
    package func end(_ process: UInt64) { stop(process, terminateAfter: 0, killAfter: ProcessService.forcedGrace) }

    /// How many children there are.
    package var count: Int { state.withLock { $0.children.count } }

    /// Ends all children, waits until they are gone, and ends the thread.
    package func shutDown() async {
        let children = state.withLock { state in
            state.isShutDown = true
            return Array(state.children.keys)
        }
        for child in children { end(child) }
        await withCheckedContinuation { continuation in
            let isEmpty = state.withLock { state in
                if !state.children.isEmpty { state.whenEmpty.append(continuation) }
                return state.children.isEmpty
            }
            if isEmpty { continuation.resume() }
        }
        await loop.stop()
    }

    private func stop(_ process: UInt64, terminateAfter: UInt32, killAfter: UInt32) {
        guard let child = child(process) else { return }
        loop.submit { [self] in child.stop(terminateAfter: terminateAfter, killAfter: killAfter, buffer) }
    }

    private func child(_ process: UInt64) -> SupervisedProcess? { state.withLock { $0.children[process] } }

    private func forget(_ process: UInt64) {
        let waiting = state.withLock { state in
            state.children[process] = nil
            guard state.children.isEmpty else { return [CheckedContinuation<Void, Never>]() }
            defer { state.whenEmpty = [] }
            return state.whenEmpty
        }
        for continuation in waiting { continuation.resume() }
    }

    private func environment(_ spec: ProcessSpec) throws(ProcessSpawnError) -> [String: String] {
        var environment = inherited
        for variable in spec.environment {
            guard !variable.name.isEmpty, !variable.name.utf8.contains(where: { $0 == 0x3D || $0 == 0 }) else {
                throw ProcessSpawnError("the name of an environment variable is empty or holds = or a zero byte")
            }
            guard !variable.value.utf8.contains(0) else {
                throw ProcessSpawnError("the environment variable \(variable.name) holds a zero byte")
            }
            environment[variable.name] = variable.value
        }
        return environment
    }
}
