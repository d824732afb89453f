import Gateway
import HostHTTP
import Testing

/// Bytes to be sent, and the status they must get.
struct WireRow: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let text: String
    let status: Int

    init(_ name: String, _ text: String, _ status: Int) {
        (testDescription, self.text, self.status) = (name, text, status)
    }
}

@Suite("HTTP/1.1", .timeLimit(.minutes(2)))
struct HTTPServerTests {
    @Test("A connection serves one request after another")
    func keepAlive() async throws {
        try await TestServer.run { server in
            let session = server.sessions.open(.v2025_11_25)
            let connection = try await server.connect()
            for id in 1...5 {
                try await connection.send(
                    Request.call(id.isMultiple(of: 2) ? "later" : "echo", id: "\(id)", in: session).text)
                let response = try await connection.response()
                #expect(response.body == #"{"jsonrpc":"2.0","id":\#(id),"result":{}}"#)
                #expect(response["connection"] == nil)
                #expect(response["date"]?.hasSuffix(" GMT") == true)
            }
            #expect(server.server.connectionCount == 1)
            try await connection.close()
        }
    }

    @Test("One connection more than there may be is told so and closed; when one ends there is room")
    func connections() async throws {
        try await TestServer.run {
            $0.maximumConnections = 2
        } _: { server in
            let session = server.sessions.open(.v2025_11_25)
            func ping(_ connection: RawConnection, _ more: Request) async throws -> RawResponse {
                try await connection.send(more.text)
                return try await connection.response()
            }
            let request = Request.call("echo", in: session)
            let (one, two) = (try await server.connect(), try await server.connect())
            #expect(try await ping(one, request).status == 200)
            #expect(try await ping(two, request).status == 200)
            let third = try await server.connect()
            let refused = try await third.response()
            #expect(refused.status == 503 && refused["retry-after"] == "1")
            #expect(refused.body.contains("2 connections, its most (operational.limits.connections)"))
            await third.closed()
            #expect(try await ping(two, request).status == 200)
            try await one.close()
            while server.server.connectionCount > 1 { await Task.yield() }
            let next = try await server.connect()
            #expect(try await ping(next, request).status == 200)
            for connection in [two, next] { try await connection.close() }
        }
    }

    @Test("Pipelined requests are answered in order, slow ones and deep queues too")
    func pipelining() async throws {
        try await TestServer.run { server in
            let session = server.sessions.open(.v2025_11_25)
            let connection = try await server.connect()
            // The first answer comes later, so the rest waits in the queue and is worked off in one go.
            let methods = ["later"] + Array(repeating: "echo", count: 3000) + ["later", "echo"]
            let requests = methods.enumerated().map { Request.call($0.element, id: "\($0.offset)", in: session).text }
            try await connection.send(requests.joined())
            for id in methods.indices {
                #expect(try await connection.response().body.contains(#""id":\#(id),"#))
            }
            try await connection.close()
        }
    }

    @Test("A client that sends requests and takes no answers does not fill memory, and gets all of them in the end")
    func pipeliningWithoutReading() async throws {
        try await TestServer.run { server in
            let session = server.sessions.open(.v2025_11_25)
            let connection = try await server.connect(reading: false)
            let requests = (0..<100).map { Request.call("large", id: "\($0)", in: session).text }
            try await connection.send(requests.joined())
            await server.sessions.journal.first("large")
            // One event loop: it served what it would serve before it answers this.
            _ = try await server.answer(to: Request("GET", "/health"))
            #expect(server.sessions.journal.lines.count { $0 == "large" } < 100)
            try await connection.startReading()
            for id in 0..<100 {
                let response = try await connection.response()
                #expect(response.body.hasPrefix(#"{"jsonrpc":"2.0","id":\#(id),"#))
                #expect(response.body.utf8.count > 300_000)
            }
            try await connection.close()
        }
    }

    @Test("A request may arrive in two packets, split anywhere")
    func splits() async throws {
        try await TestServer.run { server in
            let session = server.sessions.open(.v2025_11_25)
            let bytes = Array(Request.call("echo", in: session).text.utf8)
            let connection = try await server.connect()
            for index in 1..<bytes.count {
                try await connection.send(Array(bytes[..<index]))
                try await connection.send(Array(bytes[index...]))
                #expect(try await connection.response().status == 200, "split at \(index)")
            }
            for byte in bytes { try await connection.send([byte]) }
            #expect(try await connection.response().status == 200)
            try await connection.close()
        }
    }

    @Test("A chunked body is put together")
    func chunkedBody() async throws {
        try await TestServer.run { server in
            let session = server.sessions.open(.v2025_11_25)
            let head = """
                POST /mcp HTTP/1.1\r\nHOST: localhost\r\ncontent-TYPE: application/json\r\nAccept: */*\r\n\
                MCP-SESSION-ID: \(session.id)\r\nTransfer-Encoding: chunked\r\n\r\n
                """
            let body = #"{"jsonrpc":"2.0","id":3,"method":"echo"}"#
            let chunks = body.map { "1\r\n\($0)\r\n" }.joined() + "0\r\n\r\n"
            let connection = try await server.connect()
            try await connection.send(head + chunks)
            #expect(try await connection.response().body == #"{"jsonrpc":"2.0","id":3,"result":{}}"#)
            try await connection.close()
        }
    }

    @Test("HEAD is answered without a body, with the length of the one that GET gets")
    func head() async throws {
        try await TestServer.run { server in
            let connection = try await server.connect()
            try await connection.send(Request("HEAD", "/health").text)
            let response = try await connection.response(toHead: true)
            #expect(response.status == 200)
            #expect(response["content-length"] == "15")
            try await connection.send(Request("GET", "/health").text)
            #expect(try await connection.response().body == #"{"status":"ok"}"#)
            try await connection.close()
        }
    }

    static let oversized: [WireRow] = [
        .init("by its length", "Content-Length: 1001\r\n\r\n", 413),
        .init("by its length, before 100", "Content-Length: 1001\r\nExpect: 100-continue\r\n\r\n", 413),
        .init("while it comes", "Content-Length: 1001\r\n\r\n" + String(repeating: "x", count: 1001), 413),
        .init(
            "in chunks",
            "Transfer-Encoding: chunked\r\n\r\n"
                + String(repeating: "64\r\n\(String(repeating: "x", count: 100))\r\n", count: 11), 413),
    ]

    @Test("A body above the limit gets 413 and an end of the connection", arguments: oversized)
    func tooLarge(_ row: WireRow) async throws {
        try await TestServer.run {
            $0.maximumBody = 1000
        } _: { server in
            let connection = try await server.connect()
            try await connection.send("POST /mcp HTTP/1.1\r\nHost: localhost\r\n" + row.text)
            let response = try await connection.response()
            #expect(response.status == row.status)
            #expect(response["connection"] == "close")
            #expect(response.body.contains("-32600"))
            #expect(response.body.contains("1000 bytes (operational.limits.requestBytes)"))
            await connection.closed()
            try await connection.close()
        }
    }

    @Test("A body of exactly the limit is served")
    func exactLimit() async throws {
        let body = #"{"jsonrpc":"2.0","id":1,"method":"echo"}"#
        try await TestServer.run {
            $0.maximumBody = body.utf8.count
        } _: { server in
            let session = server.sessions.open(.v2025_11_25)
            let fitting = try await server.answer(to: Request(body: body).in(session))
            #expect(fitting.status == 200)
            let larger = try await server.answer(to: Request(body: body + " ").in(session))
            #expect(larger.status == 413)
        }
    }

    @Test("100 Continue is sent to a client that waits for it")
    func expectContinue() async throws {
        try await TestServer.run { server in
            let session = server.sessions.open(.v2025_11_25)
            let request = Request.call("echo", in: session).with("Expect", "100-Continue")
            let connection = try await server.connect()
            try await connection.send(String(request.text.dropLast(request.body.count)))
            #expect(try await connection.response().status == 100)
            try await connection.send(request.body)
            #expect(try await connection.response().status == 200)
            try await connection.close()
            #expect(try await server.answer(to: request.with("Expect", "wonders")).status == 417)
        }
    }

    static let broken: [WireRow] = [
        .init("no request line", "nonsense\r\n\r\n", 400),
        .init("no host", "GET / HTTP/1.1\r\n\r\n", 400),
        .init("two hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400),
        .init("a space in a name", "GET / HTTP/1.1\r\nHost: localhost\r\nBad Header: x\r\n\r\n", 400),
        .init(
            "two lengths",
            "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
        .init("a negative length", "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n", 400),
        .init(
            "a bad chunk", "POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400),
        .init("HTTP/2", "GET / HTTP/2.0\r\nHost: localhost\r\n\r\n", 400),
        .init(
            "many fields",
            "GET / HTTP/1.1\r\nHost: localhost\r\n" + String(repeating: "A: b\r\n", count: 300) + "\r\n", 431),
        .init(
            "a long field",
            "GET / HTTP/1.1\r\nHost: localhost\r\nA: \(String(repeating: "b", count: 100_000))\r\n\r\n", 431),
    ]

    @Test("What is not HTTP/1.1 gets 400 or 431 and an end of the connection", arguments: broken)
    func malformed(_ row: WireRow) async throws {
        try await TestServer.run { server in
            let connection = try await server.connect()
            try await connection.send(row.text)
            let response = try await connection.response()
            #expect(response.status == row.status)
            #expect(response["connection"] == "close")
            await connection.closed()
            try await connection.close()
        }
    }

    @Test("A good request before a broken one is answered first")
    func brokenAfterGood() async throws {
        try await TestServer.run { server in
            let session = server.sessions.open(.v2025_11_25)
            let connection = try await server.connect()
            try await connection.send(Request.call("later", in: session).text + "nonsense\r\n\r\n")
            #expect(try await connection.response().status == 200)
            #expect(try await connection.response().status == 400)
            await connection.closed()
            try await connection.close()
        }
    }

    @Test("Connection: close, HTTP/1.0 and a client that closes its side get the answer, then the end")
    func lastRequests() async throws {
        try await TestServer.run { server in
            let closing = try await server.connect()
            try await closing.send(Request("GET", "/health").with("Connection", "close").text)
            #expect(try await closing.response()["connection"] == "close")
            await closing.closed()
            let old = try await server.connect()
            try await old.send("GET /health HTTP/1.0\r\n\r\n")
            #expect(try await old.response().body == #"{"status":"ok"}"#)
            await old.closed()
            let half = try await server.connect()
            try await half.send(Request.call("later", in: server.sessions.open(.v2025_11_25)).text)
            try await half.closeOutput()
            #expect(try await half.response().status == 200)
            await half.closed()
            for connection in [closing, old, half] { try await connection.close() }
        }
    }

    @Test("A head that does not come, or does not end, is waited for only so long", arguments: ["", "GET / HT"])
    func headTimeout(_ text: String) async throws {
        try await TestServer.run {
            $0.headTimeout = .milliseconds(50)
        } _: { server in
            let connection = try await server.connect()
            try await connection.send(text)
            await connection.closed()
            try await connection.close()
        }
    }

    @Test("A later head that does not end is waited for as long as the first")
    func laterHeadTimeout() async throws {
        // Long enough for the first head to arrive on a busy machine.
        try await TestServer.run {
            $0.headTimeout = .seconds(2)
        } _: { server in
            let connection = try await server.connect()
            try await connection.send(Request("GET", "/health").text)
            _ = try await connection.response()
            try await connection.send("GET / HT")
            await connection.closed()
            try await connection.close()
        }
    }

    @Test("A body that does not come gets 408, an idle connection an end")
    func otherTimeouts() async throws {
        try await TestServer.run {
            $0.bodyTimeout = .milliseconds(50)
            $0.idleTimeout = .milliseconds(50)
        } _: { server in
            let connection = try await server.connect()
            try await connection.send("POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nab")
            #expect(try await connection.response().status == 408)
            await connection.closed()
            let idle = try await server.connect()
            try await idle.send(Request("GET", "/health").text)
            _ = try await idle.response()
            await idle.closed()
            for connection in [connection, idle] { try await connection.close() }
        }
    }

    @Test("A port in use is an error that says so")
    func portInUse() async throws {
        try await TestServer.run { server in
            let error = await #expect(throws: HTTPServerError.self) {
                try await TestServer.run {
                    $0.port = server.port
                } _: { _ in
                }
            }
            #expect(error?.port == server.port)
            #expect(error?.description.contains("could not listen on 127.0.0.1 port") == true)
        }
    }

    @Test("IPv6 is served")
    func ipv6() async throws {
        try await TestServer.run {
            $0.host = "::1"
        } _: { server in
            let connection = try await RawConnection.open(port: server.port, host: "::1")
            try await connection.send(Request("GET", "/health").with("Host", "[::1]:\(server.port)").text)
            #expect(try await connection.response().status == 200)
            try await connection.close()
        }
    }
}
