import Gateway

/// A call of 2026-07-28 whose backend asks its client, step by step.
struct AskingCall {
    static let everything =
        #"{"elicitation":{"form":{},"url":{}},"sampling":{"tools":{},"context":{}},"roots":{}}"#
    static let form = #""method":"elicitation/create","params":{"message":"m","requestedSchema":{}}"#

    let gateway: TestGateway
    let backend: MemoryBackend
    /// The backend's side of it.
    let call: MemoryBackend.Waiting
    /// The first request of the client.
    let first: StatelessAnswer

    init(
        _ gateway: TestGateway, _ backend: MemoryBackend, capabilities: String = everything, meta: String = "",
        principal: Principal = .anonymous
    ) async throws {
        (self.gateway, self.backend) = (gateway, backend)
        first = try await gateway.post(
            "tools/call", #""name":"a_echo""#, id: "1", meta: meta, capabilities: capabilities, principal: principal)
        call = await backend.next("tools/call")
    }

    /// The backend asks, on the call's own stream or on its session.
    func ask(_ id: String, _ request: String = form, onCall: Bool = true) {
        let text = #"{"jsonrpc":"2.0","id":\#(id),\#(request)}"#
        if onCall { _ = call.observer.received(Array(text.utf8)) } else { backend.say(text, session: call.session) }
    }

    /// Lets the time for gathering pass.
    func gathered() async {
        await gateway.clock.sleeper(20)
        gateway.clock.advance(by: 20)
    }

    /// The input-required answer to a request of the client.
    func round(_ answer: StatelessAnswer) async throws -> (requests: JSONSlice, state: String, result: JSONSlice) {
        let result = try await answer.response()["result"]
        guard let result, result["resultType"]?.string == "input_required", let requests = result["inputRequests"],
            let state = result["requestState"]?.string
        else { throw TestGateway.Refused() }
        return (requests, state, result)
    }

    /// Asks one question and gathers it.
    func oneRound() async throws -> String {
        ask("5")
        await gathered()
        return try await round(first).state
    }

    func retry(
        _ state: String, _ responses: String, id: String = "2", name: String = "a_echo", meta: String = "",
        principal: Principal = .anonymous, method: String = "tools/call"
    ) async throws -> StatelessAnswer {
        try await gateway.post(
            method, #""inputResponses":\#(responses),"name":"\#(name)","requestState":"\#(state)""#, id: id, meta: meta,
            capabilities: Self.everything, principal: principal)
    }

    /// What the backend was answered, whole.
    var answers: [String] {
        backend.received.filter { $0.kind == .response }.map { String(decoding: $0.json.bytes, as: UTF8.self) }
    }

    /// The first request that the backend is told is cancelled.
    func cancellation() async -> [UInt8]? {
        await backend.until { state in state.received.contains { $0.method == "notifications/cancelled" } }
        return cancelled.first
    }

    /// The requests that the backend was told are cancelled.
    var cancelled: [[UInt8]] {
        backend.received.filter { $0.method == "notifications/cancelled" }.compactMap {
            $0.params?["requestId"]?.array
        }
    }
}
