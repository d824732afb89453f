import Synchronization

/// What a backend said last of what it offers.
enum OfferNews: Sendable {
    case offered(BackendOffer, BackendServer)
    case withdrawn(Outcome)
    case closed(Outcome)
}

/// Hands what backends offer to the catalogues of the moment, and remembers it for those that come after them.
final class OfferRelay: OfferReceiver {
    private struct State {
        var receiver: any OfferReceiver
        var news: [String: OfferNews] = [:]
    }

    private let state: Mutex<State>

    init(_ receiver: any OfferReceiver) { state = Mutex(State(receiver: receiver)) }

    /// What each backend said last, by name.
    var news: [String: OfferNews] { state.withLock { $0.news } }

    /// From now on all goes there.
    func set(_ receiver: any OfferReceiver) { state.withLock { $0.receiver = receiver } }

    /// Remembers what was told another way; `nil` forgets the backend.
    func note(_ backend: String, _ news: OfferNews?) { state.withLock { $0.news[backend] = news } }

    private func take(_ backend: String, _ news: OfferNews) -> any OfferReceiver {
        state.withLock { state in
            state.news[backend] = news
            return state.receiver
        }
    }

    // MARK: - OfferReceiver

    func offered(_ offer: BackendOffer, server: BackendServer) {
        take(offer.backend, .offered(offer, server)).offered(offer, server: server)
    }

    func withdrawn(_ backend: String, _ outcome: Outcome) {
        take(backend, .withdrawn(outcome)).withdrawn(backend, outcome)
    }

    func closed(_ backend: String, _ outcome: Outcome) { take(backend, .closed(outcome)).closed(backend, outcome) }

    func progressed(_ backend: String, _ text: String) {
        state.withLock { $0.receiver }.progressed(backend, text)
    }
}
