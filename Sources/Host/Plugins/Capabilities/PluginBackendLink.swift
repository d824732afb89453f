package import Gateway
import PluginAPI
import Synchronization

/// ``BackendLink`` over `vmcp_backend` of a plugin instance.
package final class PluginBackendLink: BackendLink {
    private let instance: PluginInstance
    private let table: CapabilityTable<vmcp_backend>
    /// The plugin's own check; `nil` when it has none.
    private let ownCheck: CapabilityTable<vmcp_health>?
    // The sinks of sessions, by the session's number.
    private let sinks = Mutex<[UInt64: (number: ContextNumber, session: OpenSession)]>([:])

    /// - Throws: ``PluginLoadError/Reason/missingCapability`` when the instance is no backend.
    init(_ instance: PluginInstance) throws(PluginLoadError) {
        let table = instance.capability(VMCP_BACKEND, as: vmcp_backend.self)
        guard let table, table.functions.open != nil, table.functions.send != nil, table.functions.close != nil else {
            throw PluginLoadError(
                .missingCapability, path: instance.image.path,
                expected: "\(VMCP_BACKEND) with the functions open, send and close",
                found: table == nil ? "no such table" : "NULL for one of them",
                advice: "answer capability(\"\(VMCP_BACKEND)\") with a complete vmcp_backend")
        }
        self.instance = instance
        self.table = table
        let health = instance.capability(VMCP_HEALTH, as: vmcp_health.self)
        ownCheck = health?.functions.check == nil ? nil : health
    }

    package var traits: BackendTraits { BackendTraits(rawValue: table.functions.traits) }
    package var listens: Bool { table.functions.listen != nil }
    package var checks: Bool { ownCheck != nil }

    @discardableResult
    package func open(
        _ session: UInt64, shared: Bool, context: CallContext, sessionObserver: any BackendSessionObserver,
        observer: any BackendCallObserver
    ) -> UInt64 {
        let sink = instance.ledger.nextNumber()
        let watched = SessionWatch(sessionObserver) { [weak self] in self?.drop(session) }
        let open = instance.ledger.sessions.add(
            sink, observer: watched, canPause: table.functions.resume_session != nil)
        let replaced = sinks.withLock { $0.updateValue((sink, open), forKey: session) }
        // A number used twice is a defect of the caller; the older sink must not stay for ever.
        if let replaced { instance.ledger.sessions.remove(replaced.number) }
        let opening = SessionCall(observer) { [weak self] outcome in
            // A session that could not be opened has no sink.
            if outcome.status != .ok { self?.drop(session) }
        }
        return instance.call(context, opening) { [table] handle, call in
            var params = vmcp_session_params()
            params.struct_size = UInt32(MemoryLayout<vmcp_session_params>.size)
            params.flags = shared ? UInt32(VMCP_SESSION_SHARED) : 0
            params.identity = context.identity
            params.headers = call.pointee.headers
            params.header_count = call.pointee.header_count
            var target = vmcp_session_sink()
            target.struct_size = UInt32(MemoryLayout<vmcp_session_sink>.size)
            target.context = sink.context
            target.message = PluginCallbacks.message
            target.lost = PluginCallbacks.lost
            table.functions.open?(handle, session, &params, &target, call)
        }.rawValue
    }

    @discardableResult
    package func send(
        _ session: UInt64, _ message: [UInt8], context: CallContext, observer: any BackendCallObserver
    ) -> UInt64 {
        instance.call(context, observer) { [table] handle, call in
            Lending.with(message) { table.functions.send?(handle, session, $0, call) }
        }.rawValue
    }

    @discardableResult
    package func listen(_ session: UInt64, context: CallContext, observer: any BackendCallObserver) -> UInt64 {
        guard listens else {
            observer.ended(Outcome(.unsupported, notSent: true, message: "the backend has no such stream"), last: [])
            return instance.ledger.nextNumber().rawValue
        }
        return instance.call(context, observer) { [table] handle, call in
            table.functions.listen?(handle, session, call)
        }.rawValue
    }

    @discardableResult
    package func check(context: CallContext, observer: any BackendCallObserver) -> UInt64 {
        guard let ownCheck else {
            observer.ended(Outcome(.unsupported, notSent: true, message: "the plugin has no check"), last: [])
            return instance.ledger.nextNumber().rawValue
        }
        return instance.call(context, observer) { handle, call in ownCheck.functions.check?(handle, call) }.rawValue
    }

    @discardableResult
    package func close(_ session: UInt64, context: CallContext, observer: any BackendCallObserver) -> UInt64 {
        // Nothing goes up from here on; the sink itself stays known until the plugin is done with the session.
        sinks.withLock { $0[session]?.session }?.close()
        let closing = SessionCall(observer) { [weak self] _ in self?.drop(session) }
        return instance.call(context, closing) { [table] handle, call in table.functions.close?(handle, session, call) }
            .rawValue
    }

    package func cancel(_ call: UInt64, reason: CancelReason) {
        instance.ledger.calls.cancel(ContextNumber(rawValue: call), reason: reason)
    }

    package func resume(_ call: UInt64) {
        instance.ledger.calls.resume(ContextNumber(rawValue: call))
    }

    package func resumeSession(_ session: UInt64) {
        guard let sink = sinks.withLock({ $0[session] }), sink.session.resume() else { return }
        _ = instance.direct { table.functions.resume_session?($0, session) }
    }

    /// Forgets all sinks: the instance has ended.
    func dropAll() {
        let all = sinks.withLock { sinks in
            defer { sinks = [:] }
            return Array(sinks.values)
        }
        for sink in all { instance.ledger.sessions.remove(sink.number) }
    }

    private func drop(_ session: UInt64) {
        guard let sink = sinks.withLock({ $0.removeValue(forKey: session) }) else { return }
        instance.ledger.sessions.remove(sink.number)
    }
}

/// Passes everything on, and looks at the end first.
private final class SessionCall: BackendCallObserver {
    private let observer: any BackendCallObserver
    private let onEnd: @Sendable (Outcome) -> Void

    init(_ observer: any BackendCallObserver, onEnd: @escaping @Sendable (Outcome) -> Void) {
        self.observer = observer
        self.onEnd = onEnd
    }

    func received(_ message: [UInt8]) -> Flow { observer.received(message) }
    func progressed(_ text: String) { observer.progressed(text) }
    func ended(_ outcome: Outcome, last: [UInt8]) {
        onEnd(outcome)
        observer.ended(outcome, last: last)
    }
}

/// Passes everything on, and forgets the sink of a session that is lost.
private final class SessionWatch: BackendSessionObserver {
    private let observer: any BackendSessionObserver
    private let onLoss: @Sendable () -> Void

    init(_ observer: any BackendSessionObserver, onLoss: @escaping @Sendable () -> Void) {
        self.observer = observer
        self.onLoss = onLoss
    }

    func received(_ message: [UInt8]) -> Flow { observer.received(message) }
    func lost(_ outcome: Outcome) {
        onLoss()
        observer.lost(outcome)
    }
}
