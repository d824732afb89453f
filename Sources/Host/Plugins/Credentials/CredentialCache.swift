import Gateway
import HostServices

/// The credentials of one backend, by on whose behalf they were obtained, and the requests that wait for one: a value
/// without I/O.
///
/// A backend has one strategy with one configuration, so that audience and scopes need not be part of the key. A strategy
/// says only with its answer for whom it may be used again; until the first answer is there, requests with the same key
/// wait for it.
struct CredentialCache<Waiter: Sendable>: Sendable {
    /// What a credential is for. Probes have a key of their own: the gateway's own credential must never serve a user.
    struct Key: Hashable, Sendable {
        let isProbe: Bool
        /// ``ServiceIdentity/key``; `nil` = for everybody.
        let identity: [UInt8]?
    }

    /// What to do with a request.
    enum Step {
        case use(AuthAnswer)
        /// The answer comes with ``Release``.
        case wait
        /// To ask the strategy, and to say so with ``answered(_:_:now:)``.
        case ask
        /// To ask the strategy for this request alone: its answers cannot be used twice.
        case askAlone
    }

    /// What becomes of the requests that have waited.
    enum Release {
        /// All get the same.
        case share([Waiter], Result<AuthAnswer?, Outcome>)
        /// Each asks for itself.
        case askAlone([Waiter])
    }

    /// How long before its end a credential is not used any more, in milliseconds: the request still has to travel.
    static var margin: UInt64 { 30_000 }

    private var kept: RecentlyUsed<Key, AuthAnswer>
    private var flights: [Key: [Waiter]] = [:]
    /// The strategy's last answer could not be used twice.
    private var isPerRequest: Bool

    /// - Parameter isPerRequest: The strategy signs each request.
    init(capacity: Int, isPerRequest: Bool) {
        kept = RecentlyUsed(capacity: capacity)
        self.isPerRequest = isPerRequest
    }

    var count: Int { kept.count }

    /// - Parameter now: Unix time in milliseconds.
    mutating func ask(_ key: Key, now: UInt64, waiter: Waiter) -> Step {
        for candidate in [key, Key(isProbe: key.isProbe, identity: nil)] {
            guard let answer = kept.value(of: candidate) else { continue }
            if answer.expiresAt > now + Self.margin { return .use(answer) }
            kept.remove(candidate)
        }
        if isPerRequest { return .askAlone }
        if flights[key] != nil {
            flights[key]?.append(waiter)
            return .wait
        }
        flights[key] = []
        return .ask
    }

    /// A credential was refused with 401. Another request may have renewed it meanwhile: what is kept stays then.
    ///
    /// - Returns: The cache key of what was dropped.
    mutating func refused(_ key: Key, _ refused: HeaderChanges) -> [UInt8]? {
        for candidate in [key, Key(isProbe: key.isProbe, identity: nil)] {
            guard let answer = kept.peek(candidate), answer.changes == refused else { continue }
            kept.remove(candidate)
            return answer.cacheKey
        }
        return nil
    }

    /// A credential with more scopes was obtained beside the flights, and takes the place of the one before.
    mutating func widened(_ key: Key, _ answer: AuthAnswer, now: UInt64) {
        if answer.scope != .none { keep(answer, key, now: now) }
    }

    private mutating func keep(_ answer: AuthAnswer, _ key: Key, now: UInt64) {
        guard answer.expiresAt > now + Self.margin else { return }
        kept.set(answer, for: Key(isProbe: key.isProbe, identity: answer.scope == .backend ? nil : key.identity))
    }

    mutating func answered(_ key: Key, _ result: Result<AuthAnswer?, Outcome>, now: UInt64) -> Release {
        let waiters = flights.removeValue(forKey: key) ?? []
        guard case .success(let answer?) = result else { return .share(waiters, result) }
        guard answer.scope != .none else {
            isPerRequest = true
            return .askAlone(waiters)
        }
        keep(answer, key, now: now)
        return .share(waiters, result)
    }
}

extension AuthAnswer {
    /// What it does to a request.
    var changes: HeaderChanges {
        HeaderChanges(set: set.map { HTTPField($0.name, $0.value) }, remove: remove)
    }
}
