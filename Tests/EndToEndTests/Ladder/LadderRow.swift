/// A request of 2026-07-28 to a gateway with real backends, and the exact answer.
struct LadderRow: Sendable {
    let name: String
    let request: ModernRequest
    let status: Int
    /// `nil` for a result, or for the empty body of 202.
    var code: Int?
    /// `nil` for none.
    var id: JSON?
    /// The whole `data` of the error.
    var data: JSON?

    init(_ name: String, _ request: ModernRequest, _ status: Int, _ code: Int? = nil, id: JSON? = 7, data: JSON? = nil)
    {
        (self.name, self.request, self.status, self.code) = (name, request, status, code)
        (self.id, self.data) = (id, data)
    }

    /// Sends it to a gateway, with header names as they are given or in another spelling, and says what is wrong.
    func faults(at port: Int, spelled spelling: (String) -> String) async throws -> (faults: [String], body: String) {
        var request = self.request
        request.headers = request.headers.map { (spelling($0.0), $0.1) }
        let answer = try await request.send(to: port)
        var faults: [String] = []
        func expect(_ isTrue: Bool, _ what: String) { if !isTrue { faults.append("\(name): \(what): \(answer.text)") } }
        expect(answer.status == status, "status \(answer.status) instead of \(status)")
        expect(answer.headers["mcp-session-id"] == nil, "a session id")
        if status == 202 {
            expect(answer.body.isEmpty, "a body")
            return (faults, "")
        }
        let message = try answer.json
        expect(message["id"] == id, "the id")
        expect(
            message["error"]?["code"]?.number.map { Int($0) } == code,
            "code instead of \(code.map(String.init) ?? "none")")
        expect(code != nil || message["result"]?["resultType"] == "complete", "no complete result")
        if let data { expect(message["error"]?["data"] == data, "data instead of \(data.text)") }
        return (faults, answer.text)
    }
}
