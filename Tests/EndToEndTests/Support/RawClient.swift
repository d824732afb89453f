import Synchronization

/// An MCP client of one session over plain HTTP, for what an SDK's client would hide.
final class RawClient: Sendable {
    private struct State {
        var session: String?
        var revision = ""
        var nextID = 1
    }
    private let connection: HTTPConnection
    private let state = Mutex(State())

    private let token: String?

    /// - Parameter token: Of the user, for a gateway that wants one.
    init(port: Int, token: String? = nil) throws {
        connection = try HTTPConnection(port: port)
        self.token = token
    }

    var session: String? { state.withLock { $0.session } }

    /// The headers that every request of the session carries.
    var headers: [(String, String)] {
        state.withLock { state in
            var headers = [
                ("Content-Type", "application/json"), ("Accept", "application/json, text/event-stream"),
            ]
            if let token { headers.append(("Authorization", "Bearer \(token)")) }
            if let session = state.session {
                headers += [("Mcp-Session-Id", session), ("MCP-Protocol-Version", state.revision)]
            }
            return headers
        }
    }

    /// Opens a session.
    ///
    /// - Returns: The result of `initialize`.
    @discardableResult
    func initialize(revision: String = "2025-11-25", capabilities: String = "{}") async throws -> JSON {
        let answer = try await post(
            """
            {"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"\(revision)",\
            "capabilities":\(capabilities),"clientInfo":{"name":"raw","version":"1"}}}
            """)
        guard answer.status == 200, let session = answer.headers["mcp-session-id"] else {
            throw TestFailure("initialize got \(answer.status): \(answer.text)")
        }
        let result = try answer.json["result"] ?? .null
        state.withLock { state in
            state.session = session
            state.revision = result["protocolVersion"]?.string ?? revision
        }
        let notified = try await post("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}")
        guard notified.status == 202 else { throw TestFailure("initialized got \(notified.status): \(notified.text)") }
        return result
    }

    /// Posts a body with the session's headers and more, as it is.
    func post(_ body: String, _ more: [(String, String)] = []) async throws -> HTTPResponse {
        let answer = try await connection.exchange("POST", "/mcp", headers: headers + more, body: Array(body.utf8))
        KnownSecrets.check(answer.text, of: "an answer of the gateway")
        return answer
    }

    /// Sends a request and returns the JSON-RPC answer's exact text; `params` is JSON.
    func answer(_ method: String, _ params: String = "{}") async throws -> String {
        let id = state.withLock { state in
            defer { state.nextID += 1 }
            return state.nextID
        }
        let response = try await post(
            "{\"jsonrpc\":\"2.0\",\"id\":\(id),\"method\":\"\(method)\",\"params\":\(params)}")
        guard response.status == 200 else { throw TestFailure("\(method) got \(response.status): \(response.text)") }
        if response.contentType.hasPrefix("application/json") { return response.text }
        guard let message = Self.messages(in: response.text).last else {
            throw TestFailure("\(method) got a stream without an answer: \(response.text)")
        }
        return message
    }

    /// Sends a request and returns its result.
    ///
    /// - Throws: ``TestFailure`` with the error when it is answered with one.
    func request(_ method: String, _ params: String = "{}") async throws -> JSON {
        let text = try await answer(method, params)
        guard let result = try JSON(parsing: text.utf8)["result"] else { throw TestFailure("\(method) got \(text)") }
        return result
    }

    /// Calls a tool; `arguments` is JSON.
    func call(_ tool: String, _ arguments: String = "{}") async throws -> JSON {
        try await request("tools/call", "{\"name\":\"\(tool)\",\"arguments\":\(arguments)}")
    }

    /// The names of all tools, over all pages, in order.
    func toolNames() async throws -> [String] {
        var names: [String] = []
        var cursor: JSON?
        repeat {
            let page = try await request("tools/list", cursor.map { "{\"cursor\":\($0.text)}" } ?? "{}")
            names += page["tools"]?.names ?? []
            cursor = page["nextCursor"]
        } while cursor != nil
        return names
    }

    /// Ends the session.
    func delete() async throws -> HTTPResponse {
        try await connection.exchange("DELETE", "/mcp", headers: headers)
    }

    /// The data of the events of a stream that has come as a whole.
    static func messages(in stream: String) -> [String] {
        stream.replacing("\r\n", with: "\n").split(separator: "\n")
            .filter { $0.hasPrefix("data:") }
            .map { String($0.dropFirst(5).drop { $0 == " " }) }
            .filter { !$0.isEmpty }
    }
}
