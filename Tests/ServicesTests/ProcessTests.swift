import Glibc
import HostServices
import Testing

@Suite("Supervised processes")
struct ProcessTests {
    private func shell(_ script: String) -> ProcessSpec {
        var spec = ProcessSpec(["sh", "-c", script])
        spec.isByLine = true
        return spec
    }

    @Test("What is written comes out, in order, and the end of the input ends the program")
    func echo() async throws {
        var spec = ProcessSpec(["cat"])
        spec.isByLine = true
        let process = try RunningProcess(spec)
        for number in 0..<1_000 { #expect(process.write("line \(number)\n") != .stop) }
        process.closeInput()
        #expect(await process.end() == .init(code: 0, signal: 0))
        #expect(process.sink.pieces(.standardOutput) == (0..<1_000).map { "line \($0)" })
        #expect(process.write("late") == .stop)
    }

    @Test("Bytes pass unchanged when lines are not asked for")
    func bytes() async throws {
        let process = try RunningProcess(ProcessSpec(["cat"]))
        process.write("a\r\nb\0c\n\n")
        process.closeInput()
        _ = await process.end()
        #expect(process.sink.pieces(.standardOutput).joined() == "a\r\nb\0c\n\n")
    }

    @Test("The two outputs are told apart, and a last line needs no end")
    func streams() async throws {
        let process = try RunningProcess(shell("echo out; echo err >&2; printf last"))
        _ = await process.end()
        #expect(process.sink.pieces(.standardOutput) == ["out", "last"])
        #expect(process.sink.pieces(.standardError) == ["err"])
    }

    @Test("A line over the limit is dropped, and the next one comes")
    func longLine() async throws {
        var spec = shell("head -c 300000 /dev/zero | tr '\\0' x; echo; echo short")
        spec.maxLineBytes = 100_000
        let log = LogRecorder()
        let process = try RunningProcess(spec, logger: log.logger)
        _ = await process.end()
        #expect(process.sink.pieces(.standardOutput) == ["short"])
        #expect(log.lines.count { $0.contains("it was dropped") } == 1)
        #expect(log.lines.contains { $0.contains("lines=1") })
    }

    @Test(
        "Exit code and signal are told apart",
        arguments: [
            ("exit 0", 0, 0), ("exit 3", 3, 0), ("exit 137", 137, 0), ("kill -9 $$", 0, 9), ("kill -15 $$", 0, 15),
        ])
    func ends(script: String, code: Int32, signal: Int32) async throws {
        #expect(try await RunningProcess(shell(script)).end() == .init(code: code, signal: signal))
    }

    @Test(
        "A program that cannot be found or run is refused with what is wrong",
        arguments: [
            ("no-such-program-anywhere", "", "in none of the folders of PATH"),
            ("/no/such/program", "", "No such file"),
            ("/etc/passwd", "", "not executable"), ("/etc", "", "is a directory"), ("", "", "no program"),
            ("sh", "/no/such/folder", "working directory /no/such/folder"), ("sh", "/etc/passwd", "not a directory"),
        ])
    func refused(program: String, directory: String, reason: String) {
        var spec = ProcessSpec([program])
        spec.directory = directory
        let error = #expect(throws: ProcessSpawnError.self) { try RunningProcess(spec) }
        #expect(error?.description.contains(reason) == true)
    }

    @Test("A script whose interpreter is missing exits with 127 and says why in the log")
    func missingInterpreter() async throws {
        let folder = TemporaryFolder()
        let file = try #require(fopen(folder.path + "/script", "w"))
        fputs("#!/no/such/interpreter\n", file)
        fclose(file)
        chmod(folder.path + "/script", 0o755)
        let log = LogRecorder()
        let process = try RunningProcess(ProcessSpec([folder.path + "/script"]), logger: log.logger)
        #expect(await process.end() == .init(code: 127, signal: 0))
        #expect(log.lines.contains { $0.contains("could not be started") && $0.contains("No such file") })
    }

    @Test("A program named relative to its directory is found there")
    func relative() async throws {
        var spec = ProcessSpec(["./sh", "-c", "pwd"])
        spec.directory = "/bin"
        spec.isByLine = true
        let process = try RunningProcess(spec)
        #expect(await process.line()?.hasSuffix("/bin") == true)
    }

    @Test("A child gets what it is given and a selection of the gateway's environment")
    func environment() async throws {
        let service = try ProcessService(
            supervisor: ProcessService.supervisorBesideExecutable(),
            environment: [
                "PATH": "/usr/bin:/bin", "LC_ALL": "C", "AWS_SECRET_ACCESS_KEY": "hush", "UV_CACHE_DIR": "/c",
            ])
        var spec = ProcessSpec(["env"])
        spec.isByLine = true
        spec.environment = [HTTPField("TOKEN", "a=b"), HTTPField("LC_ALL", "C.UTF-8")]
        let process = try RunningProcess(spec, service)
        _ = await process.end()
        let lines = process.sink.pieces(.standardOutput).sorted()
        #expect(lines == ["LC_ALL=C.UTF-8", "PATH=/usr/bin:/bin", "TOKEN=a=b", "UV_CACHE_DIR=/c"])
        await service.shutDown()
    }

    @Test("A child has the three standard streams, no other descriptor, and no signal blocked or ignored")
    func clean() async throws {
        let process = try RunningProcess(shell("ls /proc/self/fd; grep -E 'Sig(Blk|Ign)' /proc/self/status"))
        _ = await process.end()
        let lines = process.sink.pieces(.standardOutput)
        // 3 is the folder that ls reads.
        #expect(lines.filter { !$0.hasPrefix("Sig") } == ["0", "1", "2", "3"])
        let signals = lines.filter { $0.hasPrefix("Sig") }.compactMap {
            UInt64($0.split(separator: "\t").last ?? "", radix: 16)
        }
        #expect(signals.count == 2)
        // glibc's posix_spawn ignores the two signals that it keeps to itself, 32 and 33.
        #expect(signals.allSatisfy { $0 & ~0x1_8000_0000 == 0 })
    }

    @Test("A paused stream hands out nothing until it is resumed; the other stream goes on")
    func pausedOutput() async throws {
        let process = try RunningProcess(shell("seq 1 100000; echo done >&2; read x")) { stream, count in
            stream == .standardOutput && count == 10 ? .pause : .go
        }
        for _ in 0..<10 { _ = await process.line() }
        // seq cannot end while nobody reads, so `done` is not written yet.
        #expect(process.sink.pieces(.standardError) == [])
        #expect(process.sink.pieces(.standardOutput).count == 10)
        process.resume(.standardOutput)
        process.write("go\n")
        _ = await process.end()
        #expect(process.sink.pieces(.standardOutput) == (1...100_000).map(String.init))
        #expect(process.sink.pieces(.standardError) == ["done"])
    }

    @Test("A writer is asked to pause while the program does not read, and told when it may go on")
    func pausedInput() async throws {
        let process = try RunningProcess(shell("read go < \"$0\"; wc -c".replacing("\"$0\"", with: "/dev/stdin")))
        let piece = String(repeating: "x", count: 65_535) + "\n"
        var written = 0
        var answer = SinkAnswer.go
        // The shell reads byte by byte and stops after its line; the pipe and the buffer fill.
        while answer == .go, written < 200 {
            answer = process.write(written == 0 ? "go\n" + piece : piece)
            written += 1
        }
        await process.sink.drained(times: answer == .pause ? 1 : 0)
        process.closeInput()
        #expect(await process.end().code == 0)
        #expect(written <= 200)
    }

    @Test("A writer that heeds no pause is refused in the end, and the program can still be ended")
    func inputLimit() async throws {
        let process = try RunningProcess(ProcessSpec(["sleep", "1000"]))
        let piece = String(repeating: "x", count: 1_048_576)
        var answers: [SinkAnswer] = []
        while answers.count < 100, answers.last != .stop { answers.append(process.write(piece)) }
        #expect(answers.first != .stop)
        #expect(answers.contains(.pause))
        #expect(answers.last == .stop)
        process.stop(grace: 0)
        #expect(await process.end().signal == SIGKILL || process.sink.hasEnded)
    }
}
