import PluginAPI

/// Where the answer of an ``AuthStrategy`` goes: exactly one of its functions is called, once; more have no effect.
public final class AuthReply: Sendable {
    /// The work itself, for its deadline and for ``Call/onCancel(_:)``.
    public let call: Call
    private let target: Target

    private struct Target: @unchecked Sendable {
        // The context is a number in disguise, and the function is [thread-safe] by the ABI.
        let sink: vmcp_auth_sink
    }

    init(_ call: Call, _ sink: UnsafePointer<vmcp_auth_sink>) {
        self.call = call
        target = Target(sink: copyOfTable(sink, as: vmcp_auth_sink()))
    }

    /// Sends the request with this credential.
    public func grant(_ answer: AuthAnswer) {
        guard !call.isResolved else { return }
        withBorrowedHeaders(answer.set) { set, count in
            withBorrowedTexts(answer.remove) { remove in
                answer.cacheKey.withUnsafeBytes { key in
                    var table = vmcp_auth_answer()
                    table.struct_size = UInt32(MemoryLayout<vmcp_auth_answer>.size)
                    table.cache_scope = answer.scope.rawValue
                    table.set = set
                    table.set_count = count
                    table.remove = remove.baseAddress
                    table.remove_count = remove.count
                    table.expires_at_ms = answer.expiresAt
                    table.cache_key = vmcp_bytes(key)
                    target.sink.answer?(target.sink.context, &table)
                }
            }
        }
        call.resolve()
    }

    /// Sends the request as it is.
    public func pass() { call.resolve() }

    /// Fails the request: it is never sent without its credential.
    public func refuse(_ outcome: Outcome) {
        call.resolve(
            outcome.status == .ok ? Outcome(.internalError, "the strategy refused without a reason") : outcome)
    }
}

extension vmcp_auth {
    /// The table of a strategy written in Swift.
    init(exporting strategy: any AuthStrategy) {
        self.init()
        struct_size = UInt32(MemoryLayout<Self>.size)
        flags = strategy.needs.rawValue
        authorize = { instance, request, sink, call in
            guard let box = InstanceBox.borrowed(instance), let strategy = box.instance as? any AuthStrategy,
                let call = box.call(call)
            else { return }
            guard let request, let sink else {
                call.resolve(Outcome(.internalError, "authorize: the host passed no request or no sink"))
                return
            }
            strategy.authorize(AuthRequest(request), reply: AuthReply(call, sink))
        }
        invalidate = { instance, key in
            (InstanceBox.borrowed(instance)?.instance as? any AuthStrategy)?
                .invalidate(cacheKey: [UInt8](key.buffer))
        }
    }
}

extension AuthRequest {
    init(_ pointer: UnsafePointer<vmcp_auth_request>) {
        let request = copyOfTable(pointer, as: vmcp_auth_request())
        purpose = Purpose(rawValue: request.purpose) ?? .call
        attempt = Int(request.attempt)
        identity = request.identity
        backend = request.backend.text
        method = request.method.text
        url = request.url.text
        headers = copy(request.headers, request.header_count)
        body = [UInt8](request.body.buffer)
        challenge = request.challenge.text
    }
}
