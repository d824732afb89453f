import Gateway
import Synchronization

/// An observer of a call that keeps what it gets and can be waited for.
final class Recorder: BackendCallObserver {
    struct Record: Sendable {
        var messages: [String] = []
        var progress: [String] = []
        var ends: [Outcome] = []
        var last: [UInt8] = []
        /// Most deliveries at a time.
        var overlap = 0
        fileprivate var running = 0
        fileprivate var waiting: CheckedContinuation<Void, Never>?
    }

    private let record = Mutex(Record())
    private let answer: @Sendable (Int) -> Flow

    /// - Parameter answer: What to answer to the nth message, counted from 1.
    init(_ answer: @escaping @Sendable (Int) -> Flow = { _ in .go }) { self.answer = answer }

    func received(_ message: [UInt8]) -> Flow {
        let count = record.withLock { record in
            record.running += 1
            record.overlap = max(record.overlap, record.running)
            record.messages.append(String(decoding: message, as: UTF8.self))
            return record.messages.count
        }
        let flow = answer(count)
        record.withLock { $0.running -= 1 }
        return flow
    }

    func progressed(_ text: String) { record.withLock { $0.progress.append(text) } }

    func ended(_ outcome: Outcome, last: [UInt8]) {
        let waiting = record.withLock { record in
            record.ends.append(outcome)
            record.last = last
            return record.waiting.take()
        }
        waiting?.resume()
    }

    var current: Record { record.withLock { $0 } }

    /// The record once the call has ended.
    func ended() async -> Record {
        await withCheckedContinuation { continuation in
            let isOver = record.withLock { record in
                if record.ends.isEmpty { record.waiting = continuation }
                return !record.ends.isEmpty
            }
            if isOver { continuation.resume() }
        }
        return current
    }
}

extension Recorder.Record {
    var outcome: Outcome { ends.first ?? Outcome(.internalError, message: "not ended") }
    var lastText: String { String(decoding: last, as: UTF8.self) }
}

/// An observer of a session that keeps what it gets.
final class SessionRecorder: BackendSessionObserver {
    private let record = Mutex((messages: [String](), losses: [Outcome]()))
    private let answer: @Sendable (Int) -> Flow

    init(_ answer: @escaping @Sendable (Int) -> Flow = { _ in .go }) { self.answer = answer }

    func received(_ message: [UInt8]) -> Flow {
        let count = record.withLock { record in
            record.messages.append(String(decoding: message, as: UTF8.self))
            return record.messages.count
        }
        return answer(count)
    }

    func lost(_ outcome: Outcome) { record.withLock { $0.losses.append(outcome) } }

    var messages: [String] { record.withLock { $0.messages } }
    var losses: [Outcome] { record.withLock { $0.losses } }
}
