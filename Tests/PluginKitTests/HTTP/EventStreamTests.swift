import PluginAPI
import PluginKit
import Testing

@Suite("HTTP+SSE through the ABI")
struct EventStreamTests {
    private static let spec = #""remoteUrl":"http://h/a/sse","transport":"sse""#

    private func opened() throws -> (instance: TestInstance, sink: TestSink, get: TestExchange) {
        let instance = try remote(Self.spec)
        let sink = TestSink()
        let call = instance.open(1, sink: sink)
        let get = instance.host.exchange()
        #expect(call.ending == nil)
        get.head(200, stream)
        get.body("event: endpoint\ndata: /messages?session=1\n\n")
        #expect(call.outcome == .ok)
        return (instance, sink, get)
    }

    @Test("The traits say that answers arrive on the session, and that there is no other stream")
    func traits() throws {
        let backend = try #require(try remote(Self.spec).backend)
        #expect(backend.traits == BackendTraits([.hasHeaders, .remote, .answersOnSession]).rawValue)
        #expect(backend.listen == nil)
        let other = try #require(try remote().backend)
        #expect(other.traits == BackendTraits([.hasHeaders, .remote]).rawValue)
        #expect(other.listen != nil)
    }

    @Test("Messages are posted where the first event says; what the stream brings goes to the sink")
    func exchange() throws {
        let (instance, sink, get) = try opened()
        #expect(get.totalTimeout == 0, "the stream outlives the call that opened it")
        #expect(get.maximumResponse == .max, "the stream is not over after the bytes of one response")
        let call = instance.send(1, #"{"id":1}"#)
        let post = instance.host.exchange(1)
        #expect(post.method == "POST" && post.url == "http://h/messages?session=1" && post.body == #"{"id":1}"#)
        post.respond(202, [], "Accepted")
        #expect(call.outcome == .ok && call.ending?.last == "")
        get.body("event: message\ndata: {\"id\":1,\"result\":{}}\n\n: keep-alive\n\ndata: {\"method\":\"x\"}\n\n")
        #expect(sink.messages == [#"{"id":1,"result":{}}"#, #"{"method":"x"}"#])
    }

    @Test("A paused sink holds the stream until the session is resumed")
    func pause() throws {
        let (instance, sink, get) = try opened()
        sink.answer(.pause)
        #expect(get.body("data: {\"n\":1}\n\ndata: {\"n\":2}\n\n") == .pause)
        #expect(sink.messages.count == 1)
        sink.answer(.go)
        instance.resumeSession(1)
        #expect(sink.messages.count == 2 && get.resumes == 1)
    }

    @Test("The end of the stream is the end of the session")
    func lost() throws {
        let (instance, sink, get) = try opened()
        get.end()
        #expect(sink.lost.count == 1 && sink.lost.first?.sessionLost == true)
        #expect(instance.send(1, "{}").outcome?.sessionLost == true)
    }

    @Test("A session that the host closed is not reported as lost")
    func closed() throws {
        let (instance, sink, get) = try opened()
        let call = instance.send(1, "{}")
        #expect(instance.close(1).outcome == .ok)
        #expect(get.wasCancelled && sink.lost.isEmpty)
        #expect(call.outcome?.status == .cancelled)
    }

    @Test(
        "An endpoint on another origin is refused",
        arguments: ["http://evil/m", "//evil/m", "https://h/m", "http://h:81/m", "http://h.evil/m", "http://h@evil/m"])
    func otherOrigin(endpoint: String) throws {
        let instance = try remote(Self.spec)
        let call = instance.open(1)
        let get = instance.host.exchange()
        get.head(200, stream)
        #expect(get.body("event: endpoint\ndata: \(endpoint)\n\n") == .stop)
        #expect(call.outcome?.status == .protocolError)
        #expect(instance.send(1, "{}").outcome?.notSent == true)
    }

    @Test("Opening fails with what the server answers")
    func refused() throws {
        for (status, headers, verdict) in [
            (401, [], .unauthenticated), (404, [], .notFound), (200, json, .protocolError),
        ] as [(UInt32, [(String, String)], Status)] {
            let instance = try remote(Self.spec)
            let call = instance.open(1)
            instance.host.exchange().head(status, headers)
            instance.host.exchange().end(.cancelled)
            #expect(call.outcome?.status == verdict)
        }
        let instance = try remote(Self.spec)
        let call = instance.open(1)
        instance.host.exchange().respond(200, stream, ": nothing\n\n")
        #expect(call.outcome?.status == .protocolError)
    }

    @Test("A post that the server does not know the session of loses the session")
    func unknownSession() throws {
        let (instance, _, _) = try opened()
        let call = instance.send(1, "{}")
        instance.host.exchange(1).respond(404, json, #"{"error":{}}"#)
        #expect(call.outcome?.sessionLost == true && call.ending?.last == #"{"error":{}}"#)
    }
}
