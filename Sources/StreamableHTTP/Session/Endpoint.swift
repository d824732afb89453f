package import PluginKit

/// Where an MCP server is, and what every request to it carries.
package struct Endpoint: Sendable {
    /// How the server speaks.
    package enum Transport: String, Sendable, CaseIterable {
        /// Streamable HTTP, revisions 2025-03-26 and later.
        case streamableHTTP = "streamable-http"
        /// HTTP+SSE of revision 2024-11-05.
        case sse

        /// Reads `transport` of a resource.
        ///
        /// - Throws: ``PluginError`` that names the values; `streamable` is taken for `streamable-http`.
        package init(configured text: String) throws(PluginError) {
            guard let found = Transport(rawValue: text == "streamable" ? "streamable-http" : text) else {
                throw PluginError(.invalid, "spec.transport: expected streamable-http or sse, found '\(text)'")
            }
            self = found
        }
    }

    /// The MCP endpoint, or with `sse` the URL of the stream.
    package var address: WebAddress
    /// How the server speaks.
    package var transport: Transport
    /// Static headers, read at each request since secrets may change.
    package var headers: @Sendable () throws(PluginError) -> [Header]
    /// Handle of the credential, 0 = none.
    package var auth: UInt64
    /// PEM text trusted in addition to the system's.
    package var caBundle: String
    /// Loopback and private addresses may be reached.
    package var allowPrivate: Bool
    /// Most bytes of one response, 100 MiB.
    package var maximumResponse: UInt64 = 104_857_600
    /// Most bytes of one event where nothing else is set, 16 MiB.
    package static let usualEvent = 16_777_216
    /// Most bytes of one event.
    package let maximumEvent: Int

    /// Makes an endpoint without credentials.
    package init(
        _ address: WebAddress, transport: Transport = .streamableHTTP, auth: UInt64 = 0, caBundle: String = "",
        allowPrivate: Bool = false, maximumEvent: Int? = nil,
        headers: @escaping @Sendable () throws(PluginError) -> [Header] = { () throws(PluginError) in [] }
    ) {
        self.address = address
        self.transport = transport
        self.headers = headers
        self.auth = auth
        self.caBundle = caBundle
        self.allowPrivate = allowPrivate
        self.maximumEvent = maximumEvent ?? Self.usualEvent
    }

    /// A request with everything that each of them carries. Of headers with one name the first counts: those of the
    /// transport, static ones, those of the session, those of the call.
    ///
    /// - Throws: ``PluginError`` when a static header cannot be had.
    func request(
        _ method: String, _ address: WebAddress, transport: [Header], session: SessionParameters, call: Call
    ) throws(PluginError) -> HTTPRequest {
        var merged = transport
        func add(_ header: Header) {
            if !merged.contains(where: { $0.name.isSameHeaderName(as: header.name) }) { merged.append(header) }
        }
        for header in try headers() { add(header) }
        session.headers.forEach(add)
        call.headers.forEach(add)
        if !call.traceParent.isEmpty {
            add(Header("traceparent", call.traceParent))
            if !call.traceState.isEmpty { add(Header("tracestate", call.traceState)) }
        }
        var request = HTTPRequest(method, address.description, headers: merged)
        request.options = allowPrivate ? [.followSameOrigin, .allowPrivate] : [.followSameOrigin]
        request.maximumResponse = maximumResponse
        request.auth = auth
        request.identity = call.identity != 0 ? call.identity : session.identity
        request.caBundle = caBundle
        return request
    }
}

extension String {
    /// Whether two header names are one, compared without case (RFC 9110, section 5.1).
    package func isSameHeaderName(as other: String) -> Bool {
        utf8.count == other.utf8.count
            && zip(utf8, other.utf8).allSatisfy { left, right in
                left == right || (left | 0x20 == right | 0x20 && (0x61...0x7A).contains(left | 0x20))
            }
    }
}
