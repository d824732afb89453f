import Foundation
import Synchronization
import Testing

@testable import HostDescribed

@Suite("Libraries in child processes")
struct IsolationTests {
    /// A clock that stands still unless it is told.
    final class Clock: Sendable {
        let time = Mutex<UInt64>(1_000)
        var now: @Sendable () -> UInt64 { { self.time.withLock { $0 } } }
        func advance(_ milliseconds: UInt64) { time.withLock { $0 += milliseconds } }
    }

    /// What a child that crashes ends with. AddressSanitizer catches the signal itself.
    private static let crash = ProcessInfo.processInfo.environment["ASAN_OPTIONS"] == nil ? "signal 11" : "exit code 1"

    private func open(_ clock: Clock) throws -> OpenLibrary<ChildLibrary> {
        let library = ChildLibrary(
            launch: ChildLaunch(text: try Fixture.text(), library: try Fixture.library()), now: clock.now)
        return OpenLibrary(runner: library, instance: try library.open(Fixture.values))
    }

    @Test("Calls in a child give what they give here, in another process", .timeLimit(.minutes(2)))
    func calls() throws {
        let library = try open(Clock())
        #expect(try library.call("box_add", ("by", .integer(1))) == [Member("result", .integer(11))])
        #expect(
            try library.call("repeat", ("byte", .integer(1)), ("times", .integer(2))).first
                == Member("out", .bytes([1, 1])))
        #expect(library.failure("nonzero", ("code", .integer(3)))?.code == 3)
        #expect(try library.call("count_to", ("limit", .integer(1))).first?.name == "numbers")
        #expect(try library.call("process_id").first?.value != .integer(Int64(getpid())))
        library.close()
    }

    @Test(
        "A crash ends the child and names the function; the next start waits, longer each time, and opens anew",
        .timeLimit(.minutes(2)))
    func crash() throws {
        let clock = Clock()
        let library = try open(clock)
        _ = try library.call("box_add", ("by", .integer(1)))
        let failure = library.failure("crash", ("really", .integer(1)))
        #expect(failure?.kind == .unavailable)
        #expect(failure?.message.contains("in 'crash': \(Self.crash)") == true, "\(failure?.message ?? "")")
        #expect(library.failure("process_id")?.message.contains("again in 100 ms") == true)
        clock.advance(100)
        // A new process, a new handle.
        #expect(try library.call("box_add", ("by", .integer(1))) == [Member("result", .integer(11))])
        _ = library.failure("crash", ("really", .integer(1)))
        #expect(library.failure("process_id")?.message.contains("again in 200 ms") == true)
        library.close()
    }

    @Test("A call that outlives its deadline ends the child, and those beside it fail", .timeLimit(.minutes(2)))
    func stuck() throws {
        let clock = Clock()
        let library = try open(clock)
        let terms = CallTerms(deadline: 1_001)
        #expect(throws: CallFailure.self) {
            try library.runner.call(library.instance, "wait_for_ever", [], terms)
        }
        clock.advance(100)
        #expect(try library.call("boxes") == [Member("result", .integer(1))])
        library.close()
    }

    @Test("What cannot be bound in the child is told with reason and place", .timeLimit(.minutes(2)))
    func unbound() throws {
        let launch = ChildLaunch(text: Fixture.describe("absent: {}"), library: try Fixture.library())
        let description = try LibraryDescription(parsing: launch.text)
        let error = #expect(throws: DescriptionError.self) { try ProbeRun(description, launch: launch).run() }
        #expect(error?.problems.map(\.reason) == [.missingSymbol])
        #expect(error?.problems.first?.place?.line == 7)
    }

    @Test("Probes name the function whose signature is wrong, also when it crashes", .timeLimit(.minutes(2)))
    func probes() throws {
        func run(_ function: String) throws -> [String] {
            let launch = ChildLaunch(text: Fixture.describe(function), library: try Fixture.library())
            return try ProbeRun(try LibraryDescription(parsing: launch.text), launch: launch).run()
        }
        let fine =
            "echo_int8: {arguments: [value: int8], returns: int8, probe: {arguments: {value: -3}, expect: {result: -3}}}"
        #expect(try run(fine) == ["echo_int8: as expected"])
        let wrong =
            "echo_int8: {arguments: [value: int8], returns: int8, probe: {arguments: {value: -3}, expect: {result: 3}}}"
        let error = #expect(throws: DescriptionError.self) { try run(wrong) }
        #expect(error?.description.contains("functions.echo_int8.probe: 'result': expected 3, found -3") == true)
        // A pointer where the library wants a number, and the other way round.
        let crashing = "text_length: {arguments: [text: int64], returns: size, probe: {arguments: {text: 8}}}"
        let crash = #expect(throws: DescriptionError.self) { try run(crashing) }
        #expect(crash?.description.contains("in 'text_length': \(Self.crash)") == true, "\(crash?.description ?? "")")
    }

    @Test("A crash where probes open or close a handle names the function too", .timeLimit(.minutes(2)))
    func probedHandles() throws {
        func run(_ open: String, _ close: String) throws {
            let launch = ChildLaunch(
                text: Fixture.describe(
                    """
                    boxes: {returns: int32, probe: {expect: {result: 1}}}
                      made: {\(open), returns: pointer}
                      ended: {\(close)}
                    """, more: "handles: {box: {open: made, close: ended}}"), library: try Fixture.library())
            _ = try ProbeRun(try LibraryDescription(parsing: launch.text), launch: launch).run()
        }
        let opens = "symbol: box_open, arguments: [value: {type: int32, value: 5}]"
        let closes = "symbol: box_close, arguments: [self: pointer]"
        try run(opens, closes)
        let badOpen = "symbol: text_length, arguments: [text: {type: int64, value: 8}]"
        let opened = #expect(throws: DescriptionError.self) { try run(badOpen, closes) }
        #expect(opened?.description.contains("in 'made': \(Self.crash)") == true, "\(opened?.description ?? "")")
        let badClose = "symbol: crash, arguments: [self: pointer]"
        let closed = #expect(throws: DescriptionError.self) { try run(opens, badClose) }
        #expect(closed?.description.contains("in 'ended': \(Self.crash)") == true, "\(closed?.description ?? "")")
    }

    @Test("A library that crashes or stays for ever in what it does first is ended and named", .timeLimit(.minutes(2)))
    func loading() throws {
        func problem(_ function: String, limit: Int? = nil) throws -> String {
            var launch = ChildLaunch(
                text: Fixture.describe("first: {\(function)}", more: "init: first"), library: try Fixture.library())
            if let limit { launch.loadLimit = limit }
            let error = #expect(throws: DescriptionError.self) {
                try ProbeRun(try LibraryDescription(parsing: launch.text), launch: launch).run()
            }
            return error?.description ?? ""
        }
        let crash = try problem("symbol: crash, arguments: [really: {type: int32, value: 1}], returns: int32")
        #expect(crash.contains("ended while it loaded, in 'first': \(Self.crash)"), "\(crash)")
        let stuck = try problem("symbol: wait_for_ever", limit: 1)
        #expect(stuck.contains("ended while it loaded"), "\(stuck)")
    }

    @Test("What cannot be started says which program, and why", .timeLimit(.minutes(2)))
    func absent() throws {
        var launch = ChildLaunch(text: try Fixture.text(), library: try Fixture.library(), program: "/nowhere/library")
        let program = #expect(throws: CallFailure.self) { try ChildLibrary(launch: launch).open([:]) }
        #expect(program?.message.contains("could not be started: No such file") == true, "\(program?.message ?? "")")
        launch = ChildLaunch(text: launch.text, library: launch.library, supervisor: "/nowhere/supervisor")
        let supervisor = #expect(throws: CallFailure.self) { try ChildLibrary(launch: launch).open([:]) }
        #expect(supervisor?.message.contains("/nowhere/supervisor cannot be started: No such file") == true)
    }

    @Test("Callbacks after their scope are counted in a child as well", .timeLimit(.minutes(2)))
    func late() throws {
        let library = try open(Clock())
        _ = try library.call("keep_and_call", ("number", .integer(1)))
        _ = try library.call("call_kept", ("number", .integer(2)))
        _ = try library.call("call_kept", ("number", .integer(2)))
        #expect(library.runner.takeStrays() == 2)
        library.close()
    }

    @Test("The wait doubles to its end, and begins anew after a child that ran for as long as the longest wait")
    func delay() {
        var delay = RestartDelay()
        var waits: [UInt64] = []
        for _ in 0..<12 {
            delay.began(at: 0)
            delay.ended(at: 0)
            waits.append(delay.wait(at: 0))
        }
        #expect(waits == [100, 200, 400, 800, 1_600, 3_200, 6_400, 12_800, 25_600, 30_000, 30_000, 30_000])
        delay.began(at: 50_000)
        delay.ended(at: 79_999)
        #expect(delay.wait(at: 79_999) == 30_000)
        delay.began(at: 110_000)
        delay.ended(at: 140_000)
        #expect(delay.wait(at: 140_000) == 100 && delay.wait(at: 140_100) == 0)
    }

    @Test("Every message comes back as it was, and none that is cut does")
    func frames() {
        let values: [Value] = [
            .null, .bool(true), .integer(.min), .unsigned(.max), .real(-0.5), .text("é"), .bytes([0, 255]),
            .floats([1.5, -2]), .list([.null, .list([])]), .record([Member("a", .integer(1))]),
        ]
        let members = values.enumerated().map { Member("m\($0.offset)", $0.element) }
        let request = ChildRequest.call(id: 7, instance: 8, function: "f", arguments: members, dimensions: 384)
        #expect(ChildRequest(frame: request.frame) == request)
        let reply = ChildReply.answer(id: 9, members)
        #expect(ChildReply(frame: reply.frame) == reply)
        for count in 0..<reply.frame.count { #expect(ChildReply(frame: Array(reply.frame[..<count])) == nil) }
        for other: ChildReply in [
            .failure(id: 1, CallFailure(.failed, "why", code: -4)), .opened(id: 1, instance: 2), .closed(id: 3),
            .entered("open"), .strays(4), .event(callback: "note", .integer(5)),
            .loaded([DescriptionProblem(.limit, at: Place(line: 1, column: 2), path: "a", "b")]),
        ] { #expect(ChildReply(frame: other.frame) == other) }
        for other: ChildRequest in [
            .load(text: "a", library: "b"), .open(id: 1, values: ["f": members]), .close(id: 2, instance: 3),
        ] { #expect(ChildRequest(frame: other.frame) == other) }
    }
}
