import Logging
import PluginAPI

/// `vmcp.http/1`.
enum HTTPTable {
    static let table = vmcp_http(
        struct_size: UInt32(MemoryLayout<vmcp_http>.size), reserved: 0,
        request: { host, request, sink in
            guard let instance = HostTable.instance(of: host), let request, let sink else { return 0 }
            return HTTPTable.start(instance, request, sink)
        },
        cancel: { host, exchange in
            guard let instance = HTTPTable.owner(host, exchange) else { return }
            instance.hub.http.cancel(exchange)
        },
        resume: { host, exchange in
            guard let instance = HTTPTable.owner(host, exchange) else { return }
            instance.hub.http.resume(exchange)
        },
        write: { host, exchange, data in
            guard let instance = HTTPTable.owner(host, exchange) else { return Int32(VMCP_STOP) }
            return instance.hub.http.write(exchange, data.buffer).rawValue
        },
        close_write: { host, exchange in HTTPTable.owner(host, exchange)?.hub.http.closeWrite(exchange) })

    /// The instance, if the exchange is its own.
    private static func owner(_ host: UnsafePointer<vmcp_host>?, _ exchange: UInt64) -> InstanceHost? {
        guard let instance = HostTable.instance(of: host) else { return nil }
        return instance.ledger.contains(.exchange(exchange)) ? instance : nil
    }

    private static func start(
        _ instance: InstanceHost, _ request: UnsafePointer<vmcp_http_request>, _ sink: UnsafePointer<vmcp_http_sink>
    ) -> UInt64 {
        let engine = instance.hub.http
        let exchange = engine.nextExchange()
        let admission = instance.ledger.begin(.exchange(exchange))
        if admission == .drop {
            instance.logger.error("plugin starts a transfer after its end; the transfer was dropped")
            return exchange
        }
        let receiver = PluginHTTPSink(
            sink: PluginInput.read(sink, size: sink.pointee.struct_size, into: vmcp_http_sink()),
            instance: instance, exchange: exchange)
        let given = PluginInput.read(request, size: request.pointee.struct_size, into: vmcp_http_request())
        if var translated = HTTPTable.translate(given) {
            translated.limits = instance.limits
            if given.connect_timeout_ms == 0 { translated.connectTimeout = instance.limits.connectTimeout }
            if instance.policy.allowPrivate { translated.policy.allowPrivate = true }
            if instance.policy.allowLoopback { translated.policy.allowLoopback = true }
            engine.start(exchange, translated, sink: receiver)
        } else {
            let message = "the method, the URL, a header or the socket's path is not UTF-8"
            engine.fail(ServiceOutcome(.invalid, message, notSent: true), sink: receiver)
        }
        if admission == .cancelAtOnce { engine.cancel(exchange) }
        return exchange
    }

    /// Nil when a text is not UTF-8.
    private static func translate(_ given: vmcp_http_request) -> HTTPRequest? {
        guard let method = given.method.exactText, let url = given.url.exactText,
            let headers = PluginInput.fields(given.headers, given.header_count),
            let socket = given.unix_socket.exactText
        else { return nil }
        func has(_ flag: Int) -> Bool { given.flags & UInt32(flag) != 0 }
        var request = HTTPRequest(method, url, headers: headers, body: Array(given.body.buffer))
        if given.connect_timeout_ms > 0 { request.connectTimeout = given.connect_timeout_ms }
        request.idleTimeout = given.idle_timeout_ms
        request.totalTimeout = given.total_timeout_ms
        if given.max_response_bytes > 0 { request.maxResponseBytes = given.max_response_bytes }
        request.auth = given.auth
        request.identity = given.identity
        request.purpose = has(Int(VMCP_HTTP_PROBE)) ? .probe : has(Int(VMCP_HTTP_TEARDOWN)) ? .teardown : .call
        request.caBundle = Array(given.ca_bundle.buffer)
        request.unixSocket = socket
        request.followsSameOrigin = has(Int(VMCP_HTTP_FOLLOW_SAME_ORIGIN))
        request.isDuplex = has(Int(VMCP_HTTP_DUPLEX))
        request.policy = NetworkPolicy(allowPrivate: has(Int(VMCP_HTTP_ALLOW_PRIVATE)))
        return request
    }
}

/// A plugin's sink as the engine knows sinks.
///
/// `@unchecked`: the struct is a constant copy, and the engine calls from one thread at a time.
private struct PluginHTTPSink: HTTPSink, @unchecked Sendable {
    let sink: vmcp_http_sink
    let instance: InstanceHost
    let exchange: UInt64

    func head(_ head: ResponseHead) -> SinkAnswer {
        guard let function = sink.head else { return .go }
        return head.withABIHeaders { SinkAnswer(abi: function(sink.context, head.status, $0, $1)) }
    }

    func body(_ data: UnsafeRawBufferPointer) -> SinkAnswer {
        guard let function = sink.body else { return .go }
        return SinkAnswer(abi: function(sink.context, vmcp_bytes(data)))
    }

    func drained() { sink.drained?(sink.context) }

    func end(_ outcome: ServiceOutcome) {
        outcome.withABI { sink.end?(sink.context, $0) }
        instance.ledger.end(.exchange(exchange))
    }
}
