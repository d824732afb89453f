import Synchronization

// What goes to the client beside the answers to its requests.
extension GatewaySession {
    /// Whether the client wants a log message of this level. One that never said gets ``LogLevel/info`` and above: over a
    /// shared backend session it would get what another asked for.
    func wants(_ level: LogLevel) -> Bool { level >= state.withLock { $0.level ?? .info } }

    /// Sends what belongs to no request, on the first of its streams that takes it; without one it is dropped.
    /// - Parameter level: That of a log message, `nil` for everything else.
    func deliver(_ notification: [UInt8], level: LogLevel? = nil) {
        if let level, !wants(level) { return }
        for stream in listeningStreams where stream.send(notification) != .stop { return }
    }

    /// Whether its client is there and listens.
    var isListening: Bool { state.withLock { $0.streams.contains { !$0.isAway } } }

    /// Those that wait for what belongs to no request.
    var listeningStreams: [any ClientStream] { Self.connectedFirst(state.withLock { $0.streams }) }

    private static func connectedFirst(_ streams: [any ClientStream]) -> [any ClientStream] {
        streams.count > 1 ? streams.filter { !$0.isAway } + streams.filter(\.isAway) : streams
    }

    /// Tells of a changed list, now or as soon as there is a stream. A stream whose client is away does not count: the
    /// client may come back with another.
    func tell(changed notification: [UInt8]) {
        let streams = state.withLock { state in
            if state.streams.isEmpty, !state.isOver, !state.untold.contains(notification) {
                state.untold.append(notification)
            }
            return state.streams
        }
        sending: for stream in Self.connectedFirst(streams) {
            switch stream.send(notification) {
            case .go: return
            case .pause: break sending
            case .stop: continue
            }
        }
        state.withLock { state in
            if !state.isOver, !state.untold.contains(notification) { state.untold.append(notification) }
        }
    }

    package func attach(_ stream: any ClientStream) {
        let most = host.sessionLimits.streams
        let (surplus, untold) = state.withLock { state -> ((any ClientStream)?, [[UInt8]]) in
            if state.isOver { return (stream, []) }
            defer { state.untold = [] }
            // It holds all that it was sent while its client was away.
            if state.streams.contains(where: { $0 === stream }) { return (nil, []) }
            state.streams.append(stream)
            guard state.streams.count > most else { return (nil, state.untold) }
            // Most likely a connection that is dead and does not know it yet.
            return (state.streams.remove(at: state.streams.firstIndex(where: \.isAway) ?? 0), state.untold)
        }
        surplus?.close()
        for notification in untold { _ = stream.send(notification) }
    }

    package func detach(_ stream: any ClientStream) {
        let now = host.clock.now()
        state.withLock { state in
            state.streams.removeAll { $0 === stream }
            state.lastUse = now
        }
    }
}

extension GatewaySession: AudienceMember {
    func told(_ notification: [UInt8], level: LogLevel?) { deliver(notification, level: level) }
    func asked(_ request: JSONRPCMessage, by session: BackendSession) -> Bool { ask(request, by: session, on: nil) }
    func updated(_ notification: JSONRPCMessage) { deliver(notification.json.array) }
}
