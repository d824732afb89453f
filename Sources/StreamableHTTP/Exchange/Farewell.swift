import PluginKit

/// The request that ends a session. Whatever the server says to it, the session is over for us.
final class Farewell: HTTPHandler {
    private let call: Call
    init(call: Call) { self.call = call }

    func head(_ head: borrowing HTTPHead) -> Flow { .go }
    func body(_ data: RawSpan) -> Flow { .go }
    func ended(_ outcome: Outcome) { call.resolve(Outcome(.ok, outcome.message)) }
}
