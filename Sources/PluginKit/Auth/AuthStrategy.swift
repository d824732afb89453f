/// A strategy for outgoing credentials.
///
/// It runs inside the host's http service and sees the request as it will be sent, so that it can sign it. The host keeps
/// answers by scope and key until they expire, asks once at a time per key, and asks again once after a 401, or, with
/// ``AuthNeeds/stepUp``, after a 403 for want of scopes.
public protocol AuthStrategy: PluginInstance {
    /// What the strategy needs; asked once, when the instance was made.
    var needs: AuthNeeds { get }

    /// Finds the credential for one request and answers once, now or later, from any thread.
    func authorize(_ request: AuthRequest, reply: AuthReply)

    /// The answer with this cache key was refused: forget what led to it. By default there is nothing to forget.
    func invalidate(cacheKey: [UInt8])
}

extension AuthStrategy {
    /// Nothing special.
    public var needs: AuthNeeds { [] }
    /// Does nothing.
    public func invalidate(cacheKey: [UInt8]) {}
}

/// What a strategy needs of a request (`vmcp_auth.flags`).
public struct AuthNeeds: OptionSet, Sendable {
    /// The bits of the ABI.
    public let rawValue: UInt32
    /// Makes a set from the bits of the ABI.
    public init(rawValue: UInt32) { self.rawValue = rawValue }
    /// The body is part of what is signed; without this it may be empty.
    public static let body = AuthNeeds(rawValue: 1)
    /// Without an identity there is no credential: probes go without.
    public static let identity = AuthNeeds(rawValue: 2)
    /// To be asked a second time after a 403, too, whose challenge says `insufficient_scope`. Without an answer, with the same
    /// one or with a failure the 403 stands.
    public static let stepUp = AuthNeeds(rawValue: 4)
}

/// The request that waits for its credential.
public struct AuthRequest: Sendable, Equatable {
    /// What the request is for.
    public enum Purpose: UInt32, Sendable {
        /// A person's or an agent's request: the identity is theirs.
        case call = 1
        /// Health and discovery: no identity; leave credentials out when they need one.
        case probe = 2
        /// Ends a session: the identity of whoever opened it.
        case teardown = 3
    }

    /// What the request is for.
    public var purpose: Purpose
    /// 1, then 2 after a 401, or a 403 with ``AuthNeeds/stepUp``.
    public var attempt: Int
    /// For ``IdentityService``; 0 = none.
    public var identity: UInt64
    /// Name of the backend.
    public var backend: String
    /// Such as `POST`.
    public var method: String
    /// As it will be sent.
    public var url: String
    /// As they will be sent, without the transport's own (Host, Content-Length).
    public var headers: [Header]
    /// The whole body; may be empty without ``AuthNeeds/body``.
    public var body: [UInt8]
    /// `WWW-Authenticate` of the 401 or 403 before, or empty.
    public var challenge: String
}

/// What makes a request acceptable.
public struct AuthAnswer: Sendable, Equatable {
    /// For which requests the host may use the answer again.
    public enum CacheScope: UInt32, Sendable {
        /// For this request only: a signature.
        case none = 0
        /// For every request of this backend.
        case backend = 1
        /// For every request of this identity to this backend.
        case identity = 2
    }

    /// Headers that replace those of the same name.
    public var set: [Header]
    /// Header names to take away first.
    public var remove: [String]
    /// For which requests it may be used again.
    public var scope: CacheScope
    /// Unix time in milliseconds, 0 = not known: not kept.
    public var expiresAt: UInt64
    /// Distinguishes answers within the scope: audience, scopes; may be empty.
    public var cacheKey: [UInt8]

    /// Makes an answer for one request, unless scope and expiry say otherwise.
    public init(
        set: [Header], remove: [String] = [], scope: CacheScope = .none, expiresAt: UInt64 = 0, cacheKey: [UInt8] = []
    ) {
        self.set = set
        self.remove = remove
        self.scope = scope
        self.expiresAt = expiresAt
        self.cacheKey = cacheKey
    }
}
