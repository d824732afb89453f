import Gateway
import Synchronization

// What happens to a stream whose connection is gone, and how its client comes back.
extension ExchangeStream {
    /// A connection is closed. A stream that cannot be resumed ends with it, and whatever comes is dropped; one that has
    /// moved to another connection is not concerned.
    func disconnected(_ connection: Int = 0) {
        change { state in
            guard connection == state.connection else { return }
            switch state.phase {
            case .live where state.history != nil: leave(&state)
            case .held, .live: end(&state)
            case .away, .ended: break
            }
        }
    }

    /// Goes on over another connection, after what the client missed. The old connection is ended if it still stands.
    /// - Returns: The number of the new connection, for ``disconnected(_:)``; `nil` when there is nothing to resume.
    func resume(after index: Int, over responder: any HTTPResponder) -> Int? {
        change { state in
            guard let history = state.history else { return nil }
            switch state.phase {
            case .held: return nil
            case .live: state.responder?.finish()
            case .away: break
            case .ended: if history.isEmpty { return nil }
            }
            state.responder = responder
            state.connection += 1
            state.silentBeats = 0
            responder.begin(200, headers: ServerSentEvents.headers)
            let missed = history.replay(after: index)
            responder.write(missed.isEmpty ? ServerSentEvents.comment : missed)
            if state.phase == .ended {
                responder.finish()
                state.responder = nil
            } else {
                state.phase = .live
            }
            return state.connection
        }
    }

    /// For how many beats its client is away; `nil` while it is there, and when nothing more comes.
    var absence: Int? { state.withLock { $0.phase == .away ? $0.silentBeats : nil } }

    /// Ends it if its client is away: another stream takes its place.
    /// - Returns: Whether it did.
    func giveUpAbsent() -> Bool {
        change { state in
            guard state.phase == .away else { return false }
            end(&state, forgetting: true)
            return true
        }
    }

    /// What is kept of an ended stream is not to be asked for any more.
    func forget() {
        change { state in
            if state.phase == .ended { end(&state, forgetting: true) }
        }
    }

    /// Keeps the answer for a client that is away; one too large for that is replaced by an error that says so.
    func keep(answer: [UInt8], _ state: inout State) {
        guard let request, state.history?.event(answer).isHeld == false else { return }
        let message =
            "The answer of \(answer.count) bytes could not be kept while the client was away; the operator can raise "
            + "operational.limits.bufferedBytesPerStream (\(openStreams.rules.limits.bytes)), bufferedBytesPerSession "
            + "and bufferedBytes"
        _ = state.history?.event(JSONRPCWriter.error(id: request, code: -32603, message: message))
    }

    /// The client does not get what is written.
    func lost(_ state: inout State) {
        if state.history == nil { end(&state) } else { leave(&state) }
    }

    private func leave(_ state: inout State) {
        state.phase = .away
        state.responder = nil
        state.silentBeats = 0
        list(&state)
    }
}
