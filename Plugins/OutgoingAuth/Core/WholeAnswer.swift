import PluginKit
import Synchronization

/// Keeps an HTTP answer until it is whole.
final class WholeAnswer: HTTPHandler {
    private struct State {
        var status = 0
        var body: [UInt8] = []
    }

    private let state = Mutex(State())
    private let done: @Sendable (Outcome, _ status: Int, _ body: [UInt8]) -> Void

    init(_ done: @escaping @Sendable (Outcome, _ status: Int, _ body: [UInt8]) -> Void) { self.done = done }

    func head(_ head: borrowing HTTPHead) -> Flow {
        let status = head.status
        state.withLock { $0.status = status }
        return .go
    }

    func body(_ data: RawSpan) -> Flow {
        data.withUnsafeBytes { bytes in state.withLock { $0.body.append(contentsOf: bytes) } }
        return .go
    }

    func ended(_ outcome: Outcome) {
        let (status, body) = state.withLock { ($0.status, $0.body) }
        done(outcome, status, body)
    }
}
