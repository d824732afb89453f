import PluginAPI
import PluginKit
import Testing

@Suite("Servers over pipes")
struct PipeTests {
    @Test("Each session has its process; a message is a line, and each line a message")
    func exchange() throws {
        let instance = try server()
        let sinks = [TestSink(), TestSink()]
        #expect(instance.open(1, sink: sinks[0]).outcome == .ok)
        #expect(instance.open(2, sink: sinks[1]).outcome == .ok)
        #expect(instance.host.children.count == 2)
        #expect(instance.send(1, "{\r\n \"id\": 1 }").outcome == .ok)
        #expect(instance.send(1, "{}").outcome == .ok)
        #expect(instance.host.child().input == "{   \"id\": 1 }\n{}\n", "line ends are white space in JSON")
        instance.host.child().say(#"{"id":1,"result":{}}"#)
        instance.host.child(1).say(#" [{"id":2}]"#)
        #expect(sinks[0].messages == [#"{"id":1,"result":{}}"#])
        #expect(sinks[1].messages == [#" [{"id":2}]"#])
    }

    @Test("Lines that are no messages are dropped and told now and then")
    func garbage() throws {
        let instance = try server()
        let sink = TestSink()
        instance.open(1, sink: sink)
        for line in ["Welcome!", "", "   ", "more", "{\"ok\":1}"] { instance.host.child().say(line) }
        #expect(sink.messages == ["{\"ok\":1}"])
        #expect(instance.host.lines.filter { $0.hasPrefix("3 ") }.count == 1)
        #expect(instance.host.lines.first?.contains("lines=1 start=Welcome!") == true)
        instance.host.advance(10_000)
        instance.host.child().say("again")
        #expect(instance.host.lines.last?.contains("lines=2 start=again") == true)
    }

    @Test("Standard error goes to the log, bounded")
    func standardError() throws {
        let instance = try server()
        instance.open(1)
        instance.host.child().say("starting", on: .error)
        instance.host.child().say(String(repeating: "x", count: 5_000), on: .error)
        #expect(instance.host.lines.first == "2 server says stream=stderr line=starting")
        #expect((instance.host.lines.last ?? "").utf8.count < 2_100)
    }

    @Test("A slow client holds the server's output, and more is asked for when it can")
    func outputPause() throws {
        let instance = try server()
        let sink = TestSink()
        instance.open(1, sink: sink)
        sink.answer(.pause)
        #expect(instance.host.child().say("{}") == .pause)
        instance.resumeSession(1)
        #expect(instance.host.child().notes == ["resume 1"])
    }

    @Test("A slow server holds the calls, in order, until it reads again")
    func inputPause() throws {
        let instance = try server()
        instance.open(1)
        instance.host.child().answerWrites(.pause)
        #expect(instance.send(1, "1").outcome == .ok, "the first is taken")
        let waiting = ["2", "3"].map { instance.send(1, $0) }
        #expect(waiting.allSatisfy { $0.ending == nil })
        instance.host.child().drain()
        #expect(waiting.allSatisfy { $0.outcome == .ok })
        #expect(instance.host.child().input == "1\n2\n3\n")
    }

    @Test("What waits when the server dies was not sent")
    func diesWhileWaiting() throws {
        let instance = try server()
        instance.open(1)
        instance.host.child().answerWrites(.pause)
        instance.send(1, "1")
        let waiting = instance.send(1, "2")
        instance.host.child().exit(1)
        #expect(waiting.outcome?.notSent == true && waiting.outcome?.sessionLost == true)
        #expect(instance.send(1, "3").outcome?.notSent == true)
    }

    @Test("A server that closed its input gets nothing")
    func closedInput() throws {
        let instance = try server()
        instance.open(1)
        instance.host.child().answerWrites(.stop)
        let call = instance.send(1, "1")
        #expect(call.outcome?.status == .unavailable && call.outcome?.notSent == true)
    }

    @Test("The end of a process is the end of its session, with its last words")
    func lost() throws {
        let instance = try server()
        let sinks = [TestSink(), TestSink()]
        instance.open(1, sink: sinks[0])
        instance.open(2, sink: sinks[1])
        instance.host.child().say("no such repository", on: .error)
        instance.host.child().exit(3)
        #expect(sinks[0].lost.first?.message == "the server exited with code 3: no such repository")
        #expect(sinks[0].lost.first?.sessionLost == true && sinks[0].lost.count == 1)
        instance.host.child(1).exit(0, signal: 9)
        #expect(sinks[1].lost.first?.message == "the server was ended by signal 9")
    }

    @Test("Closing ends the process politely, and is done when it is gone")
    func close() throws {
        let instance = try server()
        let sink = TestSink()
        instance.open(1, sink: sink)
        let close = instance.close(1)
        #expect(instance.host.child().notes == ["stop 2000"])
        #expect(close.ending == nil)
        instance.host.child().say("{}")
        instance.host.child().exit(0, signal: 15)
        #expect(close.outcome == .ok)
        #expect(sink.lost.isEmpty && sink.messages.isEmpty)
        #expect(instance.host.states.isEmpty, "an end that was asked for is no death")
        #expect(instance.close(1).outcome == .ok && instance.close(77).outcome == .ok)
    }

    @Test("Shutting down ends all processes, waits for them, and starts none any more")
    func quiesce() throws {
        let instance = try server()
        instance.open(1)
        instance.open(2)
        let quiesce = instance.quiesce()
        #expect(instance.host.children.allSatisfy { $0.notes == ["stop 2000"] })
        instance.host.child().exit()
        #expect(quiesce.ending == nil)
        instance.host.child(1).exit()
        #expect(quiesce.outcome == .ok)
        #expect(instance.open(3).outcome?.status == .unavailable)
        #expect(instance.host.children.count == 2)
    }

    @Test("After a death the next start waits for its delay")
    func backoff() throws {
        let instance = try server()
        instance.open(1)
        instance.host.child().exit(1)
        #expect(instance.host.states == ["2 the server exited with code 1; it may start again in 500 ms"])
        let call = instance.open(2)
        #expect(call.ending == nil)
        instance.host.advance(499)
        #expect(instance.host.children.count == 1)
        instance.host.advance(1)
        #expect(call.outcome == .ok && instance.host.children.count == 2)
        instance.host.child(1).say("{}")
        #expect(instance.host.states.last == "1 ")
    }

    @Test("A start that cannot wait so long says when to try again")
    func backoffBeyondDeadline() throws {
        let instance = try server()
        instance.open(1)
        instance.host.child().exit(1)
        let call = instance.open(2, deadline: instance.host.now + 400)
        #expect(call.outcome?.status == .unavailable && call.outcome?.retryAfter == 500)
        #expect(call.outcome?.notSent == true)
    }

    @Test("A start that is cancelled while it waits starts nothing")
    func backoffCancelled() throws {
        let instance = try server()
        instance.open(1)
        instance.host.child().exit(1)
        let call = instance.open(2)
        instance.cancel(call, .deadline)
        #expect(call.outcome?.status == .timeout)
        instance.host.advance(60_000)
        #expect(instance.host.children.count == 1 && instance.host.timerCount == 0)
    }

    @Test("A server that dies again and again is down")
    func down() throws {
        let instance = try server()
        for session in 1...3 {
            instance.open(UInt64(session))
            instance.host.advance(30_000)
            instance.host.child(session - 1).exit(1)
        }
        #expect(instance.host.states.map { $0.prefix(2) } == ["2 ", "2 ", "3 "])
    }

    @Test("The instance tells how many processes it has")
    func usage() throws {
        let instance = try server()
        instance.open(1)
        let resources = try #require(instance.capability(VMCP_RESOURCES, as: vmcp_resources.self))
        var usage = vmcp_usage()
        usage.struct_size = UInt32(MemoryLayout<vmcp_usage>.size)
        resources.usage(instance.opaque, &usage)
        #expect(usage.processes == 1 && usage.sessions == 1)
    }
}
