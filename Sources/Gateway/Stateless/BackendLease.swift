import Synchronization

/// The use of a pooled backend session by one request or listen.
final class BackendLease: Sendable {
    let session: BackendSession
    private let key: BackendPool.Key
    private let pool: BackendPool
    private let watches: Bool
    private let isOver = Atomic(false)

    init(_ session: BackendSession, key: BackendPool.Key, pool: BackendPool, watches: Bool) {
        self.session = session
        self.key = key
        self.pool = pool
        self.watches = watches
    }

    /// Sees to it that log messages of this level come.
    func wantLogs(at level: LogLevel) { pool.want(level, key, session) }

    /// Gives it back; again is fine.
    func end() {
        if !isOver.exchange(true, ordering: .acquiringAndReleasing) { pool.ended(key, session, watches: watches) }
    }
}
