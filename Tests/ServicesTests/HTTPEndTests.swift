import Glibc
import HostServices
import Testing

@Suite("HTTP: how exchanges end")
struct HTTPEndTests {
    @Test("A refused connection is unavailable, and certainly not sent")
    func refused() async throws {
        // A port that nobody listens on: it was bound a moment ago.
        let server = try await Shared.server
        var request = server.request("POST", "/hello", body: "x")
        request.url = "http://127.0.0.1:1/"
        let outcome = try #require(await exchange(request).outcome)
        #expect(outcome.status == .unavailable)
        #expect(outcome.notSent)
        #expect(outcome.message.contains("http://127.0.0.1:1"))
    }

    @Test("A name that leads nowhere is unavailable, and not sent")
    func unknownHost() async throws {
        let outcome = try #require(await exchange(HTTPRequest("GET", "http://nowhere.invalid/")).outcome)
        #expect(outcome.status == .unavailable)
        #expect(outcome.notSent)
    }

    @Test("A connection that ends without an answer is unavailable, and may have been sent")
    func vanished() async throws {
        let server = try await Shared.server
        let outcome = try #require(await exchange(server.request("POST", "/vanish", body: "x")).outcome)
        #expect(outcome.status == .unavailable)
        #expect(!outcome.notSent)
    }

    @Test("A request that may not be repeated is sent once even when a used connection breaks")
    func noSilentRepeat() async throws {
        let server = try await FixtureServer()
        #expect(await exchange(server.request("POST", "/hello")).status == 200)
        let outcome = try #require(await exchange(server.request("POST", "/vanish", body: "x")).outcome)
        #expect(outcome.status == .unavailable)
        #expect(!outcome.notSent)
        #expect(await server.stats().contains("\"/vanish\": 1"))
    }

    @Test("What is not HTTP is a protocol error")
    func garbage() async throws {
        let server = try await Shared.server
        #expect(await exchange(server.request("GET", "/garbage")).outcome?.status == .brokenProtocol)
    }

    @Test("Silence ends an exchange, before and after the head", arguments: ["/silent", "/silent?head=1"])
    func idle(path: String) async throws {
        let server = try await Shared.server
        var request = server.request("GET", path)
        request.idleTimeout = 2_000
        let reply = await exchange(request)
        #expect(reply.outcome?.status == .timeout)
        #expect(reply.outcome?.notSent == false)
        #expect(reply.text == (path == "/silent" ? "" : "first"))
    }

    @Test("The time for the whole exchange ends it")
    func total() async throws {
        let server = try await Shared.server
        var request = server.request("GET", "/silent?head=1")
        request.totalTimeout = 100
        #expect(await exchange(request).outcome?.status == .timeout)
    }

    @Test("Of exchanges at the same time each ends at its own, whichever began first")
    func totals() async throws {
        let server = try await Shared.server
        let engine = try HTTPEngine(threads: 1, environment: [:])
        func start(_ milliseconds: UInt64) -> RecordingSink {
            let sink = RecordingSink()
            var request = server.request("GET", "/silent?head=1")
            request.totalTimeout = milliseconds
            engine.start(engine.nextExchange(), request, sink: sink)
            return sink
        }
        // The first one's time is the first that is waited for.
        let (latest, late, early) = (start(20_000), start(600), start(100))
        for sink in [early, late] { #expect(await sink.reply().outcome?.status == .timeout) }
        #expect(latest.ends == 0)
        await engine.shutDown()
        #expect(latest.ends == 1)
    }

    @Test("A server that never takes the connection ends by the connect timeout, and nothing was sent")
    func connectTimeout() async throws {
        // A listener whose queue is full does not answer further SYNs.
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(listener) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                _ = bind(listener, pointer, length)
                _ = listen(listener, 0)
                _ = getsockname(listener, pointer, &length)
            }
        }
        var fillers: [Int32] = []
        defer { for filler in fillers { close(filler) } }
        for _ in 0..<8 {
            let filler = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue), 0)
            fillers.append(filler)
            withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { _ = connect(filler, $0, length) }
            }
        }
        var request = HTTPRequest("POST", "http://127.0.0.1:\(UInt16(bigEndian: address.sin_port))/", body: [1])
        request.policy = NetworkPolicy(allowPrivate: true)
        request.connectTimeout = 100
        let outcome = try #require(await exchange(request).outcome)
        #expect(outcome.status == .timeout)
        #expect(outcome.notSent)
    }

    @Test("A cancelled exchange ends once, as cancelled, and hands out no more")
    func cancel() async throws {
        let server = try await Shared.server
        let engine = Shared.hub.http
        let sink = RecordingSink()
        let number = engine.nextExchange()
        engine.start(number, server.request("GET", "/silent?head=1"), sink: sink)
        await sink.received(bytes: 5)
        engine.cancel(number)
        engine.cancel(number)
        #expect(await sink.reply().outcome?.status == .cancelled)
        // The thread does one thing after the other: what would come twice has come by now.
        _ = await exchange(server.request("GET", "/hello"))
        #expect(sink.ends == 1)
    }

    @Test("A receiver that stops ends the exchange", arguments: [true, false])
    func stop(atHead: Bool) async throws {
        let server = try await Shared.server
        let engine = Shared.hub.http
        let sink = RecordingSink(head: atHead ? .stop : .go) { _ in .stop }
        engine.start(engine.nextExchange(), server.request("GET", "/big?bytes=10000000"), sink: sink)
        #expect(await sink.reply().outcome?.status == .cancelled)
        #expect(sink.pieces == (atHead ? 0 : 1))
    }

    @Test(
        "A body over the limit ends as exhausted", arguments: ["/big?bytes=200000", "/zipped?bytes=200000", "/hello"])
    func limit(path: String) async throws {
        let server = try await Shared.server
        var request = server.request("GET", path)
        request.maxResponseBytes = path == "/hello" ? 4 : 100_000
        let reply = await exchange(request)
        #expect(reply.outcome?.status == .exhausted)
        #expect(reply.body.count <= 100_000)
    }

    @Test("Answers that have not ended are bounded together: one too many fails, and an end makes room")
    func heldBytes() async throws {
        let server = try await Shared.server
        let (engine, limits) = (Shared.hub.http, ExchangeLimits())
        limits.responseBytes = 100_000
        func request(_ path: String) -> HTTPRequest {
            var request = server.request("GET", path)
            request.limits = limits
            return request
        }
        // Five bytes, and no end.
        let (waiting, number) = (RecordingSink(), engine.nextExchange())
        engine.start(number, request("/silent?head=1"), sink: waiting)
        await waiting.received(bytes: 5)
        #expect(limits.heldBytes == 5)
        let refused = try #require(await exchange(request("/big?bytes=100000")).outcome)
        #expect(refused.status == .exhausted && refused.message.contains("operational.limits.responseBytesPerBackend"))
        engine.cancel(number)
        _ = await waiting.reply()
        #expect(await exchange(request("/big?bytes=100000")).outcome?.status == .ok)
        // What is read as it comes holds nothing.
        var endless = request("/silent?head=1")
        endless.maxResponseBytes = .max
        let (stream, another) = (RecordingSink(), engine.nextExchange())
        engine.start(another, endless, sink: stream)
        await stream.received(bytes: 5)
        engine.cancel(another)
        _ = await stream.reply()
        // An end is told before its room is free; whoever comes next on that thread finds it so.
        _ = await exchange(server.request("GET", "/hello"))
        #expect(limits.heldBytes == 0)
    }

    @Test(
        "A request that cannot be made is invalid, and says why without its secrets",
        arguments: [
            (HTTPRequest("GE T", "http://x/"), "method"), (HTTPRequest("GET", "ftp://x/"), "http or https"),
            (HTTPRequest("GET", "/relative"), "absolute"), (HTTPRequest("GET", "http://x/a b"), "space"),
            (HTTPRequest("GET", "http://x/", headers: [HTTPField("A", "hush\r\nB: c")]), "line end"),
            (HTTPRequest("GET", "http://x/", headers: [HTTPField("A:", "hush")]), "token"),
        ])
    func invalid(request: HTTPRequest, word: String) async throws {
        let outcome = try #require(await exchange(request).outcome)
        #expect(outcome.status == .invalid)
        #expect(outcome.notSent)
        #expect(outcome.message.contains(word))
        #expect(!outcome.message.contains("hush"))
    }

    @Test("An unknown auth handle fails the request, which is not sent")
    func unknownHandle() async throws {
        let server = try await FixtureServer()
        var request = server.request("GET", "/hello")
        request.auth = 987_654
        let outcome = try #require(await exchange(request).outcome)
        #expect(outcome.status == .invalid)
        #expect(outcome.notSent)
        #expect(await !server.stats().contains("/hello"))
    }
}
