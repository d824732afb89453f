import Gateway
import Testing

@testable import HostPlugins

@Suite("Sessions of a backend plugin")
struct SessionTests {
    @Test("What belongs to no call comes up through the sink")
    func message() async throws {
        let fixture = try await RunningFixture()
        #expect(fixture.backend.link.traits == [.shareable, .hasHeaders])
        #expect(!fixture.backend.link.listens)
        _ = await fixture.send("push")
        #expect(fixture.session.messages == ["pushed"])
    }

    @Test("A session is lost once, whatever the plugin says")
    func lost() async throws {
        let fixture = try await RunningFixture()
        _ = await fixture.send("lose")
        #expect(fixture.session.losses == [Outcome(.unavailable, message: "it ended")])
        #expect(fixture.session.messages == [])
        #expect(fixture.misbehaviour == [.lostTwice: 1, .messageAfterEnd: 1])
    }

    @Test("PAUSE holds a session back until resumed")
    func pause() async throws {
        let fixture = try await RunningFixture(session: SessionRecorder { $0 == 2 ? .pause : .go })
        _ = await fixture.send("push until pause")
        #expect(fixture.session.messages == ["pushed", "pushed"])
        fixture.backend.link.resumeSession(1)
        #expect(fixture.session.messages == ["pushed", "pushed", "resumed"])
        // Not paused any more: the plugin is not asked.
        fixture.backend.link.resumeSession(1)
        fixture.backend.link.resumeSession(99)
        #expect(fixture.session.messages.count == 3)
    }

    @Test("Nothing comes up from a session that the host closes")
    func close() async throws {
        let fixture = try await RunningFixture()
        let closing = Recorder()
        fixture.backend.link.close(1, context: CallContext(), observer: closing)
        #expect(await closing.ended().outcome == .ok)
        #expect(fixture.session.messages == [])
        // Said while it was closing, which is allowed.
        #expect(fixture.misbehaviour.isEmpty)
        _ = await fixture.send("push")
        #expect(fixture.session.messages == [])
        #expect(fixture.misbehaviour == [.messageAfterEnd: 1])
    }

    @Test("A thousand sessions leave nothing behind")
    func thousand() async throws {
        let fixture = try await RunningFixture()
        for session in 2...1_001 as ClosedRange<UInt64> {
            let opening = Recorder()
            fixture.backend.link.open(
                session, shared: true, context: CallContext(), sessionObserver: SessionRecorder(), observer: opening)
            #expect(await opening.ended().progress == ["shared"])
            let closing = Recorder()
            fixture.backend.link.close(session, context: CallContext(), observer: closing)
            _ = await closing.ended()
        }
        #expect(fixture.backend.openSessions == 1)
        try await until { fixture.pending == 0 }
        await fixture.backend.stop()
        #expect(fixture.backend.openSessions == 0)
    }

    @Test(
        "A table that ends before its optional functions serves, and so does a larger one",
        arguments: [
            "SMALL_BACKEND", "LARGE_BACKEND",
        ])
    func otherMinors(define: String) async throws {
        // Without resume_session a session is never paused, so PAUSE would never come: STOP is asked for.
        let fixture = try await RunningFixture(defines: [define], session: SessionRecorder { _ in .pause })
        #expect(await fixture.send("push").outcome == .ok)
        #expect(fixture.session.messages == ["pushed"])
        fixture.backend.link.resumeSession(1)
        let resumed = define == "LARGE_BACKEND" ? ["pushed", "resumed"] : ["pushed"]
        #expect(fixture.session.messages == resumed)
    }

    @Test("A stopped backend refuses sessions and messages")
    func stopped() async throws {
        let fixture = try await RunningFixture()
        await fixture.backend.stop()
        let record = await fixture.send("hello")
        #expect(record.outcome == Outcome(.unavailable, notSent: true, message: "the backend is not running"))
        let opening = Recorder()
        fixture.backend.link.open(
            2, shared: false, context: CallContext(), sessionObserver: SessionRecorder(), observer: opening)
        #expect(await opening.ended().outcome.status == .unavailable)
        #expect(fixture.backend.openSessions == 0)
    }
}
