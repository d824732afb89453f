import Gateway
import Synchronization

/// Requests without sessions that do what the tool's name says. They stand in for the gateway at the seam the endpoint
/// talks to.
final class ScriptedRequests: StatelessRequests {
    let journal = Journal()
    private let isStarted = Mutex(true)

    static let methods: Set<String> = [
        "server/discover", "tools/list", "tools/call", "resources/read", "prompts/get", "subscriptions/listen",
    ]

    /// Requests wait until the journal has "started".
    func start() { isStarted.withLock { $0 = false } }

    func isReady(for principal: Principal) -> Bool { isStarted.withLock { $0 } }
    func ready(for principal: Principal) async {
        journal.add("waiting")
        await journal.first("started")
    }
    func offers(_ method: String, to principal: Principal) -> Bool { Self.methods.contains(method) }

    func headerParameters(ofTool name: String, for principal: Principal) -> [HeaderParameter] {
        guard name == "annotated" else { return [] }
        return [
            HeaderParameter(name: "Region", path: ["region"]), HeaderParameter(name: "Count", path: ["deep", "count"]),
            HeaderParameter(name: "Dry-Run", path: ["dry"]),
        ]
    }

    func request(
        _ request: JSONRPCMessage, principal: Principal, headers: [Header], stream: any StatelessStream
    ) -> (any StatelessExchange)? {
        let id = request.id?.array ?? []
        func fail(_ code: Int) {
            stream.finish(JSONRPCWriter.error(id: id, code: code, message: "scripted"), code: code)
        }
        let name = request.params?["name"]?.string ?? ""
        switch name {
        case "hold", "listen":
            journal.add("held")
            return ScriptedExchange(id: id, stream: stream, journal: journal, ends: name == "listen")
        case "notify", "late error":
            _ = stream.send(ScriptedSession.notification)
            name == "notify" ? stream.finish(JSONRPCWriter.result(id: id, Array("{}".utf8)), code: nil) : fail(-32601)
        default:
            if let code = Int(name) {
                fail(code)
            } else {
                stream.finish(JSONRPCWriter.result(id: id, Array("{}".utf8)), code: nil)
            }
        }
        return nil
    }
}

private final class ScriptedExchange: StatelessExchange {
    private let id: [UInt8]
    private let stream: any StatelessStream
    private let journal: Journal
    private let ends: Bool

    init(id: [UInt8], stream: any StatelessStream, journal: Journal, ends: Bool) {
        self.id = id
        self.stream = stream
        self.journal = journal
        self.ends = ends
        if ends { _ = stream.send(ScriptedSession.notification) }
    }

    func cancel() { journal.add("cancelled") }
    func drain() {
        journal.add("drained")
        if ends { stream.finish(JSONRPCWriter.result(id: id, Array("{}".utf8)), code: nil) }
    }
}
