/// A request for ``HTTPService``. Times are milliseconds; 0 takes the default named.
public struct HTTPRequest: Sendable {
    /// Such as `POST`.
    public var method: String
    /// http or https, absolute.
    public var url: String
    /// As they are sent.
    public var headers: [Header]
    /// What is special about it.
    public var options: HTTPOptions = []
    /// 10,000
    public var connectTimeout: UInt64 = 0
    /// Longest silence once connected; none.
    public var idleTimeout: UInt64 = 0
    /// Whole exchange; none.
    public var totalTimeout: UInt64 = 0
    /// Most bytes of the body; 104,857,600.
    public var maximumResponse: UInt64 = 0
    /// Handle from ``PluginConfiguration/auth``; 0 = no credential is added.
    public var auth: UInt64 = 0
    /// On whose behalf, for the strategy behind `auth`.
    public var identity: UInt64 = 0
    /// PEM text trusted in addition to the system's.
    public var caBundle = ""
    /// Path of a socket to connect to instead of the URL's host.
    public var unixSocket = ""

    /// Makes a request with the defaults.
    public init(_ method: String, _ url: String, headers: [Header] = []) {
        self.method = method
        self.url = url
        self.headers = headers
    }
}

/// What is special about a request (`vmcp_http_request.flags`).
public struct HTTPOptions: OptionSet, Sendable {
    /// The bits of the ABI.
    public let rawValue: UInt32
    /// Makes a set from the bits of the ABI.
    public init(rawValue: UInt32) { self.rawValue = rawValue }
    /// Follow redirects that stay on scheme, host and port; others fail.
    public static let followSameOrigin = HTTPOptions(rawValue: 1)
    /// An upgraded connection: after a head with status 101 use ``HTTPExchange/write(_:)``.
    public static let duplex = HTTPOptions(rawValue: 2)
    /// The target may be on a private or loopback address; metadata never.
    public static let allowPrivate = HTTPOptions(rawValue: 4)
    /// Health and discovery, for the strategy behind `auth`.
    public static let probe = HTTPOptions(rawValue: 8)
    /// The end of a session, for the strategy behind `auth`.
    public static let teardown = HTTPOptions(rawValue: 16)
}

/// Gets the response. Functions are called on a thread of the host, one at a time, and must not block.
public protocol HTTPHandler: AnyObject, Sendable {
    /// Status and headers of the final response; once, before the body.
    func head(_ head: borrowing HTTPHead) -> Flow
    /// A piece of the body, decoded. ``Flow/pause`` means: this piece is taken, none until ``HTTPExchange/resume()``.
    func body(_ data: RawSpan) -> Flow
    /// The end, exactly once. Ok means that the response is complete, whatever its status.
    func ended(_ outcome: Outcome)
    /// ``HTTPOptions/duplex``: writing may go on.
    func drained()
}

extension HTTPHandler {
    /// Does nothing.
    public func drained() {}
}
