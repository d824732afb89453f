package import Gateway

/// The MCP endpoint: reads each POST once and hands it to the side that speaks its era.
///
/// GET and DELETE belong to the revisions with sessions.
package struct MCPEndpoint: HTTPHandler {
    private let legacy: LegacyEndpoint
    private let modern: ModernEndpoint
    private let maximumDepth: Int

    /// - Parameter openStreams: Gets the exchanges that wait; whoever made it lets it beat.
    package init(
        _ settings: HTTPServerSettings, sessions: any ClientSessions, requests: any StatelessRequests,
        openStreams: OpenStreams
    ) {
        maximumDepth = settings.maximumDepth
        legacy = LegacyEndpoint(settings, sessions: sessions, openStreams: openStreams)
        modern = ModernEndpoint(requests: requests, openStreams: openStreams)
    }

    package func admit(_ head: inout HTTPRequest) -> HTTPResponse? { nil }

    package func handle(_ request: HTTPRequest, _ responder: any HTTPResponder) {
        switch request.method {
        case "POST": post(request, responder)
        case "GET": legacy.get(request, responder)
        case "DELETE": legacy.delete(request, responder)
        default: responder.respond(EndpointFault.methodNotAllowed)
        }
    }

    private func post(_ request: HTTPRequest, _ responder: any HTTPResponder) {
        if let fault = ContentNegotiation.fault(post: request) { return responder.respond(fault) }
        if request.body.first(where: { $0 > 0x20 }) == UInt8(ascii: "[") {
            return batch(request, responder)
        }
        let message: JSONRPCMessage
        do throws(JSONRPCMessage.Malformed) {
            message = try JSONRPCMessage(request.body, depth: maximumDepth)
        } catch {
            return responder.respond(EndpointFault.malformed(error))
        }
        let session = legacy.session(of: request)
        let era = EraClassifier.era(
            hasSession: session != nil, method: message.method, versionHeader: request.headers["mcp-protocol-version"],
            meta: session == nil ? message.params?["_meta"] : nil)
        switch era {
        case .legacy: legacy.post(message, request, session: session, responder)
        case .modern: modern.post(message, request, responder)
        }
    }

    private func batch(_ request: HTTPRequest, _ responder: any HTTPResponder) {
        let version = request.headers["mcp-protocol-version"]
        let era = EraClassifier.era(
            hasSession: legacy.session(of: request) != nil, method: "", versionHeader: version, meta: nil)
        guard era != .legacy else { return legacy.batch(request, responder) }
        do throws(JSONRPCMessage.Malformed) {
            _ = try JSONRPCMessage.batch(request.body, depth: maximumDepth)
            let fault = ModernFault.invalidRequest("expected one message; batches exist in sessions of 2025-03-26 only")
            responder.respond(fault.answer(id: nil))
        } catch {
            responder.respond(EndpointFault.malformed(error))
        }
    }
}
