import PluginAPI
import PluginKit
import Testing

@Suite("Streamable HTTP through the ABI")
struct StreamableHTTPTests {
    @Test("A message is posted with both types accepted, and its JSON answer is the last message")
    func jsonAnswer() throws {
        let instance = try remote()
        #expect(instance.open(1, headers: [("X-Session", "s")]).outcome == .ok)
        #expect(instance.host.exchanges.isEmpty, "opening contacts nobody")
        let call = instance.send(1, #"{"id":1}"#, identity: 7, headers: [("Mcp-Protocol-Version", "2025-11-25")])
        let exchange = instance.host.exchange()
        #expect(exchange.method == "POST" && exchange.url == "https://h/mcp" && exchange.body == #"{"id":1}"#)
        #expect(exchange["Content-Type"] == "application/json")
        #expect(exchange["Accept"] == "application/json, text/event-stream")
        #expect(exchange["X-Session"] == "s")
        #expect(exchange["Mcp-Protocol-Version"] == "2025-11-25")
        #expect(exchange["Mcp-Session-Id"] == nil)
        #expect(exchange.identity == 7 && exchange.options == [.followSameOrigin])
        exchange.respond(200, json, #"{"id":1,"result":{}}"#)
        #expect(call.ending?.last == #"{"id":1,"result":{}}"#)
        #expect(call.outcome == .ok && call.endings.count == 1)
    }

    @Test("The first session id is sent with everything after it, and ends with DELETE")
    func sessionID() throws {
        let instance = try remote()
        instance.open(1)
        instance.send(1, "{}")
        instance.host.exchange().respond(200, json + [("mcp-session-id", "abc")], "{}")
        instance.send(1, "{}")
        #expect(instance.host.exchange(1)["Mcp-Session-Id"] == "abc")
        instance.host.exchange(1).respond(202, [("mcp-session-id", "other")])
        instance.listen(1)
        #expect(instance.host.exchange(2)["Mcp-Session-Id"] == "abc")
        let close = instance.close(1)
        #expect(instance.host.exchange(2).wasCancelled)
        let delete = instance.host.exchange(3)
        #expect(delete.method == "DELETE" && delete["Mcp-Session-Id"] == "abc" && delete.options.contains(.teardown))
        #expect(close.ending == nil)
        delete.respond(405)
        #expect(close.outcome?.status == .ok)
        #expect(instance.send(1, "{}").outcome?.sessionLost == true)
        #expect(instance.close(1).outcome == .ok)
    }

    @Test("A session id that is not visible ASCII is not taken", arguments: ["", "a b", "é", "a\u{7F}"])
    func badSessionID(id: String) throws {
        let instance = try remote()
        instance.open(1)
        instance.send(1, "{}")
        instance.host.exchange().respond(200, json + [("mcp-session-id", id)], "{}")
        #expect(instance.close(1).outcome == .ok)
        #expect(instance.host.exchanges.count == 1, "there is no session to end")
    }

    @Test("202 and 204 end a call with nothing", arguments: [202, 204] as [UInt32])
    func accepted(status: UInt32) throws {
        let instance = try remote()
        instance.open(1)
        let call = instance.send(1, "{}")
        instance.host.exchange().respond(status)
        #expect(call.ending?.last == "" && call.outcome == .ok)
    }

    @Test("Events before the answer are emitted, the answer ends the call, what follows is read and dropped")
    func events() throws {
        let instance = try remote()
        instance.open(1)
        let call = instance.send(1, #"{"id":1,"method":"tools/call"}"#)
        let exchange = instance.host.exchange()
        exchange.head(200, stream)
        exchange.body("event: message\ndata: {\"method\":\"notifications/progress\"}\n\nda")
        exchange.body("ta: {\"method\":\"ping\",\"id\":9}\n\nevent: other\ndata: {}\n\n")
        #expect(call.messages == [#"{"method":"notifications/progress"}"#, #"{"method":"ping","id":9}"#])
        #expect(exchange.body("data: {\"id\":1,\"result\":1}\n\ndata: {\"late\":1}\n\n") == .go)
        #expect(call.ending?.last == #"{"id":1,"result":1}"#)
        exchange.end()
        #expect(call.messages.count == 2 && call.endings.count == 1)
    }

    @Test("A paused call gets no event until it is resumed, and the body is held meanwhile")
    func pause() throws {
        let instance = try remote()
        instance.open(1)
        let call = TestCall()
        call.answer(.pause)
        instance.send(1, "{}", call: call)
        let exchange = instance.host.exchange()
        exchange.head(200, stream)
        #expect(exchange.body("data: {\"n\":1}\n\ndata: {\"n\":2}\n\ndata: {\"n\":3}\n\n") == .pause)
        #expect(call.messages == [#"{"n":1}"#])
        instance.resume(call)
        #expect(call.messages.count == 2 && exchange.resumes == 0)
        call.answer(.go)
        instance.resume(call)
        #expect(call.messages.count == 3 && exchange.resumes == 1)
        exchange.end()
        #expect(call.outcome?.status == .ok)
    }

    @Test("The end waits for what a paused call has not taken")
    func pauseAtEnd() throws {
        let instance = try remote()
        instance.open(1)
        let call = TestCall()
        call.answer(.pause)
        instance.send(1, "{}", call: call)
        instance.host.exchange().head(200, stream)
        instance.host.exchange().body("data: {\"n\":1}\n\ndata: {\"id\":1,\"result\":2}\n\n")
        instance.host.exchange().end()
        #expect(call.ending == nil)
        instance.resume(call)
        #expect(call.ending?.last == #"{"id":1,"result":2}"#)
    }

    @Test("A large JSON body comes in chunks, and pausing holds the body")
    func chunks() throws {
        let instance = try remote()
        instance.open(1)
        let call = TestCall()
        instance.send(1, "{}", call: call)
        let exchange = instance.host.exchange()
        exchange.head(200, json)
        let piece = String(repeating: "x", count: 40_000)
        #expect(exchange.body(piece) == .go)
        call.answer(.pause)
        #expect(exchange.body(piece) == .pause)
        #expect(call.chunks.map(\.utf8.count) == [80_000])
        call.answer(.go)
        instance.resume(call)
        #expect(exchange.resumes == 1)
        exchange.body("end")
        exchange.end()
        #expect(call.ending?.last == "end")
    }

    @Test("Nobody listening stops a large body")
    func stop() throws {
        let instance = try remote()
        instance.open(1)
        let call = TestCall()
        call.answer(.stop)
        instance.send(1, "{}", call: call)
        instance.host.exchange().head(200, json)
        #expect(instance.host.exchange().body(String(repeating: "x", count: 70_000)) == .stop)
    }

    @Test("A cancelled call ends its exchange and is resolved as cancelled")
    func cancel() throws {
        let instance = try remote()
        instance.open(1)
        let call = instance.send(1, "{}")
        instance.cancel(call)
        #expect(instance.host.exchange().wasCancelled)
        #expect(call.outcome?.status == .cancelled && call.endings.count == 1)
        let streaming = instance.send(1, "{}")
        instance.host.exchange(1).head(200, stream)
        instance.cancel(streaming)
        #expect(streaming.outcome?.status == .cancelled && streaming.endings.count == 1)
    }

    @Test("An error status carries its body when that is JSON")
    func errorBody() throws {
        let instance = try remote()
        instance.open(1)
        let call = instance.send(1, "{}")
        let headers = json + [("retry-after", "2"), ("www-authenticate", "Bearer x")]
        instance.host.exchange().respond(403, headers, #"{"error":{"code":-32001}}"#)
        #expect(call.outcome?.status == .forbidden && call.outcome?.httpStatus == 403)
        #expect(call.outcome?.challenge == "Bearer x" && call.outcome?.retryAfter == 2_000)
        #expect(call.ending?.last == #"{"error":{"code":-32001}}"#)
        let html = instance.send(1, "{}")
        instance.host.exchange(1).respond(502, [("content-type", "text/html")], "<html>")
        #expect(html.outcome?.status == .unavailable && html.ending?.last == "")
        let huge = instance.send(1, "{}")
        instance.host.exchange(2).head(400, json)
        #expect(instance.host.exchange(2).body([UInt8](repeating: 0x20, count: 1_100_000)) == .stop)
        instance.host.exchange(2).end(.cancelled)
        #expect(huge.outcome?.status == .invalid && huge.ending?.last == "")
    }

    @Test("A 401 says what the server wants, and its body is no answer")
    func challenged() throws {
        let instance = try remote()
        instance.open(1)
        let call = instance.send(1, "{}")
        let challenge = "Bearer scope=\"a b\", resource_metadata=\"https://h/m\u{7}\""
        let headers = json + [("www-authenticate", challenge)]
        instance.host.exchange().respond(401, headers, #"{"error":"invalid_token"}"#)
        #expect(call.outcome?.status == .unauthenticated && call.outcome?.challenge == challenge)
        #expect(
            call.outcome?.message.hasSuffix(
                "it wants a bearer token with scope \"a b\"; who issues it is said at https://h/m?") == true)
        #expect(call.ending?.last == "")
        let plain = instance.send(1, "{}")
        instance.host.exchange(1).respond(401, [("www-authenticate", "Basic realm=\"x\"")])
        #expect(plain.outcome?.message.hasSuffix("(401)") == true)
    }

    @Test("404 loses a session that the server gave, and only such a one")
    func lostSession() throws {
        let instance = try remote()
        instance.open(1)
        let first = instance.send(1, "{}")
        instance.host.exchange().respond(404)
        #expect(first.outcome?.sessionLost == false)
        instance.send(1, "{}")
        instance.host.exchange(1).respond(200, json + [("mcp-session-id", "a")], "{}")
        let second = instance.send(1, "{}")
        instance.host.exchange(2).respond(404, json, #"{"error":{}}"#)
        #expect(second.outcome?.sessionLost == true && second.outcome?.notSent == true)
        #expect(second.outcome?.status == .notFound)
    }

    @Test("A body of another type breaks the protocol, and its type is named; an empty one does not")
    func wrongType() throws {
        let instance = try remote()
        instance.open(1)
        let call = instance.send(1, "{}")
        instance.host.exchange().head(200, [("content-type", "text/html")])
        #expect(instance.host.exchange().body("<html>") == .stop)
        instance.host.exchange().end(.cancelled)
        #expect(call.outcome?.status == .protocolError)
        #expect(call.outcome?.message.contains("'text/html'") == true)
        let empty = instance.send(1, "{}")
        instance.host.exchange(1).respond(200)
        #expect(empty.outcome == .ok)
    }

    @Test("What the http service reports passes as it is")
    func transportError() throws {
        let instance = try remote()
        instance.open(1)
        let call = instance.send(1, "{}")
        instance.host.exchange().end(.unavailable, notSent: true, "connection refused")
        #expect(call.outcome == Outcome(.unavailable, "connection refused", notSent: true))
        let broken = instance.send(1, "{}")
        instance.host.exchange(1).head(200, json)
        instance.host.exchange(1).body("{")
        instance.host.exchange(1).end(.unavailable, "reset")
        #expect(broken.outcome == Outcome(.unavailable, "reset") && broken.ending?.last == "")
    }

    @Test("The deadline becomes the exchange's time; one that is over sends nothing")
    func deadline() throws {
        let instance = try remote()
        instance.open(1)
        instance.send(1, "{}", deadline: instance.host.now + 5_000)
        #expect(instance.host.exchange().totalTimeout == 5_000)
        let late = instance.send(1, "{}", deadline: instance.host.now)
        #expect(late.outcome?.status == .timeout && late.outcome?.notSent == true)
        #expect(instance.host.exchanges.count == 1)
    }

    @Test("Closing a session ends what is under way, and nothing is left when the instance is destroyed")
    func close() throws {
        let instance = try remote()
        instance.open(1)
        let call = instance.send(1, "{}")
        #expect(instance.close(1).outcome == .ok)
        #expect(call.outcome?.status == .cancelled)
    }
}
