import Gateway
import Testing

@testable import HostPlugins

@Suite("Calls of a plugin, right and wrong")
struct CallTests {
    @Test(
        "An answer comes as a message, as the last of resolve, or from a thread",
        arguments: [
            ("hello", [], "hello"), ("message", ["a message"], ""), ("thread", [], "from a thread"),
        ])
    func answers(command: String, messages: [String], last: String) async throws {
        let fixture = try await RunningFixture()
        let record = await fixture.send(command)
        #expect(record.outcome == .ok)
        #expect(record.messages == messages)
        #expect(record.lastText == last)
        #expect(record.ends.count == 1)
        try await until { fixture.pending == 0 }
        #expect(fixture.misbehaviour.isEmpty)
    }

    @Test(
        "Misbehaviour is survived and counted",
        arguments: [
            ("twice", Misbehaviour.resolvedTwice, Outcome.Status.ok, "first"),
            ("after", .emittedAfterEnd, .ok, "end"),
            ("foreign", .foreignContext, .ok, "mine"),
            ("unknown status", .unknownStatus, .internalError, ""),
            ("no outcome", .noOutcome, .internalError, ""),
            ("unknown kind", .unknownKind, .ok, ""),
        ])
    func misbehaviour(command: String, kind: Misbehaviour, status: Outcome.Status, last: String) async throws {
        let fixture = try await RunningFixture()
        let record = await fixture.send(command)
        #expect(record.outcome.status == status)
        #expect(record.lastText == last)
        // The end may be told before the plugin's next wrong step: a second call comes after it.
        #expect(await fixture.send("hello").outcome == .ok)
        #expect(record.ends.count == 1)
        #expect(fixture.misbehaviour == [kind: 1])
        try await until { fixture.pending == 0 }
    }

    @Test("NULL with a size counts as nothing")
    func nullData() async throws {
        let fixture = try await RunningFixture()
        let record = await fixture.send("null data")
        #expect(record.messages == [""])
        #expect(record.last == [])
        #expect(fixture.misbehaviour == [.nullData: 2])
    }

    @Test("An unknown status is told with its number")
    func unknownStatus() async throws {
        let record = await (try await RunningFixture()).send("unknown status")
        #expect(record.outcome.message == "the plugin answered the unknown status 77")
    }

    @Test("Every field of an outcome comes through, and those of a smaller one are zero")
    func outcome() async throws {
        let fixture = try await RunningFixture()
        let full = await fixture.send("full outcome")
        #expect(
            full.outcome
                == Outcome(
                    .unauthenticated, notSent: true, sessionLost: true, httpStatus: 401, retryAfter: 1_500,
                    message: "sign in", challenge: "Bearer"))
        #expect(full.lastText == "{}")
        #expect(await fixture.send("small outcome").outcome == Outcome(.unavailable))
    }

    @Test("Headers and trace context reach the plugin")
    func headers() async throws {
        let fixture = try await RunningFixture()
        let context = CallContext(
            headers: [Header("mcp-method", "tools/call"), Header("x-empty", "")], traceParent: "00-1-2-01",
            traceState: "a=b")
        let record = await fixture.send("headers", context)
        #expect(record.messages == ["mcp-method", "tools/call", "x-empty", "", "00-1-2-01"])
        #expect(record.lastText == "a=b")
    }

    @Test("A megabyte in chunks arrives as one message")
    func chunks() async throws {
        let fixture = try await RunningFixture()
        let record = await fixture.send("chunks")
        #expect(record.last.count == 16 * 65_536 + 3)
        #expect(record.last.suffix(4).elementsEqual(Array("cend".utf8)))
        #expect(record.messages.isEmpty)
    }

    @Test("A result over the limit ends the call, and the plugin is told to stop")
    func flood() async throws {
        let fixture = try await RunningFixture(limits: PluginLimits(messageBytes: 1 << 20))
        let record = await fixture.send("flood")
        #expect(record.outcome.status == .exhausted)
        #expect(record.outcome.message == "the plugin's answer is over the limit of 1048576 bytes")
        #expect(record.last.isEmpty)
        // It resolved after STOP, which is what it must do.
        #expect(await fixture.send("hello").outcome == .ok)
        try await until { fixture.backend.counts.late == 1 }
        #expect(fixture.misbehaviour.isEmpty)
    }

    @Test("PAUSE holds the plugin back until resume")
    func pause() async throws {
        let fixture = try await RunningFixture()
        let observer = Recorder { $0 == 3 ? .pause : .go }
        let call = fixture.begin("pause", CallContext(), observer)
        #expect(observer.current.messages == ["more", "more", "more"])
        fixture.backend.link.resume(call)
        let record = await observer.ended()
        #expect(record.messages == ["more", "more", "more", "resumed"])
        #expect(record.lastText == "end")
        // Nothing is paused any more.
        fixture.backend.link.resume(call)
        #expect(fixture.misbehaviour.isEmpty)
    }

    @Test("A plugin without resume is never paused")
    func neverPaused() async throws {
        let fixture = try await RunningFixture(defines: ["NO_RESUME"])
        let record = await fixture.send("stop", CallContext(), Recorder { $0 == 5 ? .stop : .pause })
        #expect(record.messages.count == 5)
        #expect(record.lastText == "")
        #expect(record.outcome == .ok)
    }

    @Test("After STOP nothing is handed over, and the call still ends")
    func stop() async throws {
        let fixture = try await RunningFixture()
        let record = await fixture.send("stop", CallContext(), Recorder { $0 == 3 ? .stop : .go })
        #expect(record.messages.count == 3)
        #expect(record.outcome == .ok)
        #expect(record.ends.count == 1)
    }

    @Test("Data from four threads at a time is handed over one by one, none lost")
    func threads() async throws {
        let fixture = try await RunningFixture()
        let record = await fixture.send("threads")
        #expect(record.messages.count == 400)
        #expect(record.overlap == 1)
        #expect(record.ends.count == 1)
        #expect(record.lastText == "all")
    }

    @Test("A call that the plugin never resolves ends at its deadline, and cancel is advised")
    func deadline() async throws {
        let fixture = try await RunningFixture()
        let record = await fixture.send("keep", CallContext(deadline: MonotonicClock.now() + 20))
        #expect(record.outcome.status == .timeout)
        #expect(record.outcome.message == "the backend did not answer in time")
        try await until { fixture.backend.counts.timedOut == 1 }
        // The fixture resolves in cancel, which comes from another thread.
        try await until { fixture.pending == 0 }
        try await until { fixture.backend.counts.late == 1 }
        #expect(fixture.misbehaviour.isEmpty)
    }

    @Test("A late answer finds nobody and does no harm")
    func late() async throws {
        let fixture = try await RunningFixture(defines: ["NO_CANCEL"])
        let observer = Recorder()
        let record = await fixture.send("keep", CallContext(deadline: MonotonicClock.now() + 20), observer)
        #expect(record.outcome.status == .timeout)
        try await until { fixture.pending == 1 }
        #expect(await fixture.send("release").lastText == "released")
        try await until { fixture.pending == 0 }
        try await until { fixture.backend.counts.late == 1 }
        #expect(observer.current.ends.count == 1)
    }

    @Test("Silence ends a call, data does not let it")
    func idle() async throws {
        let fixture = try await RunningFixture()
        let record = await fixture.send("keep", CallContext(idle: 20))
        #expect(record.outcome.status == .timeout)
        #expect(await fixture.send("message", CallContext(idle: 60_000)).outcome == .ok)
    }

    @Test("A cancelled call is resolved by the plugin")
    func cancel() async throws {
        let fixture = try await RunningFixture()
        let observer = Recorder()
        let call = fixture.begin("keep", CallContext(), observer)
        fixture.backend.link.cancel(call, reason: .byClient)
        let record = await observer.ended()
        #expect(record.outcome.status == .cancelled)
        #expect(record.lastText == "cancelled")
        // Unknown by now.
        fixture.backend.link.cancel(call, reason: .byClient)
        fixture.backend.link.cancel(12_345, reason: .byClient)
        try await until { fixture.pending == 0 }
    }

    @Test("Probe and usage are there when the plugin offers them")
    func probe() async throws {
        let fixture = try await RunningFixture()
        #expect(fixture.backend.probe.checks)
        #expect(await fixture.backend.probe.check(context: CallContext()) == .ok)
        let usage = try #require(fixture.backend.probe.usage())
        #expect(usage.memoryBytes > 0)
        await fixture.backend.stop()
        #expect(fixture.backend.probe.usage() == nil)
    }
}
