package import Gateway

/// A whole answer. The server adds `Content-Length`, `Date` and `Connection`.
package struct HTTPResponse: Sendable, Equatable {
    /// 200…599.
    package var status: Int
    /// Any spelling of names; no `Content-Length`, `Transfer-Encoding`, `Date`, `Connection`.
    package var headers: [Header]
    package var body: [UInt8]

    package init(_ status: Int, headers: [Header] = [], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// An answer with a JSON body.
    package static func json(_ status: Int, _ body: [UInt8], headers: [Header] = []) -> HTTPResponse {
        HTTPResponse(status, headers: [Header("Content-Type", "application/json")] + headers, body: body)
    }
}
