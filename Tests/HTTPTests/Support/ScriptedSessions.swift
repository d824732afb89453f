import Gateway
import Synchronization

/// Sessions that do what the method's name says. They stand in for the gateway at the seam the endpoint talks to.
final class ScriptedSessions: ClientSessions {
    let journal = Journal()
    fileprivate let attaching = Mutex<(@Sendable (any ClientStream) -> Void)?>(nil)
    private let sessions = Mutex<[String: ScriptedSession]>([:])

    /// Runs when a stream is about to be attached.
    func whenAttaching(_ body: @escaping @Sendable (any ClientStream) -> Void) { attaching.withLock { $0 = body } }

    /// A session that is open already.
    func open(_ revision: ProtocolRevision, principal: Principal = .anonymous) -> ScriptedSession {
        let id = "session-\(sessions.withLock { $0.count })-\(revision.rawValue)"
        let session = ScriptedSession(id: id, revision: revision, owner: principal, sessions: self)
        sessions.withLock { $0[id] = session }
        return session
    }

    func initialize(_ request: JSONRPCMessage, principal: Principal, headers: [Header]) async -> InitializeOutcome {
        let id = request.id?.array ?? []
        let version = request.params?["protocolVersion"]?.string ?? ""
        if version == "wait" { await journal.first("go on") }
        guard let revision = ProtocolRevision(rawValue: version) ?? (version == "wait" ? .newest : nil) else {
            return .refused(response: JSONRPCWriter.error(id: id, code: -32602, message: "bad version"))
        }
        let session = open(revision, principal: principal)
        journal.add("initialized \(session.id)")
        return .opened(session, response: JSONRPCWriter.result(id: id, Array("{\"version\":\"\(version)\"}".utf8)))
    }

    func session(_ id: String, principal: Principal) -> (any ClientSession)? {
        sessions.withLock { $0[id] }.flatMap { $0.owner == principal ? $0 : nil }
    }

    fileprivate func ended(_ session: ScriptedSession) {
        sessions.withLock { $0[session.id] = nil }
        journal.add("ended \(session.id)")
    }
}

final class ScriptedSession: ClientSession {
    let id: String
    let revision: ProtocolRevision
    fileprivate let owner: Principal
    private let sessions: ScriptedSessions
    private let held = Mutex<[(id: [UInt8], stream: any ClientStream)]>([])

    fileprivate init(id: String, revision: ProtocolRevision, owner: Principal, sessions: ScriptedSessions) {
        self.id = id
        self.revision = revision
        self.owner = owner
        self.sessions = sessions
    }

    static let notification = Array(#"{"jsonrpc":"2.0","method":"notifications/progress"}"#.utf8)

    func request(_ request: JSONRPCMessage, headers: [Header], stream: any ClientStream) {
        let id = request.id?.array ?? []
        switch request.method {
        case "hold":
            held.withLock { $0.append((id, stream)) }
            sessions.journal.add("held \(String(decoding: id, as: UTF8.self))")
        case "notify":
            _ = stream.send(Self.notification)
            stream.finish(JSONRPCWriter.result(id: id, Array("{}".utf8)))
        case "later":
            // The answer comes from another thread, as a backend's does.
            Task { stream.finish(JSONRPCWriter.result(id: id, Array("{}".utf8))) }
        case "large":
            sessions.journal.add("large")
            stream.finish(
                JSONRPCWriter.result(id: id, [UInt8](repeating: UInt8(ascii: "1"), count: 300_000)))
        case "close": stream.close()
        case "cancel": stream.cancelled()
        default: stream.finish(JSONRPCWriter.result(id: id, request.params?.array ?? Array("{}".utf8)))
        }
    }

    /// The streams of requests that were held, and of GETs, in the order they came.
    var streams: [any ClientStream] { held.withLock { $0.map(\.stream) } }

    /// Answers the requests that are held.
    func release() {
        let requests = held.withLock { held in
            defer { held = [] }
            return held
        }
        for request in requests {
            request.stream.finish(JSONRPCWriter.result(id: request.id, Array("\"released\"".utf8)))
        }
    }

    func accept(_ message: JSONRPCMessage) {
        sessions.journal.add("accepted \(message.method.isEmpty ? "a response" : message.method)")
    }

    func attach(_ stream: any ClientStream) {
        sessions.attaching.withLock { $0 }?(stream)
        held.withLock { $0.append(([], stream)) }
        sessions.journal.add("attached")
    }

    func detach(_ stream: any ClientStream) { sessions.journal.add("detached") }
    func end() async {
        sessions.ended(self)
        for over in overs.withLock({ overs in
            defer { overs = [] }
            return overs
        }) { over() }
    }

    private let overs = Mutex<[@Sendable () -> Void]>([])
    func whenOver(_ over: @escaping @Sendable () -> Void) { overs.withLock { $0.append(over) } }
}
