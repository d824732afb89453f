import Foundation
import Glibc
import Synchronization
import Testing

extension EndToEnd {
    /// The gateway is told to end while clients call.
    @Suite("Shutdown")
    struct ShutdownTests {
        private static func slow() throws -> Resources {
            var resources = Resources()
            try resources.addRaw("slow", tools: ["wait", "echo"])
            return resources
        }

        /// Runs `body` with a call under way that ends when the file at the path is made.
        private static func serve(
            _ arguments: [String] = [],
            _ body: (RunningGateway, _ call: Task<JSON, any Error>, _ file: URL) async throws -> Void
        ) async throws {
            try await withTemporaryFolder { folder in
                let file = folder.appending(path: "go")
                try await RunningGateway.serve(try slow(), arguments: arguments) { gateway in
                    let client = try await gateway.client()
                    let call = Task { try await client.call("slow_wait", "{\"file\":\"\(file.path)\"}") }
                    try await eventually("the call has arrived") {
                        FileManager.default.fileExists(atPath: file.path + ".begun")
                    }
                    try await body(gateway, call, file)
                }
            }
        }

        @Test("A call under way is answered after SIGTERM, and new connections are refused", .timeLimit(.minutes(1)))
        func drains() async throws {
            try await Self.serve(["--shutdown-grace", "60s"]) { gateway, call, file in
                gateway.process.signal(SIGTERM)
                try await eventually("no connection is taken") {
                    do {
                        _ = try HTTPConnection(port: gateway.port)
                        return false
                    } catch {
                        return true
                    }
                }
                try Data().write(to: file)
                #expect(try await call.value.toolText == "waited")
                #expect(try await gateway.process.exit() == 0)
            }
        }

        @Test("A call that takes longer than the grace period is cut off", .timeLimit(.minutes(1)))
        func grace() async throws {
            try await Self.serve(["--shutdown-grace", "1s"]) { gateway, call, _ in
                gateway.process.signal(SIGTERM)
                let status = try await gateway.process.exit()
                #expect(status == 0)
                await #expect(throws: (any Error).self) { try await call.value }
            }
        }

        @Test("A second signal ends the process at once, and its children with it", .timeLimit(.minutes(1)))
        func secondSignal() async throws {
            try await Self.serve(["--shutdown-grace", "600s"]) { gateway, call, _ in
                let children = try ProcessTable.descendants(of: gateway.process.identifier)
                gateway.process.signal(SIGTERM)
                _ = try await gateway.process.errors.line { $0.contains("Ending") }
                gateway.process.signal(SIGTERM)
                #expect(try await gateway.process.exit() == 1)
                call.cancel()
                try await eventually("the children end") { !children.contains(where: ProcessTable.isAlive) }
                gateway.endedByItself()
            }
        }

        @Test("During the delay /readyz says no and calls are served", .timeLimit(.minutes(1)))
        func delay() async throws {
            try await RunningGateway.serve(try Self.slow(), arguments: ["--shutdown-delay", "600s"]) { gateway in
                let client = try await gateway.client()
                #expect(try await gateway.get("/readyz").status == 200)
                gateway.process.signal(SIGTERM)
                try await eventually("it says that it is not ready") { try await gateway.get("/readyz").status == 503 }
                #expect(try await gateway.get("/readyz").text.contains("shutting_down"))
                #expect(try await client.call("slow_echo", #"{"text":"x"}"#).toolText == "slow: x")
                let modern = try await ModernRequest.call("slow_echo", #"{"text":"x"}"#).send(to: gateway.port)
                #expect(modern.text.contains("slow: x"))
                gateway.process.signal(SIGTERM)
                #expect(try await gateway.process.exit() == 1)
                gateway.endedByItself()
            }
        }

        @Test("A session whose client listens goes on after SIGTERM until it ends", .timeLimit(.minutes(1)))
        func sessions() async throws {
            try await RunningGateway.serve(try Self.slow(), arguments: ["--shutdown-grace", "600s"]) { gateway in
                let client = try await gateway.client()
                let listening = try HTTPConnection(port: gateway.port)
                #expect(try await listening.open("GET", "/mcp", headers: client.headers).status == 200)
                // The event that opens it: from then on the gateway knows the stream.
                #expect(try await listening.chunk() != nil)
                gateway.process.signal(SIGTERM)
                let initialize =
                    #"{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25","#
                    + #""capabilities":{},"clientInfo":{"name":"raw","version":"1"}}}"#
                try await eventually("no session is opened") {
                    let answer = try await HTTPConnection(port: gateway.port).exchange(
                        "POST", "/mcp",
                        headers: [
                            ("Content-Type", "application/json"), ("Accept", "application/json, text/event-stream"),
                        ],
                        body: Array(initialize.utf8))
                    return answer.status == 503 && answer.headers["retry-after"] == "1"
                }
                #expect(try await gateway.get("/readyz").status == 503)
                #expect(try await client.call("slow_echo", #"{"text":"x"}"#).toolText == "slow: x")
                let modern = try await ModernRequest.call("slow_echo", #"{"text":"x"}"#).send(to: gateway.port)
                #expect(modern.text.contains("slow: x"))
                #expect(try await client.delete().status == 200)
                // What opened the stream, and then its end.
                while try await listening.chunk() != nil {}
                #expect(try await gateway.process.exit() == 0)
                gateway.endedByItself()
            }
        }

        @Test("A rolling restart of two instances loses no call of 2026-07-28", .timeLimit(.minutes(2)))
        func rolling() async throws {
            let traffic = Traffic()
            defer { traffic.isOver.fire(()) }
            try await RunningGateway.serve(try Self.slow()) { first in
                try await RunningGateway.serve(try Self.slow()) { second in
                    traffic.ports.withLock { $0 = [first.port, second.port] }
                    let clients = (0..<4).map { _ in
                        Task {
                            while traffic.isOver.current == nil {
                                try await Self.call(over: traffic.ports.withLock { $0.shuffled() })
                                traffic.calls.withLock { $0 += 1 }
                            }
                        }
                    }
                    try await eventually("calls are made") { traffic.count > 50 }
                    // Both are ended in turn, with a third one in place before.
                    try await RunningGateway.serve(try Self.slow()) { third in
                        traffic.ports.withLock { $0.append(third.port) }
                        for gateway in [first, second] {
                            gateway.process.signal(SIGTERM)
                            #expect(try await gateway.process.exit() == 0)
                            let before = traffic.count
                            try await eventually("calls go on") { traffic.count > before + 20 }
                        }
                        traffic.isOver.fire(())
                        for client in clients { try await client.value }
                    }
                }
            }
        }

        /// Clients that call until they are told to end.
        private final class Traffic: Sendable {
            let ports = Mutex<[Int]>([])
            let calls = Mutex(0)
            let isOver = Signal<Void>()
            var count: Int { calls.withLock { $0 } }
        }

        /// As a load balancer does: the next instance where one takes no connection, and nowhere else.
        private static func call(over ports: [Int]) async throws {
            for port in ports {
                let connection: HTTPConnection
                do { connection = try HTTPConnection(port: port) } catch { continue }
                let request = ModernRequest.call("slow_echo", #"{"text":"x"}"#)
                let answer = try await connection.exchange(
                    "POST", "/mcp", headers: request.headers, body: Array(request.body.utf8))
                guard answer.text.contains("slow: x") else { throw TestFailure("a call was lost: \(answer.text)") }
                return
            }
            throw TestFailure("no instance takes connections")
        }
    }
}
