import Gateway
import Testing

@testable import HostHTTP

@Suite("2026-07-28: answers and streams", .timeLimit(.minutes(2)))
struct ModernStreamTests {
    @Test("The first notification makes the answer a stream, which proxies do not hold back")
    func notifications() async throws {
        try await TestServer.run { server in
            let response = try await server.answer(to: .tool("notify"))
            #expect(response.status == 200)
            #expect(response["content-type"] == "text/event-stream")
            #expect(response["x-accel-buffering"] == "no")
            #expect(response["mcp-session-id"] == nil)
            #expect(!response.body.contains("id: "))
            #expect(response.body.contains("notifications/progress"))
            #expect(response.body.contains(#"data: {"jsonrpc":"2.0","id":7,"result":{}}"#))
        }
    }

    @Test("An error after the stream began is its last message, with status 200")
    func lateError() async throws {
        try await TestServer.run { server in
            let response = try await server.answer(to: .tool("late error"))
            #expect(response.status == 200)
            #expect(response["content-type"] == "text/event-stream")
            #expect(response.body.contains(#""id":7,"error":{"code":-32601"#))
        }
    }

    @Test("A client that closes the response cancels its request")
    func close() async throws {
        try await TestServer.run { server in
            let connection = try await server.connect()
            try await connection.send(Request.tool("hold").text)
            await server.requests.journal.first("held")
            try await connection.close()
            await server.requests.journal.first("cancelled")
        }
    }

    @Test("A request that waits while the gateway starts is cancelled too")
    func closeEarly() async throws {
        try await TestServer.run { server in
            server.requests.start()
            let connection = try await server.connect()
            try await connection.send(Request.tool("hold").text)
            await server.requests.journal.first("waiting")
            try await connection.close()
            server.requests.journal.add("started")
            await server.requests.journal.first("cancelled")
        }
    }

    @Test("A stream without an end of its own ends with a result when the server stops")
    func drain() async throws {
        try await TestServer.run { server in
            let connection = try await server.connect()
            try await connection.send(Request.tool("listen").text)
            await server.requests.journal.first("held")
            await server.server.stop()
            let response = try await connection.response()
            #expect(response.body.contains(#"data: {"jsonrpc":"2.0","id":7,"result":{}}"#))
        }
    }
}
