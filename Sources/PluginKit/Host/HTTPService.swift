import PluginAPI

/// HTTP requests, with connection reuse, HTTP/2, TLS, credentials and egress policy done by the host.
public struct HTTPService: Sendable {
    let host: HostHandle
    let table: vmcp_http?

    /// Starts an exchange. Everything is copied before this returns; the handler is kept until the end.
    @discardableResult
    public func request(_ request: HTTPRequest, body: RawSpan, handler: any HTTPHandler) -> HTTPExchange {
        body.withUnsafeBytes { start(request, $0, handler) }
    }

    /// Starts an exchange without a body.
    @discardableResult
    public func request(_ request: HTTPRequest, handler: any HTTPHandler) -> HTTPExchange {
        start(request, UnsafeRawBufferPointer(start: nil, count: 0), handler)
    }

    private func start(
        _ request: HTTPRequest, _ body: UnsafeRawBufferPointer, _ handler: any HTTPHandler
    ) -> HTTPExchange {
        guard let begin = table?.request else {
            handler.ended(Outcome(.unsupported, "the host has no http service", notSent: true))
            return HTTPExchange(service: self, number: 0)
        }
        var sink = vmcp_http_sink()
        sink.struct_size = UInt32(MemoryLayout<vmcp_http_sink>.size)
        sink.context = HandlerBox(handler).retained()
        sink.head = { context, status, headers, count in
            HandlerBox.borrowed(context).head(HTTPHead(status: Int(status), headers, count)).rawValue
        }
        sink.body = { context, data in HandlerBox.borrowed(context).body(data.buffer.bytes).rawValue }
        sink.end = { context, outcome in HandlerBox.taken(context).ended(Outcome(outcome)) }
        sink.drained = { HandlerBox.borrowed($0).drained() }
        let number = withTable(request, body) { begin(host.pointer, $0, &sink) }
        return HTTPExchange(service: self, number: number)
    }

    private func withTable(
        _ request: HTTPRequest, _ body: UnsafeRawBufferPointer, _ start: (UnsafePointer<vmcp_http_request>) -> UInt64
    ) -> UInt64 {
        withBorrowedTexts([request.method, request.url, request.caBundle, request.unixSocket]) { texts in
            withBorrowedHeaders(request.headers) { headers, count in
                var table = vmcp_http_request()
                table.struct_size = UInt32(MemoryLayout<vmcp_http_request>.size)
                table.flags = request.options.rawValue
                table.method = texts[0]
                table.url = texts[1]
                table.headers = headers
                table.header_count = count
                table.body = vmcp_bytes(body)
                table.connect_timeout_ms = request.connectTimeout
                table.idle_timeout_ms = request.idleTimeout
                table.total_timeout_ms = request.totalTimeout
                table.max_response_bytes = request.maximumResponse
                table.auth = request.auth
                table.identity = request.identity
                table.ca_bundle = texts[2]
                table.unix_socket = texts[3]
                return start(&table)
            }
        }
    }

    /// Keeps a handler from the start of an exchange to its end.
    private final class HandlerBox {
        private let handler: any HTTPHandler
        init(_ handler: any HTTPHandler) { self.handler = handler }

        func retained() -> UnsafeMutableRawPointer { Unmanaged.passRetained(self).toOpaque() }

        static func borrowed(_ context: UnsafeMutableRawPointer?) -> any HTTPHandler {
            Unmanaged<HandlerBox>.fromOpaque(context.unsafelyUnwrapped).takeUnretainedValue().handler
        }

        /// Balances ``retained()``: the end comes exactly once, and nothing after it.
        static func taken(_ context: UnsafeMutableRawPointer?) -> any HTTPHandler {
            Unmanaged<HandlerBox>.fromOpaque(context.unsafelyUnwrapped).takeRetainedValue().handler
        }
    }
}

/// The head of a response, lent for one call of ``HTTPHandler/head(_:)``.
public struct HTTPHead: ~Copyable {
    /// The status code.
    public let status: Int
    private let lent: UnsafeBufferPointer<vmcp_header>

    init(status: Int, _ headers: UnsafePointer<vmcp_header>?, _ count: Int) {
        self.status = status
        lent = UnsafeBufferPointer(start: headers, count: headers == nil ? 0 : count)
    }

    /// The value of the first header of this name, which is given in lower case.
    public subscript(name: StaticString) -> String? {
        lent.first { header in
            let found = header.name.buffer
            return found.count == name.utf8CodeUnitCount
                && found.elementsEqual(UnsafeRawBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
        }?.value.text
    }

    /// A copy of all headers, names in lower case.
    public var headers: [Header] { lent.map(\.header) }
}

/// An exchange under way.
public struct HTTPExchange: Sendable {
    let service: HTTPService
    /// The host's number for it, 0 when there is no http service.
    let number: UInt64

    /// Ends it early; ``HTTPHandler/ended(_:)`` comes with ``Status/cancelled`` unless it is on its way already.
    public func cancel() { service.table?.cancel?(service.host.pointer, number) }
    /// After ``Flow/pause``.
    public func resume() { service.table?.resume?(service.host.pointer, number) }
    /// ``HTTPOptions/duplex``: sends bytes. ``Flow/pause`` means: taken, wait for ``HTTPHandler/drained()``.
    public func write(_ data: RawSpan) -> Flow {
        data.withUnsafeBytes { data in
            let answer = service.table?.write?(service.host.pointer, number, vmcp_bytes(data))
            return answer.flatMap(Flow.init) ?? .stop
        }
    }
    /// ``HTTPOptions/duplex``: no more will be written.
    public func closeWrite() { service.table?.close_write?(service.host.pointer, number) }
}
