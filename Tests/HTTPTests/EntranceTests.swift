import Gateway
import HostHTTP
import Synchronization
import Testing

/// A gate that knows alice at once, bob after a look, and nobody else.
private final class CountingGate: RequestGate {
    private let asked = Mutex(0)
    var judgements: Int { asked.withLock { $0 } }

    func judge(_ head: HTTPRequest) -> GateVerdict? {
        asked.withLock { $0 += 1 }
        switch head.headers["authorization"] {
        case "alice": return .admitted(Principal(issuer: "i", subject: "alice"))
        case "bob": return nil
        default: return .refused(HTTPResponse(401))
        }
    }

    func admit(_ request: HTTPRequest) async -> GateVerdict { .admitted(Principal(issuer: "i", subject: "bob")) }
    func document(for request: HTTPRequest) -> HTTPResponse? { nil }
}

/// Tells whose requests reach it.
private struct Endpoint: HTTPHandler {
    let subjects = AsyncStream<String>.makeStream()
    func admit(_ head: inout HTTPRequest) -> HTTPResponse? { nil }
    func handle(_ request: HTTPRequest, _ responder: any HTTPResponder) {
        subjects.continuation.yield(request.principal.subject)
    }
}

private final class NoResponder: HTTPResponder {
    func respond(_ response: HTTPResponse) {}
    func begin(_ status: Int, headers: [Header]) {}
    func write(_ bytes: [UInt8]) -> Flow { .go }
    func finish() {}
    func observe(_ observer: @escaping @Sendable (HTTPExchangeEvent) -> Void) {}
}

@Suite("The gate before the endpoint", .timeLimit(.minutes(1)))
struct EntranceTests {
    @Test(
        "A known caller is judged once a request, another one is looked at when the body is there",
        arguments: [("alice", 1), ("bob", 2)])
    func judgedOnce(caller: String, judgements: Int) async throws {
        let (gate, endpoint) = (CountingGate(), Endpoint())
        let entrance = Entrance(gate, next: endpoint)
        var request = HTTPRequest(
            method: "POST", path: "/mcp", headers: HTTPFields([Header("authorization", caller)]))
        #expect(entrance.admit(&request) == nil)
        entrance.handle(request, NoResponder())
        var subjects = endpoint.subjects.stream.makeAsyncIterator()
        #expect(await subjects.next() == caller)
        #expect(gate.judgements == judgements)
    }

    @Test("Who is not let in is refused by the head, and a request that nobody admitted is judged before it is served")
    func refused() {
        let entrance = Entrance(CountingGate(), next: Endpoint())
        var request = HTTPRequest(method: "POST", path: "/mcp")
        #expect(entrance.admit(&request)?.status == 401)
        #expect(!request.isAdmitted)
    }
}
