import Glibc
import HostServices
import Synchronization
import Testing

@Suite("HTTP exchange")
struct HTTPExchangeTests {
    @Test("Headers that frame the message are not a caller's to write")
    func framing() async throws {
        let server = try await Shared.server
        let headers = [
            HTTPField("Content-Length", "1"), HTTPField("Transfer-Encoding", "chunked"),
            HTTPField("Expect", "100-continue"),
        ]
        let reply = await exchange(server.request("POST", "/echo", headers: headers, body: "whole"))
        #expect(reply.text.contains("\"body\": \"whole\""))
        #expect(reply.text.contains("[\"Content-Length\", \"5\"]"))
        #expect(!reply.text.contains("chunked"))
        #expect(!reply.text.contains("100-continue"))
    }

    @Test("A request takes nothing along from those before it to the same place, whatever their method")
    func nothingLeftOver() async throws {
        let server = try await Shared.server
        for method in ["POST", "GET", "PUT", "POST", "DELETE"] {
            let before = server.request(method, "/echo", headers: [HTTPField("X-Before", "old")], body: "a long body")
            #expect(await exchange(before).text.contains("X-Before"))
            for next in ["POST", "GET", "DELETE"] {
                let reply = await exchange(server.request(next, "/echo", headers: [HTTPField("X-Now", "new")]))
                #expect(reply.text.contains("\"method\": \"\(next)\""))
                #expect(reply.text.contains("[\"X-Now\", \"new\"]"))
                #expect(!reply.text.contains("X-Before"))
                #expect(reply.text.contains("\"body\": \"\""))
            }
        }
    }

    @Test("Status, lower-case header names and body arrive")
    func simple() async throws {
        let server = try await Shared.server
        let reply = await exchange(server.request("GET", "/hello"))
        #expect(reply.outcome?.status == .ok)
        #expect(reply.status == 200)
        #expect(reply.head?["content-type"] == "text/plain")
        #expect(reply.head?["x-mixed"] == "Yes")
        #expect(reply.text == "hello")
    }

    @Test("Method, headers and body are sent as given", arguments: ["POST", "PUT", "DELETE", "GET"])
    func sent(method: String) async throws {
        let server = try await Shared.server
        let headers = [
            HTTPField("X-Test", "one"), HTTPField("X-Empty", ""), HTTPField("Content-Type", "application/json"),
        ]
        let reply = await exchange(server.request(method, "/echo?a=b", headers: headers, body: "{\"n\":1}"))
        #expect(reply.text.contains("\"method\": \"\(method)\""))
        #expect(reply.text.contains("\"path\": \"/echo?a=b\""))
        #expect(reply.text.contains("[\"X-Test\", \"one\"]"))
        #expect(reply.text.contains("[\"X-Empty\", \"\"]"))
        #expect(reply.text.contains("[\"Content-Type\", \"application/json\"]"))
        #expect(reply.text.contains("{\\\"n\\\":1}"))
        #expect(!reply.text.lowercased().contains("expect"))
    }

    @Test("No content type is made up for a body")
    func noContentType() async throws {
        let server = try await Shared.server
        let reply = await exchange(server.request("POST", "/echo", body: "x"))
        #expect(!reply.text.contains("x-www-form-urlencoded"))
    }

    @Test("A complete response is OK whatever its status, with what it says of retries and challenges")
    func statuses() async throws {
        let server = try await Shared.server
        let busy = await exchange(server.request("GET", "/busy"))
        #expect(busy.outcome?.status == .ok)
        #expect(busy.outcome?.httpStatus == 503)
        #expect(busy.outcome?.retryAfter == 7_000)
        let refused = await exchange(server.request("GET", "/protected"))
        #expect(refused.status == 401)
        #expect(refused.outcome?.challenge == "Bearer realm=\"test\"")
        #expect(refused.text == "who are you")
    }

    @Test("Requests to one origin share a connection")
    func reuse() async throws {
        let server = try await FixtureServer()
        for _ in 0..<20 { #expect(await exchange(server.request("POST", "/hello", body: "{}")).status == 200) }
        #expect(await server.stats().contains("\"connections\": 1,"))
    }

    @Test("Compressed bodies are decoded and no header says otherwise")
    func decoded() async throws {
        let server = try await Shared.server
        let reply = await exchange(server.request("GET", "/zipped?bytes=100000"))
        #expect(reply.body.count == 100_000)
        #expect(reply.head?["content-encoding"] == nil)
        #expect(reply.head?["content-length"] == nil)
    }

    @Test("A stream is handed on while it goes on")
    func events() async throws {
        let server = try await FixtureServer()
        let sink = RecordingSink()
        Shared.hub.http.start(
            Shared.hub.http.nextExchange(), server.request("GET", "/events?count=3&then=1"), sink: sink)
        await sink.received(bytes: "data: 0\n\n".utf8.count * 3)
        #expect(sink.ends == 0)
        _ = await exchange(server.request("GET", "/open"))
        let reply = await sink.reply()
        #expect(reply.outcome?.status == .ok)
        #expect(reply.text == "data: 0\n\ndata: 1\n\ndata: 2\n\n")
    }

    @Test("A paused exchange takes no more, and goes on where it stopped")
    func pause() async throws {
        let server = try await FixtureServer()
        let size = 64 * 1_048_576
        let engine = Shared.hub.http
        let sink = RecordingSink(keepsBody: false) { $0 == 1 || $0 == 500 ? .pause : .go }
        let number = engine.nextExchange()
        engine.start(number, server.request("GET", "/big?bytes=\(size)"), sink: sink)
        await sink.received(pieces: 1)
        // Other exchanges go on meanwhile on the same thread.
        for _ in 0..<50 { #expect(await exchange(server.request("GET", "/hello")).status == 200) }
        #expect(sink.pieces == 1)
        #expect(sink.ends == 0)
        // The rest is with the server, but for what the sockets hold.
        let sent = try #require(await server.stats().split(separator: "\"sent\": ").last?.prefix { $0.isNumber })
        #expect(try #require(Int(sent)) < size / 2)
        engine.resume(number)
        await sink.received(pieces: 500)
        #expect(sink.ends == 0)
        engine.resume(number)
        #expect(await sink.reply().outcome?.status == .ok)
        #expect(sink.total == size)
    }

    @Test("Silence is not counted while paused, but from the resume on")
    func pausedSilence() async throws {
        let server = try await Shared.server
        let engine = Shared.hub.http
        let sink = RecordingSink { _ in .pause }
        let number = engine.nextExchange()
        var request = server.request("GET", "/silent?head=1")
        request.idleTimeout = 2_000
        engine.start(number, request, sink: sink)
        await sink.received(pieces: 1)
        await withCheckedContinuation { continuation in
            Shared.hub.timers.start(Shared.hub.timers.nextTimer(), after: 4_500) { continuation.resume() }
        }
        _ = await exchange(server.request("GET", "/hello"))
        #expect(sink.ends == 0)
        engine.resume(number)
        #expect(await sink.reply().outcome?.status == .timeout)
    }
}
