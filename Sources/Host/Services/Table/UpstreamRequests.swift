import Synchronization

/// The upstream tokens that an instance waits for. Each is answered once: by its provider or by the instance's end,
/// whichever comes first.
final class UpstreamRequests: Sendable {
    typealias Answer = @Sendable (Result<[UInt8], ServiceOutcome>) -> Void

    private struct State {
        var next: UInt64 = 1
        var waiting: [UInt64: Answer] = [:]
    }

    private let state = Mutex(State())

    /// Nil when the instance is ending; the answer is the caller's to give then.
    func begin(_ answer: @escaping Answer, in ledger: ActivityLedger) -> UInt64? {
        let number = state.withLock { state in
            defer { state.next += 1 }
            state.waiting[state.next] = answer
            return state.next
        }
        if ledger.begin(.token(number)) == .start { return number }
        state.withLock { _ = $0.waiting.removeValue(forKey: number) }
        ledger.end(.token(number))
        return nil
    }

    func finish(_ number: UInt64, _ result: Result<[UInt8], ServiceOutcome>, in ledger: ActivityLedger) {
        guard let answer = state.withLock({ $0.waiting.removeValue(forKey: number) }) else { return }
        answer(result)
        ledger.end(.token(number))
    }
}
