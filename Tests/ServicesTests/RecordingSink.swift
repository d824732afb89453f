import HostServices
import Synchronization

/// What an exchange brought.
struct Reply: Sendable {
    var head: ResponseHead?
    var body: [UInt8] = []
    var pieces = 0
    var outcome: ServiceOutcome?

    var status: UInt32 { head?.status ?? 0 }
    var text: String { String(decoding: body, as: UTF8.self) }
}

/// A sink that keeps what comes and answers as it is told.
final class RecordingSink: HTTPSink {
    private struct State {
        var reply = Reply()
        var ends = 0
        var total = 0
        var waiting: [@Sendable () -> Void] = []
        var drains = 0
    }

    private let state = Mutex(State())
    private let keepsBody: Bool
    private let answer: @Sendable (_ piece: Int) -> SinkAnswer
    private let headAnswer: SinkAnswer

    /// - Parameter answer: To each piece of the body, by its number from 1 on.
    init(
        keepsBody: Bool = true, head: SinkAnswer = .go, answer: @escaping @Sendable (Int) -> SinkAnswer = { _ in .go }
    ) {
        self.keepsBody = keepsBody
        self.answer = answer
        headAnswer = head
    }

    /// How often `end` was called.
    var ends: Int { state.withLock { $0.ends } }

    /// Bytes of the body so far.
    var total: Int { state.withLock { $0.total } }

    var pieces: Int { state.withLock { $0.reply.pieces } }

    /// Everything, once the end came.
    func reply() async -> Reply {
        await until { $0.ends > 0 }
        return state.withLock { $0.reply }
    }

    /// Returns when the head came, or the end.
    func headCame() async { await until { $0.ends > 0 || $0.reply.head != nil } }

    /// Returns when so much of the body came, or the end.
    func received(bytes: Int) async { await until { $0.ends > 0 || $0.total >= bytes } }

    /// Returns when the writer was told to go on so many times, or the end came.
    func drained(times: Int) async { await until { $0.ends > 0 || $0.drains >= times } }

    /// Returns when so many pieces of the body came, or the end.
    func received(pieces: Int) async { await until { $0.ends > 0 || $0.reply.pieces >= pieces } }

    private func until(_ condition: (State) -> Bool) async {
        while true {
            let isThere = await withCheckedContinuation { (continuation: CheckedContinuation<Bool, Never>) in
                let known = state.withLock { state in
                    if condition(state) { return true }
                    state.waiting.append { continuation.resume(returning: false) }
                    return false
                }
                if known { continuation.resume(returning: true) }
            }
            if isThere { return }
        }
    }

    func head(_ head: ResponseHead) -> SinkAnswer {
        state.withLock { $0.reply.head = head }
        wake()
        return headAnswer
    }

    func body(_ data: UnsafeRawBufferPointer) -> SinkAnswer {
        let piece = state.withLock { state in
            if keepsBody { state.reply.body += data }
            state.total += data.count
            state.reply.pieces += 1
            return state.reply.pieces
        }
        wake()
        return answer(piece)
    }

    func end(_ outcome: ServiceOutcome) {
        state.withLock { state in
            state.ends += 1
            state.reply.outcome = outcome
        }
        wake()
    }

    func drained() {
        state.withLock { $0.drains += 1 }
        wake()
    }

    private func wake() {
        let waiting = state.withLock { state in
            defer { state.waiting = [] }
            return state.waiting
        }
        for resume in waiting { resume() }
    }
}
