import Synchronization

/// What a caller showed last: requests on the caller's behalf are made with that, not with a token of an hour ago.
final class CurrentIdentity: Sendable {
    private let state: Mutex<(any CallerIdentity)?>

    init(_ identity: (any CallerIdentity)?) { state = Mutex(identity) }

    var value: (any CallerIdentity)? { state.withLock { $0 } }

    /// For ``CallContext/identity``; 0 when there is none.
    var number: UInt64 { value?.number ?? 0 }

    func set(_ identity: (any CallerIdentity)?) {
        guard let identity else { return }
        // The former one may be forgotten by this, which is no work for under a lock.
        let former = state.withLock { state in
            defer { state = identity }
            return state
        }
        _ = former
    }
}
