import Synchronization

// How a session begins: what the backend speaks, and what that revision asks for at the beginning.
extension BackendSession {
    /// Milliseconds until a server on a pipe that does not answer `server/discover` gets `initialize` as well. One that
    /// answers it, with whatever error, does not wait.
    static let discoverySilence: UInt64 = 1_200
    /// Milliseconds that a server has over HTTP for answering `server/discover`.
    static let discoveryLimit: UInt64 = 5_000

    /// Opens the transport's session and finds out what the backend speaks.
    /// - Parameters:
    ///   - capabilities: What the client behind the session declared, raw, for `initialize`.
    ///   - known: The era that the backend had before.
    ///   - progress: Gets lines for people: what is started may have to be fetched first.
    /// - Returns: The era, if it is to be remembered.
    /// - Throws: How it failed; the session is over then.
    func open(
        capabilities: [UInt8], known: EraProbe.Era?, context: CallContext,
        progress: @escaping @Sendable (String) -> Void = { _ in }
    ) async throws(Outcome) -> EraProbe.Era? {
        do throws(Outcome) {
            let opened = await ending(progress) { observer in
                link.open(
                    number, shared: shared, context: context, sessionObserver: SessionObserver(self),
                    observer: observer)
            }
            guard opened.status == .ok else { throw opened }
            let (server, era) = try await negotiate(capabilities: capabilities, known: known, context: context)
            try state.withLock { state throws(Outcome) in
                try state.open(server, identity: identity, sharesModern: sharesModern)
            }
            if server.isModern {
                modernListener.start(for: self, lists: isService ? server.tellsChanges : [])
                await modernListener.opened()
            } else {
                try await sayInitialized(context)
                listener.start(for: self)
                await listener.opened()
            }
            return era
        } catch {
            end(error)
            throw error
        }
    }

    private func negotiate(
        capabilities: [UInt8], known: EraProbe.Era?, context: CallContext
    ) async throws(Outcome) -> (BackendServer, EraProbe.Era?) {
        var probe = EraProbe(channel: channel, known: known)
        let (events, continuation) = AsyncStream.makeStream(of: EraProbe.Event.self)
        let questions = EraQuestions(continuation)
        defer { questions.end(self) }
        var arrivals = events.makeAsyncIterator()
        var step = probe.begin()
        while true {
            switch step {
            case .discover: discover(questions, context)
            case .initialize:
                let params = BackendHandshake.params(client: identity, capabilities: capabilities)
                questions.add(
                    start(questions.reply { .initialized($0) }, progressToken: nil, context: context) { id in
                        JSONRPCWriter.request(id: String(id).utf8, method: "initialize", params: params)
                    })
            case .wait: break
            case .found(let server, let remembers):
                return (server, remembers ? server.isModern ? .modern : .handshake : nil)
            case .failed(let outcome):
                // Some servers end when their first message is not the one they know.
                if outcome.sessionLost, channel == .pipe, probe.awaitsDiscovery {
                    state.withLock { $0.endedByDiscovery = true }
                }
                throw outcome
            }
            guard let event = await arrivals.next() else { throw Outcome(.cancelled, message: "was not opened") }
            step = probe.next(event)
        }
    }

    private var channel: EraProbe.Channel {
        guard link.traits.contains(.answersOnSession) else { return .exchanges }
        return link.traits.contains(.hasHeaders) ? .eventStream : .pipe
    }

    private func discover(_ questions: EraQuestions, _ context: CallContext) {
        var context = context
        if channel == .exchanges {
            let limit = clock.now() + Self.discoveryLimit
            context.deadline = context.deadline == 0 ? limit : min(context.deadline, limit)
        } else {
            questions.afterSilence(Self.discoverySilence, clock: clock)
        }
        questions.add(askDiscovery(questions.reply { .discovered($0) }, context))
    }

    /// Forgets a question whose answer does not matter any more.
    func forget(_ id: UInt64) {
        guard let request = state.withLock({ $0.pending.cancel(id) }), request.call != 0 else { return }
        if !link.traits.contains(.answersOnSession) { link.cancel(request.call, reason: .byClient) }
    }

    /// Waits until it is delivered: over HTTP a request could overtake it, and servers refuse requests before it.
    private func sayInitialized(_ context: CallContext) async throws(Outcome) {
        let message = JSONRPCWriter.notification(method: "notifications/initialized", params: nil)
        let outcome = await ending { link.send(number, message, context: withHeaders(context), observer: $0) }
        // A server that dislikes the message without ending the session may serve all the same.
        if outcome.sessionLost { throw outcome }
    }

    private func ending(
        _ progress: @escaping @Sendable (String) -> Void = { _ in }, _ call: (any BackendCallObserver) -> UInt64
    ) async -> Outcome {
        await withCheckedContinuation { (continuation: CheckedContinuation<Outcome, Never>) in
            _ = call(CompletionObserver({ continuation.resume(returning: $0) }, progress: progress))
        }
    }
}
