import PluginKit
import Testing

@testable import StreamableHTTP

@Suite("Streamable HTTP that turns out to be HTTP+SSE, through the ABI")
struct FallbackTests {
    private static let initialize = #"{"jsonrpc":"2.0","id":1,"method":"initialize","params":{}}"#
    private static let endpoint = "event: endpoint\ndata: /messages?session=1\n\n"

    /// A session whose server has refused `initialize`: its call, and the request for a stream.
    private func refused(
        _ instance: TestInstance, _ status: UInt32 = 405, sink: TestSink = TestSink()
    ) -> (call: TestCall, get: TestExchange) {
        instance.open(1, sink: sink)
        let call = instance.send(1, Self.initialize)
        instance.host.exchange().respond(status, json, #"{"error":"no"}"#)
        return (call, instance.host.exchange(1))
    }

    /// A session that is one over HTTP+SSE, and the number of exchanges that took.
    private func turned(_ instance: TestInstance, sink: TestSink = TestSink()) -> (get: TestExchange, count: Int) {
        let (call, get) = refused(instance, sink: sink)
        get.head(200, stream)
        get.body(Self.endpoint)
        instance.host.exchange(2).respond(202)
        get.body("data: {\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}\n\n")
        #expect(call.outcome == .ok && call.ending?.last == #"{"jsonrpc":"2.0","id":1,"result":{}}"#)
        return (get, 3)
    }

    @Test("After 400, 404 or 405 to initialize a stream is asked for, and initialize posted where it says")
    func turns() throws {
        for status in [400, 404, 405] as [UInt32] {
            let instance = try remote()
            let (call, get) = refused(instance, status)
            #expect(get.method == "GET" && get.url == "https://h/mcp" && get["accept"] == "text/event-stream")
            #expect(call.ending == nil)
            get.head(200, stream)
            get.body(": hello\n\n" + Self.endpoint)
            let post = instance.host.exchange(2)
            #expect(post.method == "POST" && post.url == "https://h/messages?session=1")
            #expect(post.body == Self.initialize)
            post.respond(202, [], "Accepted")
            #expect(call.ending == nil, "the answer comes on the stream")
            get.body("event: message\ndata: {\"id\":1,\"result\":{}}\n\n")
            #expect(call.outcome == .ok && call.ending?.last == #"{"id":1,"result":{}}"#)
        }
    }

    @Test("Answers end the calls that asked, in whatever order; all else belongs to the session")
    func answers() throws {
        let (instance, sink) = (try remote(), TestSink())
        let (get, count) = turned(instance, sink: sink)
        let calls = ["2", #""3""#].map { instance.send(1, #"{"id":\#($0) , "method":"tools/call"}"#) }
        // The answer may be there before the server is done with the post.
        get.body(#"data: {"result":{"id":9},"id": "3"}"# + "\n\n" + #"data: {"method":"x","id":2}"# + "\n\n")
        #expect(calls[1].outcome == .ok && calls[1].ending?.last == #"{"result":{"id":9},"id": "3"}"#)
        for index in 0..<2 { instance.host.exchange(count + index).respond(202) }
        #expect(calls[0].ending == nil && sink.messages == [#"{"method":"x","id":2}"#])
        get.body(#"data: {"id":2,"error":{}}"# + "\n\n")
        #expect(calls[0].outcome == .ok && calls[0].ending?.last == #"{"id":2,"error":{}}"#)
        get.body(#"data: {"id":2,"result":{}}"# + "\n\n")
        #expect(sink.messages.count == 2, "a second answer is for the host to judge")
        for message in [#"{"method":"notifications/x"}"#, #"{"id":2,"result":{}}"#] {
            let call = instance.send(1, message)
            instance.host.exchanges.last?.respond(202)
            #expect(call.outcome == .ok, "\(message) gets no answer")
        }
    }

    @Test("Calls under way end with the stream, when they are cancelled, and when their post is refused")
    func ends() throws {
        let (instance, sink) = (try remote(), TestSink())
        let (get, count) = turned(instance, sink: sink)
        let calls = (2...4).map { instance.send(1, #"{"id":\#($0),"method":"tools/call"}"#) }
        instance.host.exchange(count).respond(202)
        instance.host.exchange(count + 1).respond(413, json, #"{"error":{}}"#)
        #expect(calls[1].outcome?.status == .exhausted && calls[1].ending?.last == #"{"error":{}}"#)
        instance.cancel(calls[2])
        #expect(calls[2].outcome?.status == .cancelled && calls[0].ending == nil)
        get.end()
        #expect(calls[0].outcome?.sessionLost == true && calls[0].outcome?.notSent == false)
        #expect(sink.lost.count == 1)
        #expect(instance.send(1, "{}").outcome?.sessionLost == true)
    }

    @Test("A server that has no such stream is told of as it answered the POST")
    func noStream() throws {
        let streams: [(TestExchange) -> Void] = [
            { $0.respond(405, json) }, { $0.respond(200, json, "{}") }, { $0.respond(200, stream) },
            { get in
                get.head(200, stream)
                #expect(get.body("data: {\"method\":\"x\"}\n\n") == .stop)
                get.end(.cancelled)
            },
        ]
        for answer in streams {
            let instance = try remote()
            let (call, get) = refused(instance)
            answer(get)
            let outcome = try #require(call.outcome)
            #expect(outcome.status == .unsupported && outcome.httpStatus == 405, "\(outcome)")
            #expect(outcome.message.contains("nor does it speak HTTP+SSE: "))
            #expect(call.ending?.last == #"{"error":"no"}"#)
            // The session is what it was: the host may ask for the other era.
            let again = instance.send(1, #"{"id":2,"method":"server/discover"}"#)
            instance.host.exchange(2).respond(200, json, #"{"id":2,"result":{}}"#)
            #expect(again.outcome == .ok)
        }
    }

    @Test("A stream without a first event is given up after five seconds, and so is one that nobody waits for")
    func silence() throws {
        let instance = try remote()
        let (call, get) = refused(instance)
        get.head(200, stream)
        instance.host.advance(FallbackSession.firstEvent - 1)
        #expect(!get.wasCancelled && call.ending == nil)
        instance.host.advance(1)
        #expect(get.wasCancelled && call.outcome?.httpStatus == 405)
        #expect(instance.host.timerCount == 0)
        for ends in [{ $0.cancel($1) }, { instance, _ in instance.close(1) }] as [(TestInstance, TestCall) -> Void] {
            let instance = try remote()
            let (call, get) = refused(instance)
            get.head(200, stream)
            ends(instance, call)
            #expect(get.wasCancelled && call.outcome?.status == .cancelled && instance.host.timerCount == 0)
        }
    }

    @Test("Other refusals, other messages and servers that have served before are asked for no stream")
    func otherRefusals() throws {
        for status in [401, 403, 406, 429, 500] as [UInt32] {
            let instance = try remote()
            instance.open(1)
            let call = instance.send(1, Self.initialize)
            instance.host.exchange().respond(status)
            #expect(call.outcome?.httpStatus == Int(status) && instance.host.exchanges.count == 1)
        }
        let instance = try remote()
        instance.open(1)
        instance.send(1, #"{"id":1,"method":"server/discover"}"#)
        instance.host.exchange().respond(405)
        #expect(instance.host.exchanges.count == 1)
        instance.send(1, Self.initialize)
        instance.host.exchange(1).respond(200, json, "{}")
        instance.send(1, Self.initialize)
        instance.host.exchange(2).respond(405)
        #expect(instance.host.exchanges.count == 3)
    }

    @Test("What was found is remembered: the next session begins with the stream")
    func remembered() throws {
        let instance = try remote()
        let (_, count) = turned(instance)
        let opened = instance.open(2)
        let get = instance.host.exchange(count)
        #expect(get.method == "GET" && opened.ending == nil)
        get.head(200, stream)
        get.body("event: endpoint\ndata: /messages?session=2\n\n")
        #expect(opened.outcome == .ok)
        instance.send(2, Self.initialize)
        #expect(instance.host.exchange(count + 1).url == "https://h/messages?session=2")
        #expect(instance.listen(2).outcome?.status == .unsupported)
    }

    @Test("A server that speaks streamable HTTP by now gets it; one that is not there is no verdict")
    func foundAnew() throws {
        for (answer, isVerdict) in [
            ({ $0.respond(405) }, true), ({ $0.respond(404) }, true), ({ $0.respond(200, json, "{}") }, true),
            ({ $0.end(.unavailable, notSent: true) }, false), ({ $0.respond(503) }, false),
            ({ $0.respond(401) }, false),
        ] as [((TestExchange) -> Void, Bool)] {
            let instance = try remote()
            let (_, count) = turned(instance)
            let opened = instance.open(2)
            answer(instance.host.exchange(count))
            #expect((opened.outcome == .ok) == isVerdict)
            instance.open(3)
            if isVerdict {
                instance.send(2, Self.initialize)
                let post = instance.host.exchange(count + 1)
                #expect(post.method == "POST" && post.url == "https://h/mcp")
                #expect(instance.host.exchanges.count == count + 2)
            } else {
                #expect(instance.send(2, "{}").outcome?.sessionLost == true)
                #expect(instance.host.exchange(count + 1).method == "GET")
            }
        }
    }
}
