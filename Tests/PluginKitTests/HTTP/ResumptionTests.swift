import PluginKit
import Testing

@Suite("Streams that end early")
struct ResumptionTests {
    private func streaming(_ body: String) throws -> (instance: TestInstance, call: TestCall) {
        let instance = try remote()
        instance.open(1)
        instance.send(1, "{}")
        instance.host.exchange().respond(200, json + [("mcp-session-id", "s")], "{}")
        let call = instance.send(1, #"{"id":1,"method":"tools/call"}"#)
        instance.host.exchange(1).head(200, stream)
        instance.host.exchange(1).body(body)
        return (instance, call)
    }

    @Test("A stream without ids that ends before the answer ends the call; the host knows what is missing")
    func withoutIDs() throws {
        let (instance, call) = try streaming("data: {\"method\":\"x\"}\n\n")
        instance.host.exchange(1).end()
        #expect(call.outcome?.status == .ok && call.ending?.last == "")
        #expect(call.messages.count == 1)
    }

    @Test("A stream without ids that breaks ends the call as the http service says, never as not sent")
    func brokenWithoutIDs() throws {
        let (instance, call) = try streaming("data: {\"method\":\"x\"}\n\n")
        instance.host.exchange(1).end(.unavailable, notSent: true, "reset")
        #expect(call.outcome == Outcome(.unavailable, "reset"))
    }

    @Test("A stream with ids is taken up by GET after the time the server names", arguments: [Status.ok, .unavailable])
    func resumed(end: Status) throws {
        let (instance, call) = try streaming("id: e1\nretry: 300\ndata:\n\n")
        instance.host.exchange(1).end(end)
        #expect(call.ending == nil)
        instance.host.advance(299)
        #expect(instance.host.exchanges.count == 2)
        instance.host.advance(1)
        let get = instance.host.exchange(2)
        #expect(get.method == "GET" && get["Last-Event-ID"] == "e1" && get["Mcp-Session-Id"] == "s")
        #expect(get["Accept"] == "text/event-stream")
        get.head(200, stream)
        get.body("id: e2\ndata: {\"id\":1,\"result\":{}}\n\n")
        get.end()
        #expect(call.ending?.last == #"{"id":1,"result":{}}"#)
    }

    @Test("A server that cannot take the stream up again ends the call")
    func refused() throws {
        let (instance, call) = try streaming("id: e1\ndata:\n\n")
        instance.host.exchange(1).end(.unavailable)
        instance.host.advance(1_000)
        instance.host.exchange(2).respond(405)
        #expect(call.outcome?.status == .unavailable && call.outcome?.notSent == false)
        #expect(call.outcome?.message.contains("405") == true)
    }

    @Test("Reconnects without an event are bounded; an event starts the count again")
    func bounded() throws {
        let (instance, call) = try streaming("id: e1\ndata:\n\n")
        instance.host.exchange(1).end()
        for attempt in 2...5 {
            instance.host.advance(1_000)
            let exchange = instance.host.exchange(attempt)
            exchange.head(200, stream)
            if attempt == 3 { exchange.body("id: e2\ndata:\n\n") }
            exchange.end()
        }
        #expect(call.ending == nil)
        for attempt in 6...8 {
            instance.host.advance(1_000)
            instance.host.exchange(attempt).end(.unavailable, notSent: true, "refused")
        }
        #expect(call.outcome == Outcome(.unavailable, "refused"))
        #expect(instance.host.timerCount == 0)
    }

    @Test("Cancelling between two connections ends the call")
    func cancelled() throws {
        let (instance, call) = try streaming("id: e1\ndata:\n\n")
        instance.host.exchange(1).end()
        instance.cancel(call)
        #expect(call.outcome?.status == .cancelled)
        instance.host.advance(10_000)
        #expect(instance.host.exchanges.count == 2 && call.endings.count == 1)
    }

    @Test("An event beyond the limit ends the call as exhausted")
    func tooLarge() throws {
        let (instance, call) = try streaming("id: e1\ndata: ")
        var flow: Flow?
        for _ in 0..<17 { flow = instance.host.exchange(1).body([UInt8](repeating: 0x78, count: 1_048_576)) }
        #expect(flow == .stop)
        instance.host.exchange(1).end(.cancelled)
        #expect(call.outcome?.status == .exhausted)
    }
}
