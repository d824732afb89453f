package import PluginKit
import Synchronization

/// The sessions of a backend that is reached over HTTP, by the host's numbers.
package final class HTTPSessions: Sendable {
    private let host: HostServices
    private let sessions = Mutex<[UInt64: any TransportSession]>([:])
    private let found = FoundTransport()

    /// Makes an empty set.
    package init(host: HostServices) { self.host = host }

    /// How many are open.
    package var count: Int { sessions.withLock { $0.count } }

    /// Opens a session with the server at `endpoint`, and resolves the call when messages can be sent.
    package func open(
        _ session: UInt64, at endpoint: Endpoint, parameters: SessionParameters, sink: SessionSink, call: Call
    ) {
        let opened: any TransportSession =
            switch endpoint.transport {
            case .streamableHTTP:
                FallbackSession(
                    endpoint: endpoint, parameters: parameters, sink: sink, host: host, found: found
                ) { [weak self] in self?.forget(session) }
            case .sse:
                EventStreamSession(endpoint: endpoint, parameters: parameters, sink: sink, host: host) { [weak self] in
                    self?.forget(session)
                }
            }
        sessions.withLock { $0[session] = opened }
        opened.open(call)
    }

    /// Sends one message.
    package func send(_ session: UInt64, message: RawSpan, call: Call) {
        guard let found = find(session, call) else { return }
        found.send(message, call: call)
    }

    /// Listens for what belongs to no call.
    package func listen(_ session: UInt64, call: Call) { find(session, call)?.listen(call) }

    /// Ends a session; an unknown one has ended.
    package func close(_ session: UInt64, call: Call) {
        guard let found = sessions.withLock({ $0.removeValue(forKey: session) }) else {
            call.resolve()
            return
        }
        found.close(call)
    }

    /// The sink of a session wants more.
    package func resume(_ session: UInt64) { sessions.withLock { $0[session] }?.resume() }

    /// Drops all sessions: the server is gone, for this reason.
    package func abandonAll(_ outcome: Outcome) {
        let gone = sessions.withLock { sessions in
            defer { sessions = [:] }
            return Array(sessions.values)
        }
        for session in gone { session.abandon(outcome) }
    }

    private func forget(_ session: UInt64) {
        _ = sessions.withLock { $0.removeValue(forKey: session) }
    }

    private func find(_ session: UInt64, _ call: Call) -> (any TransportSession)? {
        let found = sessions.withLock { $0[session] }
        if found == nil {
            call.resolve(Outcome(.notFound, "session \(session) is not open", notSent: true, sessionLost: true))
        }
        return found
    }
}
