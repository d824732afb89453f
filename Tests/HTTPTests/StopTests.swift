import Dispatch
import Gateway
import Glibc
import HostHTTP
import Synchronization
import Testing

@Suite("Stopping, and what is left behind", .serialized, .timeLimit(.minutes(2)))
struct StopTests {
    @Test("A stop lets requests in flight end, ends listening streams, and takes no more connections")
    func drain() async throws {
        try await TestServer.run {
            $0.gracePeriod = .seconds(60)
        } _: { server in
            let session = server.sessions.open(.v2025_06_18)
            let call = try await server.connect()
            try await call.send(Request.call("hold", in: session).text)
            await server.sessions.journal.first("held")
            let (listening, _, _) = try await server.listen(in: session)
            let idle = try await server.connect()
            try await idle.send(Request("GET", "/health").text)
            _ = try await idle.response()

            async let stopped: Void = server.server.stop()
            #expect(try await listening.chunk() == nil)
            await idle.closed()
            await #expect(throws: (any Error).self) { try await server.connect() }
            session.streams.first?.finish(Array("{}".utf8))
            let response = try await call.response()
            #expect(response.body == "{}")
            #expect(response["connection"] == "close")
            await call.closed()
            for connection in [call, listening, idle] { try await connection.close() }
            await stopped
            #expect(server.server.connectionCount == 0)
        }
    }

    @Test("What does not end within the grace period is closed")
    func grace() async throws {
        try await TestServer.run {
            $0.gracePeriod = .milliseconds(50)
        } _: { server in
            let session = server.sessions.open(.v2025_06_18)
            let call = try await server.connect()
            try await call.send(Request.call("hold", in: session).text)
            await server.sessions.journal.first("held")
            await server.server.stop()
            await call.closed()
            #expect(server.server.connectionCount == 0)
            await server.logs.first("notice: closing connections after the grace period")
            try await call.close()
        }
    }

    @Test("Connections that the kernel has taken when a stop is asked for are served")
    func waiting() async throws {
        try await TestServer.run {
            $0.lastRequestTimeout = .seconds(1)
            $0.gracePeriod = .seconds(60)
        } _: { server in
            // Nothing is accepted while the one event loop stands still.
            let gate = DispatchSemaphore(value: 0)
            let stands = Mutex(false)
            server.server.every(.milliseconds(1)) { [journal = server.sessions.journal] in
                let isFirst = stands.withLock { stood in
                    defer { stood = true }
                    return !stood
                }
                guard isFirst else { return }
                journal.add("stands still")
                gate.wait()
            }
            await server.sessions.journal.first("stands still")
            var connections: [RawConnection] = []
            for _ in 0..<32 {
                let connection = try await server.connect()
                try await connection.send(Request("GET", "/health").text)
                connections.append(connection)
            }
            async let stopped: Void = server.server.stop()
            gate.signal()
            for connection in connections {
                #expect(try await connection.response().status == 200)
                try await connection.close()
            }
            await stopped
        }
    }

    @Test("Stopping twice, also at once, comes to the same end")
    func twice() async throws {
        try await TestServer.run { server in
            async let first: Void = server.server.stop()
            async let second: Void = server.server.stop()
            _ = await (first, second)
        }
    }

    @Test("500 connections with streams, calls and broken requests leave no descriptor and no connection")
    func descriptors() async throws {
        try await TestServer.run { server in
            let session = server.sessions.open(.v2025_06_18)
            for _ in 0..<10 {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for number in 0..<50 {
                        group.addTask {
                            let connection = try await server.connect()
                            switch number % 5 {
                            case 0: try await connection.send(Request("GET").in(session).text)
                            case 1: try await connection.send(Request.call("hold", in: session).text)
                            case 2: try await connection.send("nonsense\r\n\r\n")
                            case 3: try await connection.send("POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Len")
                            default: try await connection.send(Request.call("later", in: session).text)
                            }
                            if number % 5 != 1, number % 5 != 3 { _ = try await connection.head() }
                            if number.isMultiple(of: 2) {
                                try await connection.close()
                            } else {
                                try await connection.reset()
                            }
                        }
                    }
                    try await group.waitForAll()
                }
                // Calls whose clients closed only their side are kept until they are answered.
                while server.server.connectionCount > 0 {
                    session.release()
                    await Task.yield()
                }
            }
            #expect(Self.descriptors(boundTo: server.port) == 1, "the listener alone")
            #expect(server.openStreams.count == 0)
        }
    }

    /// Sockets of this process whose own side has a port. Other suites have sockets of their own at the same time.
    private static func descriptors(boundTo port: Int) -> Int {
        (0..<Int32(clamping: sysconf(Int32(_SC_OPEN_MAX)))).count { descriptor in
            var address = sockaddr_in()
            var length = socklen_t(MemoryLayout<sockaddr_in>.size)
            let status = withUnsafeMutablePointer(to: &address) { address in
                address.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
            }
            return status == 0 && address.sin_family == sa_family_t(AF_INET) && Int(address.sin_port.bigEndian) == port
        }
    }
}
