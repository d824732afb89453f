import Synchronization

/// How many of something each caller has; anonymous callers are one.
package final class PrincipalQuota: Sendable {
    private let most: Atomic<Int>
    private let counts = Mutex<[Principal: Int]>([:])

    package init(limit: Int) { most = Atomic(limit) }

    /// Most of one caller; who has more when it falls keeps them.
    package var limit: Int {
        get { most.load(ordering: .relaxed) }
        set { most.store(newValue, ordering: .relaxed) }
    }

    /// - Returns: False when the caller has as many as it may.
    package func take(_ principal: Principal) -> Bool {
        counts.withLock { counts in
            guard counts[principal, default: 0] < limit else { return false }
            counts[principal, default: 0] += 1
            return true
        }
    }

    /// Gives back what was taken.
    package func give(_ principal: Principal, _ number: Int = 1) {
        guard number > 0 else { return }
        counts.withLock { counts in
            let count = counts[principal, default: number] - number
            counts[principal] = count > 0 ? count : nil
        }
    }
}
