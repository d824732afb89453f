/// A request that waits for its credential: the Swift face of `vmcp_auth_request`.
package struct AuthorizableRequest: Sendable {
    /// 1, then 2 after a 401 or a 403.
    package var attempt: UInt32
    package var purpose: CredentialPurpose
    /// For the identity service; 0 = none.
    package var identity: UInt64
    package var method: String
    /// As it will be sent.
    package var url: String
    /// As they will be sent, without the transport's own.
    package var headers: [HTTPField]
    package var body: [UInt8]
    /// `WWW-Authenticate` of the response before, or empty.
    package var challenge: String
    /// What attempt 1 carried and was refused; empty at first.
    package var refused: HeaderChanges
    /// The refusal was a 403 for want of scopes.
    package var lacksScopes: Bool

    package init(
        attempt: UInt32 = 1, purpose: CredentialPurpose = .call, identity: UInt64 = 0, method: String, url: String,
        headers: [HTTPField] = [], body: [UInt8] = [], challenge: String = "", refused: HeaderChanges = HeaderChanges(),
        lacksScopes: Bool = false
    ) {
        self.attempt = attempt
        self.purpose = purpose
        self.identity = identity
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.challenge = challenge
        self.refused = refused
        self.lacksScopes = lacksScopes
    }
}

/// What makes a request acceptable.
package struct HeaderChanges: Sendable, Equatable {
    /// Replace headers of the same name.
    package var set: [HTTPField]
    /// Names to take away first.
    package var remove: [String]

    package init(set: [HTTPField] = [], remove: [String] = []) {
        self.set = set
        self.remove = remove
    }

    /// The headers after the changes.
    func applied(to headers: [HTTPField]) -> [HTTPField] {
        if set.isEmpty, remove.isEmpty { return headers }
        let replaced = Set((remove + set.map(\.name)).map { $0.lowercased() })
        return headers.filter { !replaced.contains($0.name.lowercased()) } + set
    }
}

/// What a strategy says about one request.
package enum Authorization: Sendable {
    /// Send it with these changes.
    case changes(HeaderChanges)
    /// Send it as it is. To attempt 2: there is no other credential, so the response before is the answer.
    case unchanged
    /// Do not send it, or not again: the exchange ends with this.
    case refused(ServiceOutcome)
}

/// A strategy for outgoing credentials, as the http service sees it.
package protocol RequestAuthorizer: Sendable {
    /// Whether it is to be asked again after a 403 for want of scopes.
    var stepsUp: Bool { get }

    /// Finds the credential of one request.
    ///
    /// Called on a transfer thread and must not block. `completion` may be called from any thread, at once or later;
    /// calls after the first have no effect.
    func authorize(_ request: AuthorizableRequest, completion: @escaping @Sendable (Authorization) -> Void)
}

extension RequestAuthorizer {
    package var stepsUp: Bool { false }
}
