import PluginKit
import Synchronization

/// The exchange of a handler: the response may begin before the request's number is known, and so may a cancellation.
final class ExchangeHandle: Sendable {
    private struct State {
        var exchange: HTTPExchange?
        var isCancelled = false
        var wantsResume = false
    }

    private let state = Mutex(State())

    /// Whether it was cancelled from our side.
    var isCancelled: Bool { state.withLock { $0.isCancelled } }

    /// Takes the exchange that was started, and does what was asked for meanwhile.
    func set(_ exchange: HTTPExchange) {
        let (cancels, resumes) = state.withLock { state in
            state.exchange = exchange
            defer { state.wantsResume = false }
            return (state.isCancelled, state.wantsResume)
        }
        if cancels { exchange.cancel() } else if resumes { exchange.resume() }
    }

    /// Ends the exchange early, and each one that is set later.
    func cancel() {
        let exchange = state.withLock { state in
            state.isCancelled = true
            return state.exchange
        }
        exchange?.cancel()
    }

    /// Asks for more of the body.
    func resume() {
        let exchange = state.withLock { state in
            if state.exchange == nil { state.wantsResume = true }
            return state.exchange
        }
        exchange?.resume()
    }

    /// Forgets an exchange that has ended.
    func clear() { state.withLock { $0.exchange = nil } }
}
