import Gateway
import Synchronization

/// The endpoint as the revisions with sessions have it: Streamable HTTP of 2025-03-26 to 2025-11-25.
final class LegacyEndpoint: Sendable {
    private let sessions: any ClientSessions
    private let openStreams: OpenStreams
    private let quota: PrincipalQuota
    private let maximumBatch: Int
    private let maximumDepth: Int

    init(_ settings: HTTPServerSettings, sessions: any ClientSessions, openStreams: OpenStreams) {
        self.sessions = sessions
        self.openStreams = openStreams
        quota = PrincipalQuota(limit: settings.streamsPerPrincipal)
        maximumBatch = settings.maximumBatch
        maximumDepth = settings.maximumDepth
    }

    /// The live session that a request names with its one `Mcp-Session-Id`.
    func session(of request: HTTPRequest) -> (any ClientSession)? {
        guard let id = request.headers["mcp-session-id"], request.headers.count("mcp-session-id") == 1 else {
            return nil
        }
        return sessions.session(id, principal: request.principal)
    }

    // MARK: - POST

    /// Serves one message. `session` is what ``session(of:)`` found.
    func post(
        _ message: JSONRPCMessage, _ request: HTTPRequest, session: (any ClientSession)?, _ responder: any HTTPResponder
    ) {
        let id = message.id?.array
        if message.method == "initialize" { return initialize(message, request, responder) }
        guard let session else { return responder.respond(sessionFault(request, id: id)) }
        if let fault = versionFault(request, session, id: id) { return responder.respond(fault) }
        guard message.kind == .request else {
            session.accept(message)
            return responder.respond(HTTPResponse(202))
        }
        let stream = makeStream(responder, session, request: id)
        responder.observe { event in
            guard event == .closed else { return }
            stream.disconnected()
            // Not a cancellation: the call goes on (2025-06-18, Transports).
            session.detach(stream)
        }
        session.request(message, headers: request.headers.list, stream: stream)
        stream.waits()
    }

    private func initialize(
        _ message: JSONRPCMessage, _ request: HTTPRequest, _ responder: any HTTPResponder
    ) {
        guard message.kind == .request else {
            return responder.respond(EndpointFault.answer(400, "Invalid Request: initialize must have an id"))
        }
        guard request.headers["mcp-session-id"] == nil else {
            return responder.respond(
                EndpointFault.answer(
                    400, "Invalid Request: initialize opens a session and must come without Mcp-Session-Id",
                    id: message.id?.array))
        }
        let isGone = Flag()
        responder.observe { if $0 == .closed { isGone.raise() } }
        Task { [sessions, openStreams] in
            let outcome = await sessions.initialize(
                message, principal: request.principal, headers: request.headers.list)
            switch outcome {
            case .refused(let response): responder.respond(.json(200, response))
            case .ending(let response):
                responder.respond(.json(503, response, headers: [Header("Retry-After", "1")]))
            case .opened(let session, let response):
                // Nobody would ever learn the id.
                if isGone.isRaised { return await session.end() }
                session.whenOver { [id = session.id] in openStreams.forget(session: id) }
                let headers = [Header("Mcp-Session-Id", session.id), Header("Cache-Control", "no-cache, no-transform")]
                responder.respond(.json(200, response, headers: headers))
            }
        }
    }

    /// Serves an array of messages, which only sessions of 2025-03-26 may send.
    func batch(_ request: HTTPRequest, _ responder: any HTTPResponder) {
        let messages: [Result<JSONRPCMessage, JSONRPCMessage.Malformed>]
        let fault: HTTPResponse?
        let session = session(of: request)
        do throws(JSONRPCMessage.Malformed) {
            let count = try count(request.body)
            if let session, session.revision.hasBatches {
                fault =
                    count <= maximumBatch
                    ? nil
                    : EndpointFault.answer(
                        400,
                        "Invalid Request: a batch may have at most \(maximumBatch) messages, found \(count) "
                            + "(operational.limits.batchMessages)"
                    )
            } else if session != nil || request.headers["mcp-session-id"] == nil {
                fault = EndpointFault.answer(
                    400, "Invalid Request: expected one message; batches exist in sessions of 2025-03-26 only")
            } else {
                fault = sessionFault(request, id: nil)
            }
            messages = fault == nil ? try JSONRPCMessage.batch(request.body, depth: maximumDepth) ?? [] : []
        } catch {
            return responder.respond(EndpointFault.malformed(error))
        }
        if let fault { return responder.respond(fault) }
        if let session { serve(messages, request, session, responder) }
    }

    private func serve(
        _ messages: [Result<JSONRPCMessage, JSONRPCMessage.Malformed>], _ request: HTTPRequest,
        _ session: any ClientSession, _ responder: any HTTPResponder
    ) {
        var answers: [[UInt8]?] = []
        var calls: [(message: JSONRPCMessage, index: Int)] = []
        for message in messages {
            switch message {
            case .failure(let error):
                answers.append(JSONRPCWriter.error(id: error.id, code: error.code, message: error.description))
            case .success(let message) where message.method == "initialize":
                answers.append(
                    JSONRPCWriter.error(
                        id: message.id?.array, code: EndpointFault.invalidRequest,
                        message: "Invalid Request: initialize must not be part of a batch"))
            case .success(let message) where message.kind == .request:
                calls.append((message, answers.count))
                answers.append(nil)
            case .success(let message): session.accept(message)
            }
        }
        if calls.isEmpty {
            let known = answers.compactMap(\.self)
            guard !known.isEmpty else { return responder.respond(HTTPResponse(202)) }
            let status = known.count == messages.count ? 400 : 200
            return responder.respond(.json(status, BatchAnswer.array(known)))
        }
        let stream = makeStream(responder, session, request: nil)
        let answer = BatchAnswer(answers, stream: stream)
        let parts = calls.map { (message: $0.message, stream: answer.part($0.index)) }
        responder.observe { event in
            guard event == .closed else { return }
            stream.disconnected()
            for part in parts { session.detach(part.stream) }
        }
        for part in parts { session.request(part.message, headers: request.headers.list, stream: part.stream) }
        stream.waits()
    }

    /// The number of messages in an array, found without taking it apart.
    private func count(_ bytes: [UInt8]) throws(JSONRPCMessage.Malformed) -> Int {
        do throws(JSONScanError) {
            var count = 0
            JSONScanner.eachElement(of: try JSONScanner.value(bytes, depth: maximumDepth)) { _ in count += 1 }
            return count
        } catch {
            // Reads it again, for the error that clients get.
            return try JSONRPCMessage.batch(bytes, depth: maximumDepth)?.count ?? 0
        }
    }

    // MARK: - GET, DELETE

    func get(_ request: HTTPRequest, _ responder: any HTTPResponder) {
        if let fault = ContentNegotiation.fault(get: request) { return responder.respond(fault) }
        guard let session = session(of: request) else { return responder.respond(sessionFault(request, id: nil)) }
        if let fault = versionFault(request, session, id: nil) { return responder.respond(fault) }
        let resumption = StreamResumption(openStreams: openStreams, session: session)
        if resumption.serves(request, responder) { return }
        guard takePlace(request.principal) else {
            return responder.respond(
                EndpointFault.answer(
                    429,
                    "Too Many Requests: one caller may have \(quota.limit) GET streams at a time; close one, or let the "
                        + "operator raise operational.limits.streamsPerPrincipal"))
        }
        let stream = makeStream(responder, session, request: nil, of: request.principal)
        stream.whenOver { [quota, weak stream] in
            quota.give(request.principal)
            if let stream { session.detach(stream) }
        }
        resumption.observe(responder, stream, connection: 0)
        stream.waits()
        // A client that sees the stream open can rely on it: the session has it by then.
        resumption.attach(stream)
        stream.begin()
    }

    /// Takes one of the GET streams that a caller may have, at need in the place of the one whose client is away for longest:
    /// it may have gone for good, and must not keep others out.
    private func takePlace(_ principal: Principal) -> Bool {
        while !quota.take(principal) {
            guard openStreams.giveUpAbsent(of: principal) else { return false }
        }
        return true
    }

    func delete(_ request: HTTPRequest, _ responder: any HTTPResponder) {
        guard let session = session(of: request) else { return responder.respond(sessionFault(request, id: nil)) }
        if let fault = versionFault(request, session, id: nil) { return responder.respond(fault) }
        Task {
            await session.end()
            responder.respond(HTTPResponse(200))
        }
    }

    // MARK: - Common

    private func makeStream(
        _ responder: any HTTPResponder, _ session: any ClientSession, request: [UInt8]?, of listener: Principal? = nil
    ) -> ExchangeStream {
        ExchangeStream(
            responder: responder, openStreams: openStreams, request: request, listener: listener,
            resumableIn: session.revision.hasResumption ? session.id : nil)
    }

    /// Why ``session(of:)`` found none.
    private func sessionFault(_ request: HTTPRequest, id: [UInt8]?) -> HTTPResponse {
        switch request.headers.count("mcp-session-id") {
        case 0: EndpointFault.missingSession(id: id)
        case 1: EndpointFault.unknownSession(id: id)
        default: EndpointFault.repeated("Mcp-Session-Id", id: id)
        }
    }

    /// A header that names another revision than the session's is fine if we serve that one, as ToolHive has it:
    /// clients exist that always send the newest they know.
    private func versionFault(_ request: HTTPRequest, _ session: any ClientSession, id: [UInt8]?) -> HTTPResponse? {
        guard session.revision.hasVersionHeader else { return nil }
        for version in request.headers.all("mcp-protocol-version") where ProtocolRevision(rawValue: version) == nil {
            let served = ProtocolRevision.allCases.map(\.rawValue).joined(separator: ", ")
            return EndpointFault.answer(
                400,
                "Bad Request: unsupported MCP-Protocol-Version \"\(version.prefix(100))\"; expected one of \(served)",
                id: id)
        }
        return nil
    }
}

/// Something that happens once.
private final class Flag: Sendable {
    private let value = Atomic(false)
    var isRaised: Bool { value.load(ordering: .acquiring) }
    func raise() { value.store(true, ordering: .releasing) }
}
