import Synchronization

// What a session does otherwise when its backend speaks 2026-07-28.
extension BackendSession {
    /// Whether the backend is known to speak 2026-07-28.
    var isModern: Bool { server?.isModern == true }

    var dialect: ModernRequest { state.withLock { $0.dialect } }

    /// Sends a client's request.
    func forwardModern(
        _ message: JSONRPCMessage, splice: JSONSplice, context: CallContext, origin: RequestOrigin,
        reply: any BackendReply
    ) -> UInt64 {
        if subscribes(message.method, message.params.map { splice.apply(to: $0) }, reply) { return 0 }
        return ModernExchange(
            self, message, splice: splice, context: context, origin: origin, reply: reply
        ).start()
    }

    /// Subscriptions are part of the one stream that the session has open.
    /// - Returns: Whether the request was one of them, and has been taken care of.
    func subscribes(_ method: String, _ params: [UInt8]?, _ reply: any BackendReply) -> Bool {
        guard method == "resources/subscribe" || method == "resources/unsubscribe" else { return false }
        // Raw params come from a message that was scanned, or are of our own making.
        let uri = params.flatMap { JSONSlice(base: $0, range: $0.indices)["uri"]?.string } ?? ""
        if method == "resources/subscribe" {
            modernListener.subscribe(uri, reply)
        } else {
            modernListener.unsubscribe(uri, reply)
        }
        return true
    }

    /// The transport's headers of a request of the gateway's own.
    func modernHeaders(_ method: String, _ params: [UInt8]?) -> [Header] {
        guard link.traits.contains(.hasHeaders) else { return [] }
        let params = params.map { JSONSlice(base: $0, range: $0.indices) }
        return ModernRequest.headers(method: method, params: params, splice: JSONSplice()) { _ in [] }
    }

    // MARK: - Headers that the backend disagreed with

    func repeats(_ exchange: ModernExchange, _ id: UInt64) { state.withLock { $0.repeated[id] = exchange } }
    func repeated(_ id: UInt64) { state.withLock { $0.repeated[id] = nil } }

    /// Reads the tools again, for the headers that go with them. What fails shows in the request that needs it.
    func listHeaderParameters() async {
        let lister = BackendLister(backend: backend, session: self, limits: { [limits] in limits }) { [clock] in
            CallContext(deadline: clock.now() + 30_000)
        }
        do throws(Outcome) { _ = try await lister.offer([.tools]) } catch { return }
    }
}
