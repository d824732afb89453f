import PluginKit
import Testing

@Suite("Servers over a port")
struct PortTests {
    private static let spec =
        #""image":"exec:server","transport":"streamable-http","mcpPort":4000,"args":["--port","{port}"],"env":[{"name":"URL","value":":{port}/"}]"#

    /// Answers the probe, so that the server counts as there.
    private func answerProbe(_ host: TestHost, after count: Int = 0) {
        let probe = host.exchange(count)
        #expect(probe.method == "HEAD" && probe.url.hasPrefix("http://127.0.0.1:"))
        probe.respond(404)
    }

    @Test("The process is told its port, and sessions are opened once something answers there")
    func start() throws {
        let instance = try server(Self.spec)
        let call = instance.open(1)
        let child = instance.host.child()
        #expect(child.arguments == ["/bin/server", "--port", "4000"])
        #expect(child.environment.map { "\($0.0)=\($0.1)" } == ["URL=:4000/", "MCP_PORT=4000", "PORT=4000"])
        #expect(call.progress.count == 1)
        instance.host.exchange().end(.unavailable, notSent: true)
        #expect(call.ending == nil)
        instance.host.advance(50)
        answerProbe(instance.host, after: 1)
        #expect(call.outcome == .ok)
        instance.send(1, "{}")
        let post = instance.host.exchange(2)
        #expect(post.url == "http://127.0.0.1:4000/mcp" && post.options.contains(.allowPrivate))
    }

    @Test("Without a port the process gets a free one")
    func freePort() throws {
        let instance = try server(#""image":"exec:server","transport":"sse","args":["{port}"]"#)
        instance.open(1)
        let port = try #require(Int(instance.host.child().arguments[1]))
        #expect((1_024...65_535).contains(port))
        answerProbe(instance.host)
        #expect(instance.host.exchange(1).url == "http://127.0.0.1:\(port)/sse")
    }

    @Test("Several sessions share one process, also while it starts")
    func shared() throws {
        let instance = try server(Self.spec)
        let calls = [instance.open(1), instance.open(2)]
        #expect(instance.host.children.count == 1)
        answerProbe(instance.host)
        #expect(calls.allSatisfy { $0.outcome == .ok })
        #expect(instance.open(3).outcome == .ok)
        #expect(instance.host.children.count == 1)
    }

    @Test("A call that is cancelled while the server starts ends alone")
    func cancelled() throws {
        let instance = try server(Self.spec)
        let calls = [instance.open(1), instance.open(2)]
        instance.cancel(calls[0], .deadline)
        #expect(calls[0].outcome?.status == .timeout)
        answerProbe(instance.host)
        #expect(calls[1].outcome == .ok && calls[0].endings.count == 1)
    }

    @Test("A server that dies while it starts fails those who wait, with its last words")
    func diesWhileStarting() throws {
        let instance = try server(Self.spec)
        let call = instance.open(1)
        instance.host.child().say("address in use", on: .error)
        instance.host.child().exit(1)
        #expect(call.outcome?.status == .unavailable && call.outcome?.notSent == true)
        #expect(call.outcome?.message == "the server exited with code 1: address in use")
        instance.host.exchange().end(.unavailable, notSent: true)
        instance.host.advance(10_000)
        #expect(instance.host.exchanges.count == 1, "nobody asks for a server that is gone")
        instance.open(2)
        #expect(instance.host.children.count == 2)
    }

    @Test("A server that never listens is ended in the end, and that is what is said of it")
    func neverListens() throws {
        let instance = try server(Self.spec)
        let call = instance.open(1)
        let host = instance.host
        let start = host.now
        var asked = 0
        while host.exchanges.count > asked, asked < 1_000 {
            host.exchange(asked).end(.unavailable, notSent: true)
            asked += 1
            host.advance(500)
        }
        #expect((120_000..<125_000).contains(host.now - start) && call.ending == nil)
        host.child().exit(0, signal: 15)
        #expect(call.outcome?.message == "the server did not answer on port 4000 within 120 s")
    }

    @Test("The death of the server is the end of all its sessions")
    func dies() throws {
        let instance = try server(Self.spec)
        let sink = TestSink()
        instance.open(1, sink: sink)
        answerProbe(instance.host)
        let call = instance.send(1, "{}")
        instance.host.child().say("listening")
        instance.host.child().exit(0, signal: 11)
        #expect(call.outcome == Outcome(.unavailable, "the server was ended by signal 11", sessionLost: true))
        #expect(instance.host.exchange(1).wasCancelled)
        #expect(sink.lost.first?.message == "the server was ended by signal 11")
        #expect(instance.send(1, "{}").outcome?.sessionLost == true)
        #expect(instance.host.states.first?.hasPrefix("2 ") == true)
    }

    @Test("A server that never answers is given up")
    func neverAnswers() throws {
        let instance = try server(Self.spec)
        let call = instance.open(1)
        var asked = 0
        while instance.host.child().notes.isEmpty, asked < 1_000 {
            instance.host.exchange(asked).end(.unavailable, notSent: true)
            asked += 1
            instance.host.advance(500)
        }
        #expect(instance.host.child().notes == ["stop 2000"])
        instance.host.child().exit(0, signal: 15)
        #expect(call.outcome?.status == .unavailable)
    }

    @Test("Shutting down ends the process and waits for it")
    func quiesce() throws {
        let instance = try server(Self.spec)
        instance.open(1)
        answerProbe(instance.host)
        let quiesce = instance.quiesce()
        #expect(quiesce.ending == nil && instance.host.child().notes == ["stop 2000"])
        instance.host.child().exit(0, signal: 15)
        #expect(quiesce.outcome == .ok)
        #expect(instance.host.states.isEmpty)
    }
}
