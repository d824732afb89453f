package import Gateway

/// One whole HTTP request, as the handlers above the server see it.
package struct HTTPRequest: Sendable {
    /// As it was sent: upper case for the methods of RFC 9110.
    package var method: String
    /// The path of the target without its query, not decoded; begins with `/` (or is `*`).
    package var path: String
    /// What follows the first `?` of the target; empty when there is none.
    package var query: String
    package var headers: HTTPFields
    /// Host and optional port that the request is for: from an absolute target, else from `Host`; empty when neither.
    package var authority: String
    /// At most ``HTTPServerSettings/maximumBody`` bytes; empty while only the head is judged.
    package var body: [UInt8]
    /// The numeric address of the other side, without its port.
    package var remoteAddress: String
    /// Who sends it. Anonymous until a stage that authenticates says otherwise.
    package var principal: Principal
    /// Whether ``principal`` was found out by the head already, so that nobody needs to look again.
    package var isAdmitted = false

    package init(
        method: String, path: String, query: String = "", headers: HTTPFields = HTTPFields([]), authority: String = "",
        body: [UInt8] = [], remoteAddress: String = "", principal: Principal = .anonymous
    ) {
        self.method = method
        self.path = path
        self.query = query
        self.headers = headers
        self.authority = authority
        self.body = body
        self.remoteAddress = remoteAddress
        self.principal = principal
    }
}
