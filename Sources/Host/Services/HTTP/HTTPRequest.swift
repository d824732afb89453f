/// One name with its value.
package struct HTTPField: Sendable, Equatable {
    package var name: String
    package var value: String

    package init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}

/// What a credential is wanted for (`vmcp_auth_request.purpose`).
package enum CredentialPurpose: UInt32, Sendable { case call = 1, probe = 2, teardown = 3 }

/// An exchange that a plugin, or the host itself, asks for: the Swift face of `vmcp_http_request`.
///
/// Times are milliseconds.
package struct HTTPRequest: Sendable {
    /// Such as `POST`.
    package var method: String
    /// Absolute, `http` or `https`.
    package var url: String
    package var headers: [HTTPField]
    package var body: [UInt8]
    /// From the start of name resolution to the end of the TLS handshake.
    package var connectTimeout: UInt64 = 10_000
    /// Longest silence once connected, while not paused; 0 = none.
    package var idleTimeout: UInt64 = 0
    /// Whole exchange, credential and redirects included; 0 = none.
    package var totalTimeout: UInt64 = 0
    /// Of the decoded body.
    package var maxResponseBytes: UInt64 = 104_857_600
    /// What it shares with the other exchanges of its backend; `nil` = nothing.
    package var limits: ExchangeLimits?
    /// Handle of a ``RequestAuthorizer``; 0 = no credential is added.
    package var auth: UInt64 = 0
    /// On whose behalf; 0 = nobody's.
    package var identity: UInt64 = 0
    package var purpose = CredentialPurpose.call
    /// PEM text trusted in addition to the system's.
    package var caBundle: [UInt8] = []
    /// Path of a socket to connect to instead of the URL's host; empty = none.
    package var unixSocket = ""
    /// Follow redirects that stay on scheme, host and port; others fail. Otherwise a redirect is the answer.
    package var followsSameOrigin = false
    /// Ask for an upgraded connection: after a head with status 101 both sides write what they like. Redirects are not
    /// followed, no credential is added, and the body has no limit.
    package var isDuplex = false
    /// Which addresses may be connected to.
    package var policy = NetworkPolicy(allowPrivate: false)

    package init(_ method: String, _ url: String, headers: [HTTPField] = [], body: [UInt8] = []) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
    }
}

/// Where an exchange goes. Called on a transfer thread, one call at a time, and not to block there.
package protocol HTTPSink: Sendable {
    /// The final response begins. Once, before ``body(_:)``.
    func head(_ head: ResponseHead) -> SinkAnswer
    /// A piece of the body, decoded; borrowed.
    func body(_ data: UnsafeRawBufferPointer) -> SinkAnswer
    /// The end, exactly once. Whatever its status, a complete response is ``ServiceOutcome/Status/ok``.
    func end(_ outcome: ServiceOutcome)
    /// ``HTTPEngine/write(_:_:)`` answered ``SinkAnswer/pause``: it may go on.
    func drained()
}

extension HTTPSink {
    package func drained() {}
}
