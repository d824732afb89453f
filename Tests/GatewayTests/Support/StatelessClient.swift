import Gateway
import Synchronization

/// The answer to one request without a session, as it comes in.
final class StatelessAnswer: StatelessStream {
    let recording = RecordingStream()
    let exchange = Mutex<(any StatelessExchange)?>(nil)
    private let errorCode = Mutex<Int?>(nil)

    /// What came before the answer.
    var sent: [String] { recording.sent }
    /// What the HTTP side is told of the answer.
    var code: Int? { errorCode.withLock { $0 } }

    func send(_ message: [UInt8]) -> Flow { recording.send(message) }
    func finish(_ response: [UInt8], code: Int?) {
        errorCode.withLock { $0 = code }
        recording.finish(response)
    }

    /// The answer, once it is there.
    func response() async throws -> JSONSlice {
        try JSONSlice(validating: Array((await recording.response() ?? "null").utf8))
    }

    func text() async -> String { await recording.response() ?? "" }
    func messages(_ count: Int) async -> [String] { await recording.messages(count) }
    func cancel() { exchange.withLock { $0 }?.cancel() }
    func drain() { exchange.withLock { $0 }?.drain() }
}

extension TestGateway {
    static let serverInfo = #""io.modelcontextprotocol/serverInfo":{"name":"test","version":"0"}"#

    /// Sends a request without a session, with correct metadata.
    /// - Parameters:
    ///   - members: Of the params, besides `_meta`.
    ///   - meta: More members of `_meta`, with a comma in front.
    func post(
        _ method: String, _ members: String = "", id: String = "7", meta: String = "", capabilities: String = "{}",
        principal: Principal = .anonymous, headers: [Header] = []
    ) async throws -> StatelessAnswer {
        await server.keeper.firstRound()
        let answer = StatelessAnswer()
        let request = try Self.message(
            """
            {"jsonrpc":"2.0","id":\(id),"method":"\(method)","params":{\(members)\(members.isEmpty ? "" : ",")"_meta":\
            {"io.modelcontextprotocol/protocolVersion":"2026-07-28",\
            "io.modelcontextprotocol/clientCapabilities":\(capabilities)\(meta)}}}
            """)
        let exchange = server.request(request, principal: principal, headers: headers, stream: answer)
        answer.exchange.withLock { $0 = exchange }
        return answer
    }
}
