import Foundation
import Glibc

/// A Python server of the fixtures that listens on loopback, as one that somebody else runs.
final class FixtureServer: Sendable {
    let process: ChildProcess
    let port: Int
    var url: String { "http://127.0.0.1:\(port)/mcp" }
    /// Where a server of the older HTTP+SSE transport is.
    var sseURL: String { "http://127.0.0.1:\(port)/sse" }

    private init(_ process: ChildProcess) async throws {
        self.process = process
        let line: String
        do {
            line = try await process.output.line { $0.hasPrefix("listening ") }
        } catch {
            throw TestFailure("the server did not start: \(process.errors.tail)")
        }
        port = Int(line.dropFirst("listening ".count)) ?? 0
    }

    /// A server on the official SDK.
    /// - Parameter more: Arguments of Fixtures/servers/hosting.py.
    static func sdk(
        _ sdk: Places.SDK, name: String, transport: String, more: [String] = []
    ) async throws -> FixtureServer {
        let script = Places.server(sdk == .first ? "sdk1_server.py" : "sdk_server.py")
        return try await FixtureServer(
            ChildProcess(try Places.python(sdk), [script, "--name", name, "--transport", transport] + more))
    }

    /// Ends it, and starts another server on the official SDK in its place.
    func replaced(
        by sdk: Places.SDK, name: String, transport: String, more: [String] = []
    ) async throws -> FixtureServer {
        process.signal(SIGKILL)
        _ = try await process.exit()
        return try await .sdk(sdk, name: name, transport: transport, more: ["--port", String(port)] + more)
    }

    /// The hand-written server; modes in Fixtures/servers/raw_http.py.
    static func raw(_ mode: String, elsewhere: String = "") async throws -> FixtureServer {
        try await FixtureServer(
            ChildProcess(
                try Places.program("python3"), [Places.server("raw_http.py"), mode, "--elsewhere", elsewhere]))
    }

    /// The hand-written server of 2026-07-28; see Fixtures/servers/raw_modern.py.
    static func modern(_ more: [String] = []) async throws -> FixtureServer {
        try await FixtureServer(
            ChildProcess(try Places.program("python3"), [Places.server("raw_modern.py"), "http"] + more))
    }

    /// The server on the first SDK whose tools ask, in the course of their calls; Fixtures/servers/asking1_server.py.
    static func asking() async throws -> FixtureServer {
        let arguments = [Places.server("asking1_server.py"), "--name", "asking", "--transport", "streamable-http"]
        return try await FixtureServer(ChildProcess(try Places.python(.first), arguments))
    }

    /// Lets another hand-written server take the place of this one, on its port: a script of Fixtures/servers with its
    /// arguments.
    func become(_ arguments: [String]) async throws {
        let body = JSON.array(arguments.map { .string($0) }).text
        let answer = try await HTTPConnection(port: port).exchange("POST", "/become", body: Array(body.utf8))
        guard answer.status == 204 else { throw TestFailure("the server stays what it is: \(answer.status)") }
        // Once the other answers, the connections of the first are closed: no request gets lost between them.
        try await eventually("another server answers") {
            do { return try await counts()["tools/call"] == nil } catch is TestFailure { return false }
        }
    }

    /// Many small servers in one process, each at a path of its own; Fixtures/servers/many_http.py.
    /// - Parameter tools: A file with the tools of servers of the tool-retrieval benchmark; otherwise they have four each.
    static func many(tools: String? = nil) async throws -> FixtureServer {
        try await FixtureServer(
            ChildProcess(
                try Places.program("python3"), [Places.server("many_http.py")] + (tools.map { [$0] } ?? [])))
    }

    /// Many servers in one process that can be made to go wrong; Fixtures/servers/faults.py.
    static func faults() async throws -> FixtureServer {
        try await FixtureServer(ChildProcess(try Places.program("python3"), [Places.server("faults.py")]))
    }

    /// Gives one of ``faults()`` a fault, or mends it with an empty one.
    func set(_ subject: String, _ fault: String) async throws {
        let answer = try await HTTPConnection(port: port).exchange("POST", "/\(subject)/fault", body: Array(fault.utf8))
        guard answer.status == 204 else { throw TestFailure("\(subject) stays what it is: \(answer.status)") }
    }

    /// How often one of ``faults()`` has seen what.
    func counts(of subject: String) async throws -> JSON {
        try await HTTPConnection(port: port).exchange("GET", "/\(subject)/counts").json
    }

    /// The endpoint of one of ``many()``, or of ``faults()``.
    func url(of subject: String) -> String { "http://127.0.0.1:\(port)/\(subject)/mcp" }

    /// The hand-written server behind bearer tokens of an authorization server, for an audience of its own.
    /// - Parameter perUser: Whether it has one tool more for each user, whose name tells whose.
    /// - Parameter exactScope: What a token must have with which its tool `exact` is called.
    static func guarded(
        by issuer: FixtureServer, audience: String, mode: String = "ok", perUser: Bool = false,
        exactScope: String = "files:write"
    ) async throws -> FixtureServer {
        try await FixtureServer(
            ChildProcess(
                try Places.program("python3"),
                [
                    Places.server("raw_http.py"), mode, "--issuer", "http://127.0.0.1:\(issuer.port)", "--audience",
                    audience, "--exact-scope", exactScope,
                ] + (perUser ? ["--per-user"] : [])))
    }

    /// The hand-written server that refuses what is not signed as examples/described/hmac does it.
    static func signed(key: String) async throws -> FixtureServer {
        try await FixtureServer(
            ChildProcess(try Places.program("python3"), [Places.server("raw_http.py"), "ok", "--key", key]))
    }

    /// The hand-written server with tasks; kinds in Fixtures/servers/task_server.py.
    /// - Parameter record: A file for the messages that it gets.
    static func tasks(_ kind: String, record: String? = nil) async throws -> FixtureServer {
        try await FixtureServer(
            ChildProcess(
                try Places.program("python3"),
                [Places.server("task_server.py"), kind] + (record.map { [$0] } ?? [])))
    }

    /// A server on the official SDK, first generation, with its tasks.
    static func sdkTasks(name: String, record: String? = nil) async throws -> FixtureServer {
        let script = Places.server("task1_server.py")
        return try await FixtureServer(
            ChildProcess(
                try Places.python(.first),
                [script, "--name", name, "--transport", "streamable-http"] + (record.map { ["--record", $0] } ?? [])))
    }

    /// Puts a proxy before an endpoint that writes down what comes from there, while `body` runs; Fixtures/wire/proxy.py.
    static func recording(
        _ url: String, in file: String, _ body: (FixtureServer) async throws -> Void
    ) async throws {
        let script = Places.fixtures.appending(path: "wire/proxy.py").path
        let proxy = try await FixtureServer(ChildProcess(try Places.program("python3"), [script, url, file]))
        try await body(proxy)
        proxy.process.signal(SIGKILL)
    }

    /// Changes a task of that server, which it knows by its own id.
    func advance(_ task: String, _ status: String, text: String = "") async throws {
        let body = "{\"taskId\":\"\(task)\",\"status\":\"\(status)\",\"text\":\"\(text)\"}"
        _ = try await HTTPConnection(port: port).exchange("POST", "/advance", body: Array(body.utf8))
    }

    /// The hand-written server behind signatures of AWS; Fixtures/servers/aws_server.py.
    static func aws() async throws -> FixtureServer {
        try await FixtureServer(ChildProcess(try Places.awsPython(), [Places.server("aws_server.py"), "ok"]))
    }

    /// A real authorization server; Fixtures/servers/idp_server.py tells what it knows.
    /// - Parameter opaque: Its tokens can be read by nobody else.
    static func authorizationServer(opaque: Bool = false) async throws -> FixtureServer {
        try await FixtureServer(
            ChildProcess(
                try Places.oauthPython(), [Places.server("idp_server.py")] + (opaque ? ["--opaque"] : [])))
    }

    /// Logs its user in by the authorization code flow.
    ///
    /// - Returns: The access token.
    func login(scope: String = "openid read write", user: String = "diana") async throws -> String {
        let query = "scope=\(scope.replacing(" ", with: "+"))&user=\(user)"
        let answer = try await HTTPConnection(port: port).exchange("POST", "/test/login?\(query)").json
        guard let token = answer["access_token"]?.string else { throw TestFailure("no token: \(answer.text)") }
        KnownSecrets.add(token)
        return token
    }

    /// How often an endpoint of the authorization server was asked.
    func asked(_ endpoint: String) async throws -> Int {
        Int(try await HTTPConnection(port: port).exchange("GET", "/test/counts").json[endpoint]?.number ?? 0)
    }

    /// A proxy in front of an endpoint that cuts a connection after each of `marks`; see Fixtures/wire/cutting.py.
    static func cutting(_ url: String, marks: [String]) async throws -> FixtureServer {
        let script = Places.fixtures.appending(path: "wire/cutting.py").path
        return try await FixtureServer(ChildProcess(try Places.program("python3"), [script, url] + marks))
    }

    /// How often the hand-written server has seen what (`initialize`, `tools/call`, `DELETE`, …).
    func counts() async throws -> JSON {
        try await HTTPConnection(port: port).exchange("GET", "/counts").json
    }

    /// The headers of the last message that the hand-written server got, names in lower case.
    func lastHeaders() async throws -> JSON {
        let headers = try await HTTPConnection(port: port).exchange("GET", "/headers").json
        if let token = headers["authorization"]?.string?.split(separator: " ").last { KnownSecrets.add(String(token)) }
        return headers
    }

    /// Makes the hand-written server forget its sessions.
    func forgetSessions() async throws {
        _ = try await HTTPConnection(port: port).exchange("POST", "/forget")
    }

    /// Gives the caller whose own tool this is another one, without a word.
    func grow(_ tool: String) async throws {
        _ = try await HTTPConnection(port: port).exchange("POST", "/grow", body: Array(tool.utf8))
    }

    /// Sends a message on every GET stream of the hand-written server.
    func notify(_ message: String) async throws {
        _ = try await HTTPConnection(port: port).exchange("POST", "/notify", body: Array(message.utf8))
    }
}
