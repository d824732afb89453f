import Glibc
import HostServices
import Testing

@Suite("Process trees")
struct ProcessTreeTests {
    private func tree(_ flags: String...) -> ProcessSpec {
        var spec = ProcessSpec(["python3", Shared.fixtures + "tree.py"] + flags)
        spec.isByLine = true
        return spec
    }

    private func numbers(_ line: String?) throws -> [pid_t] {
        let numbers = try #require(line).split(separator: " ").compactMap { pid_t($0) }
        try #require(numbers.count == 4)
        return numbers
    }

    private func isAlive(_ process: pid_t) -> Bool { kill(process, 0) == 0 }

    /// Whether all are gone within a time that is long for it. Looks again and again: nobody tells of strangers' ends.
    private func areGone(_ processes: [pid_t]) async -> Bool {
        let clock = ContinuousClock()
        let deadline = clock.now + .seconds(60)
        while clock.now < deadline {
            if !processes.contains(where: isAlive) { return true }
            await Task.yield()
        }
        return false
    }

    @Test("When exited is called, every descendant is gone, daemons too", arguments: [false, true])
    func stopped(isStubborn: Bool) async throws {
        let process = try RunningProcess(isStubborn ? tree("--stubborn") : tree())
        let numbers = try numbers(await process.line())
        #expect(numbers.allSatisfy(isAlive))
        process.stop(grace: isStubborn ? 100 : 10_000)
        if !isStubborn { process.stop(grace: 0) }
        let end = await process.end()
        #expect(end.signal == SIGKILL || end.signal == SIGTERM)
        if isStubborn { #expect(end.signal == SIGKILL) }
        #expect(!numbers.contains(where: isAlive))
    }

    @Test("A stopped process is ended by SIGTERM, too")
    func suspended() async throws {
        let process = try RunningProcess(tree())
        let numbers = try numbers(await process.line())
        for number in numbers { kill(number, SIGSTOP) }
        Shared.hub.processes.end(process.id)
        #expect(await process.end() == .init(code: 0, signal: SIGTERM))
        #expect(!numbers.contains(where: isAlive))
    }

    @Test("What a program leaves behind when it ends is ended, and only then it counts as gone")
    func leftovers() async throws {
        let process = try RunningProcess(tree("--leave"))
        let numbers = try numbers(await process.line())
        #expect(await process.end() == .init(code: 0, signal: 0))
        #expect(!numbers.contains(where: isAlive))
    }

    @Test("Nothing outlives a gateway that was killed by SIGKILL", arguments: [false, true])
    func killedGateway(isStubborn: Bool) async throws {
        // The gateway's stand-in is a child of this process, so what it leaves is looked for by number.
        let output = Pipe()
        let supervisor = ProcessService.supervisorBesideExecutable()
        var arguments = [
            "/usr/bin/env", "python3", Shared.fixtures + "gateway.py", supervisor, "/usr/bin/env", "python3",
        ]
        arguments.append(Shared.fixtures + "tree.py")
        if isStubborn { arguments.append("--stubborn") }
        let gateway = try output.spawn(arguments)
        let numbers = try numbers(output.line())
        #expect(numbers.allSatisfy(isAlive))
        kill(gateway, SIGKILL)
        waitpid(gateway, nil, 0)
        #expect(await areGone(numbers))
    }

    @Test("A supervisor that is killed takes its program and its group along, and the end is reported")
    func killedSupervisor() async throws {
        var spec = ProcessSpec(["sh", "-c", "sleep 1000 & echo $PPID $$ $!; wait"])
        spec.isByLine = true
        let process = try RunningProcess(spec)
        let numbers = try #require(await process.line()).split(separator: " ").compactMap { pid_t($0) }
        try #require(numbers.count == 3)
        kill(numbers[0], SIGKILL)
        #expect(await process.end() == .init(code: 0, signal: SIGKILL))
        #expect(await areGone(numbers))
    }

    @Test("200 children leave no descriptor and no zombie")
    func descriptors() async throws {
        let service = try ProcessService(
            supervisor: ProcessService.supervisorBesideExecutable(), environment: ["PATH": "/usr/bin:/bin"])
        let before = Descriptors.count
        var supervisors: [pid_t] = []
        for _ in 0..<10 {
            let processes = try (0..<20).map { _ in
                try RunningProcess(ProcessSpec(["sh", "-c", "echo $PPID"]), service)
            }
            for process in processes {
                if let line = await process.line(), let pid = pid_t(line.filter(\.isNumber)) { supervisors.append(pid) }
                #expect(await process.end() == .init(code: 0, signal: 0))
            }
        }
        #expect(supervisors.count == 200)
        #expect(!supervisors.contains(where: isAlive))
        await service.shutDown()
        #expect(service.count == 0)
        // A child has five descriptors here; other tests, which run meanwhile, have some of their own.
        #expect(Descriptors.count < before + 400)
    }
}

/// A pipe and a program that writes to it, without any of the code under test.
private final class Pipe {
    private var ends: [Int32] = [-1, -1]

    init() { pipe(&ends) }

    deinit { for end in ends { close(end) } }

    func spawn(_ arguments: [String]) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
        var pointers: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
        defer { for pointer in pointers { free(pointer) } }
        var pid: pid_t = 0
        try #require(posix_spawn(&pid, arguments[0], &actions, nil, &pointers, environ) == 0)
        return pid
    }

    func line() -> String {
        var bytes: [UInt8] = []
        var byte: UInt8 = 0
        while read(ends[0], &byte, 1) == 1, byte != 0x0A { bytes.append(byte) }
        return String(decoding: bytes, as: UTF8.self)
    }
}
