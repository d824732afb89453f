import Logging
import Synchronization

/// What a plugin does against the contract of the ABI and is survived.
package enum Misbehaviour: Int, Sendable, CaseIterable {
    /// A call was resolved again.
    case resolvedTwice
    /// Data was emitted on a call after it was resolved.
    case emittedAfterEnd
    /// A context that no call or session ever had.
    case foreignContext
    /// Data was emitted while other data of the same call or session was being handed over.
    case concurrentEmit
    /// The end of a call came without an outcome, or with one too small to read.
    case noOutcome
    /// A status that this host does not know.
    case unknownStatus
    /// A kind of data that this host does not know.
    case unknownKind
    /// A NULL pointer with a size.
    case nullData
    /// A message for a session that is over.
    case messageAfterEnd
    /// A session was lost again.
    case lostTwice
    /// An answer of an auth strategy or an embedding provider that breaks its own contract.
    case badAnswer

    /// What happened, for the log.
    var sentence: String {
        switch self {
        case .resolvedTwice: "A plugin resolved a call again"
        case .emittedAfterEnd: "A plugin emitted data on a call that it had resolved"
        case .foreignContext: "A plugin used a context that it was never given"
        case .concurrentEmit: "A plugin handed over data from two threads at a time"
        case .noOutcome: "A plugin ended a call without a readable outcome"
        case .unknownStatus: "A plugin used a status that this host does not know"
        case .unknownKind: "A plugin emitted a kind of data that this host does not know"
        case .nullData: "A plugin passed NULL with a size"
        case .messageAfterEnd: "A plugin handed up a message of a session that is over"
        case .lostTwice: "A plugin reported a session lost again"
        case .badAnswer: "A plugin gave an answer that breaks its contract"
        }
    }
}

/// Counts what a plugin does wrong, and logs it without letting it flood the log.
final class MisbehaviourLog: Sendable {
    private let counts = Mutex([UInt64](repeating: 0, count: Misbehaviour.allCases.count))
    private let logger: Logger

    init(logger: Logger) { self.logger = logger }

    /// Counts one. The 1st, 10th, 100th… of a kind is logged.
    func count(_ kind: Misbehaviour, _ number: UInt64 = 0) {
        let total = counts.withLock { counts in
            counts[kind.rawValue] += 1
            return counts[kind.rawValue]
        }
        guard Self.isPowerOfTen(total) else { return }
        logger.warning(
            "\(kind.sentence)", metadata: ["misbehaviour": "\(kind)", "count": "\(total)", "number": "\(number)"])
    }

    /// How often each kind was seen; kinds never seen are left out.
    var seen: [Misbehaviour: UInt64] {
        counts.withLock { counts in
            var seen: [Misbehaviour: UInt64] = [:]
            for kind in Misbehaviour.allCases where counts[kind.rawValue] > 0 { seen[kind] = counts[kind.rawValue] }
            return seen
        }
    }

    static func isPowerOfTen(_ count: UInt64) -> Bool {
        var left = count
        while left > 1, left % 10 == 0 { left /= 10 }
        return left == 1
    }
}
