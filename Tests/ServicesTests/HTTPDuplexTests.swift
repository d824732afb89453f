import HostServices
import Testing

@testable import struct HostServices.ResponseFraming

@Suite("Upgraded connection")
struct HTTPDuplexTests {
    private let engine = Shared.hub.http

    private func write(_ text: String, to exchange: UInt64) -> SinkAnswer {
        Array(text.utf8).withUnsafeBytes { engine.write(exchange, $0) }
    }

    private func upgrade(_ server: FixtureServer, _ path: String, body: String = "") -> HTTPRequest {
        var request = server.request("POST", path, headers: [HTTPField("X-Test", "one")], body: body)
        request.isDuplex = true
        return request
    }

    @Test("After 101 both sides write, and the other may go on when one has ended", arguments: [false, true])
    func bothSides(isUnix: Bool) async throws {
        let folder = TemporaryFolder()
        let server = isUnix ? try await FixtureServer("--unix", folder.path + "/socket") : try await FixtureServer()
        var request = upgrade(server, "/upgrade?a=b", body: "sent")
        if isUnix {
            request.url = "http://engine/upgrade?a=b"
            request.unixSocket = folder.path + "/socket"
        }
        let sink = RecordingSink()
        let exchange = engine.nextExchange()
        engine.start(exchange, request, sink: sink)
        await sink.headCame()
        #expect(write("one ", to: exchange) == .go)
        #expect(write("two", to: exchange) == .go)
        await sink.received(bytes: "hello one two".utf8.count)
        engine.closeWrite(exchange)
        let reply = await sink.reply()
        #expect(reply.status == 101)
        #expect(reply.head?["upgrade"] == "tcp")
        #expect(reply.head?["x-body"] == "sent")
        #expect(reply.text == "hello one two bye")
        #expect(reply.outcome?.status == .ok)
        #expect(sink.ends == 1)
        #expect(write("late", to: exchange) == .stop)
    }

    @Test("Another protocol may be asked for")
    func protocolName() async throws {
        var request = upgrade(try await Shared.server, "/upgrade?vanish=1")
        request.headers.append(HTTPField("Upgrade", "chat"))
        #expect(await ServicesTests.exchange(request).head?["upgrade"] == "chat")
    }

    @Test(
        "Another answer than 101 is an ordinary response, however its end is told",
        arguments: [("/hello", 200, "hello"), ("/chunked", 200, "no such container"), ("/nothing", 404, "")])
    func refused(path: String, status: UInt32, text: String) async throws {
        let sink = RecordingSink()
        let exchange = engine.nextExchange()
        engine.start(exchange, upgrade(try await Shared.server, path), sink: sink)
        #expect(write("early", to: exchange) == .stop)
        let reply = await sink.reply()
        #expect(reply.status == status)
        #expect(reply.text == text)
        #expect(reply.outcome?.status == .ok)
        #expect(reply.outcome?.httpStatus == status)
        #expect(reply.outcome?.notSent == false)
    }

    @Test("What is more than the connection takes is sent whole, and the writer is told when it may go on")
    func large() async throws {
        let sink = RecordingSink(keepsBody: false)
        let exchange = engine.nextExchange()
        engine.start(exchange, upgrade(try await Shared.server, "/upgrade"), sink: sink)
        await sink.headCame()
        let piece = String(repeating: "x", count: 4_000_000)
        #expect(write(piece, to: exchange) == .pause)
        await sink.drained(times: 1)
        #expect(write(piece, to: exchange) == .pause)
        await sink.drained(times: 2)
        engine.closeWrite(exchange)
        #expect(await sink.reply().outcome?.status == .ok)
        #expect(sink.total == 8_000_000 + "hello  bye".utf8.count)
    }

    @Test("A receiver that pauses at the head or at a piece gets the rest when it goes on")
    func pausing() async throws {
        let sink = RecordingSink(head: .pause) { $0 == 1 ? .pause : .go }
        let exchange = engine.nextExchange()
        engine.start(exchange, upgrade(try await Shared.server, "/upgrade"), sink: sink)
        await sink.headCame()
        #expect(write("piece", to: exchange) == .go)
        engine.closeWrite(exchange)
        #expect(sink.total == 0)
        engine.resume(exchange)
        await sink.received(pieces: 1)
        #expect(sink.ends == 0)
        engine.resume(exchange)
        #expect(await sink.reply().text == "hello piece bye")
    }

    @Test("A connection that breaks, one that is cancelled and one that takes too long end once, with their reason")
    func ends() async throws {
        let server = try await Shared.server
        for (path, status) in [("/vanish", ServiceOutcome.Status.unavailable), ("/garbage", .brokenProtocol)] {
            #expect(await ServicesTests.exchange(upgrade(server, path)).outcome?.status == status)
        }
        let sink = RecordingSink()
        let exchange = engine.nextExchange()
        engine.start(exchange, upgrade(server, "/upgrade"), sink: sink)
        await sink.received(bytes: 5)
        engine.cancel(exchange)
        #expect(await sink.reply().outcome?.status == .cancelled)
        #expect(write("late", to: exchange) == .stop)
        var slow = upgrade(server, "/upgrade")
        slow.totalTimeout = 100
        #expect(await ServicesTests.exchange(slow).outcome?.status == .timeout)
    }

    @Test("A credential or redirects are refused before anything is sent, and the address policy holds")
    func refusals() async throws {
        var request = upgrade(try await Shared.server, "/upgrade")
        request.followsSameOrigin = true
        let outcome = await ServicesTests.exchange(request).outcome
        #expect(outcome?.status == .unsupported)
        #expect(outcome?.notSent == true)
        var private_ = upgrade(try await Shared.server, "/upgrade")
        private_.policy = NetworkPolicy(allowPrivate: false)
        #expect(await ServicesTests.exchange(private_).outcome?.status == .invalid)
    }

    @Test(
        "The end of a body is found however the bytes are cut",
        arguments: [
            ("content-length: 5", "helloXX", "hello", 5),
            ("transfer-encoding: chunked", "5\r\nhello\r\n0\r\n\r\nXX", "hello", 15),
            ("transfer-encoding: chunked", "2;a=b\r\nhe\r\n3\nllo\r\n0\r\nA: b\r\nC: d\r\n\r\nXX", "hello", 35),
            ("content-length: 0", "XX", "", 0),
        ], [1, 2, 3, 100])
    func framing(row: (header: String, wire: String, body: String, used: Int), size: Int) throws {
        var head = ResponseHead()
        for line in ["HTTP/1.1 200 OK\r\n", "\(row.header)\r\n"] {
            _ = Array(line.utf8).withUnsafeBytes { head.take($0) }
        }
        var framing = try ResponseFraming(head, method: "POST")
        var body: [UInt8] = []
        var used = 0
        let wire = Array(row.wire.utf8)
        while !framing.isComplete, used < wire.count {
            let piece = Array(wire[used..<min(wire.count, used + size)])
            let step = try piece.withUnsafeBytes { try framing.take($0) }
            body += piece[step.body]
            used += step.used
        }
        #expect(framing.isComplete)
        #expect(String(decoding: body, as: UTF8.self) == row.body)
        #expect(used == row.used)
    }
}
