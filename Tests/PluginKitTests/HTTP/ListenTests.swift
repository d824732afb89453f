import PluginKit
import Testing

@Suite("The stream for what belongs to no call")
struct ListenTests {
    @Test("Messages are emitted; the end says when to listen again, and the next GET where to go on")
    func listen() throws {
        let instance = try remote()
        instance.open(1)
        let call = instance.listen(1)
        let get = instance.host.exchange()
        #expect(get.method == "GET" && get["Accept"] == "text/event-stream" && get["Last-Event-ID"] == nil)
        get.head(200, stream)
        get.body("retry: 700\nid: 3\ndata: {\"method\":\"a\"}\n\ndata: {\"id\":1,\"result\":1}\n\n")
        #expect(call.messages == [#"{"method":"a"}"#, #"{"id":1,"result":1}"#])
        get.end(.unavailable, "reset")
        #expect(call.outcome?.status == .ok && call.outcome?.retryAfter == 700)
        instance.listen(1)
        #expect(instance.host.exchange(1)["Last-Event-ID"] == "3")
    }

    @Test("A server without such a stream is unsupported", arguments: [405, 501] as [UInt32])
    func none(status: UInt32) throws {
        let instance = try remote()
        instance.open(1)
        let call = instance.listen(1)
        instance.host.exchange().respond(status)
        #expect(call.outcome?.status == .unsupported)
    }

    @Test("A page instead of a stream is unsupported too")
    func page() throws {
        let instance = try remote()
        instance.open(1)
        let call = instance.listen(1)
        #expect(instance.host.exchange().head(200, [("content-type", "text/html")]) == .stop)
        instance.host.exchange().end(.cancelled)
        #expect(call.outcome?.status == .unsupported)
        #expect(call.outcome?.message.contains("text/html") == true)
    }

    @Test("A connection that fails says so")
    func failed() throws {
        let instance = try remote()
        instance.open(1)
        let call = instance.listen(1)
        instance.host.exchange().end(.unavailable, notSent: true, "refused")
        #expect(call.outcome == Outcome(.unavailable, "refused", notSent: true))
    }

    @Test("Cancelling ends the stream")
    func cancel() throws {
        let instance = try remote()
        instance.open(1)
        let call = instance.listen(1)
        instance.host.exchange().head(200, stream)
        instance.cancel(call)
        #expect(call.outcome?.status == .cancelled && call.endings.count == 1)
    }
}
