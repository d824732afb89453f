import Crypto
import PluginKit
import Synchronization

/// The temporary credentials of callers, each obtained once and kept until shortly before its end. In memory only.
final class RoleSessions: Sendable {
    /// How long before their end credentials are not used any more, in milliseconds.
    static let margin: UInt64 = 300_000
    /// Credentials this young are not asked for again when they are refused: others have just done so.
    static let fresh: UInt64 = 10_000
    /// Most that are kept; above it those go that end first.
    static let capacity = 10_000

    struct Key: Hashable, Sendable {
        let role: String
        let session: String
        private let token: [UInt8]

        init(role: String, session: String, token: String) {
            self.role = role
            self.session = session
            self.token = Array(SHA256.hash(data: Array(token.utf8)))
        }
    }

    typealias Completion = @Sendable (Result<TemporaryCredentials, PluginError>) -> Void

    fileprivate struct Kept {
        let credentials: TemporaryCredentials
        let since: UInt64
    }

    fileprivate struct State {
        var kept: [Key: Kept] = [:]
        var waiting: [Key: [Completion]] = [:]
    }

    private let state = Mutex(State())
    private let now: @Sendable () -> UInt64

    /// - Parameter now: Unix time in milliseconds.
    init(now: @escaping @Sendable () -> UInt64) { self.now = now }

    var count: Int { state.withLock { $0.kept.count } }

    /// Hands on credentials, from what is kept or by `obtain`, which is called for one caller of a key at a time.
    ///
    /// - Parameter refused: What is kept was refused.
    func get(
        _ key: Key, refused: Bool, obtain: (@escaping Completion) -> Void, _ completion: @escaping Completion
    ) {
        let time = now()
        let (kept, isFirst) = state.withLock { state -> (TemporaryCredentials?, Bool) in
            if let found = state.kept[key] {
                let isGood = found.credentials.expiresAt > time + Self.margin
                if isGood, !refused || time < found.since + Self.fresh { return (found.credentials, false) }
                state.kept[key] = nil
            }
            state.waiting[key, default: []].append(completion)
            return (nil, state.waiting[key]?.count == 1)
        }
        if let kept { return completion(.success(kept)) }
        if isFirst { obtain { [self] in settle(key, $0) } }
    }

    private func settle(_ key: Key, _ result: Result<TemporaryCredentials, PluginError>) {
        let time = now()
        let waiting = state.withLock { state in
            if case .success(let credentials) = result { state.keep(credentials, for: key, now: time) }
            return state.waiting.removeValue(forKey: key) ?? []
        }
        for completion in waiting { completion(result) }
    }
}

extension RoleSessions.State {
    fileprivate mutating func keep(_ credentials: TemporaryCredentials, for key: RoleSessions.Key, now: UInt64) {
        guard credentials.expiresAt > now + RoleSessions.margin else { return }
        if kept.count >= RoleSessions.capacity {
            kept = kept.filter { $0.value.credentials.expiresAt > now + RoleSessions.margin }
            if kept.count >= RoleSessions.capacity,
                let first = kept.min(by: { $0.value.credentials.expiresAt < $1.value.credentials.expiresAt })?.key
            {
                kept[first] = nil
            }
        }
        kept[key] = RoleSessions.Kept(credentials: credentials, since: now)
    }
}
