import Gateway
import NIOCore
import NIOHTTP1

/// A request that is being read: its head, and the body as far as it came.
struct RequestAssembly {
    var request: HTTPRequest
    let keepAlive: Bool
    /// HTTP/1.0 knows no chunks.
    let isHTTP10: Bool
    let expectsContinue: Bool
    private let expectation: String?
    private let length: Int
    private let limit: Int

    /// Bytes set aside on the word of a `Content-Length`: a client that announces much and sends nothing gets no more.
    private static let largestReservation = 64 * 1024

    /// Reads the head.
    /// - Throws: ``Refusal`` with the answer to a request without the one `Host` that RFC 9112 asks for.
    init(_ head: HTTPRequestHead, limit: Int, remoteAddress: String) throws(Refusal) {
        var fields: [Header] = []
        var hosts = 0
        var length = 0
        var expectation: String?
        fields.reserveCapacity(head.headers.count)
        for (name, value) in head.headers {
            let name = Self.lowercased(name)
            switch name {
            case "host": hosts += 1
            case "content-length": length = Int(value) ?? Int.max
            case "expect": expectation = value
            default: break
            }
            fields.append(Header(name, value))
        }
        (self.expectation, self.length) = (expectation, length)
        isHTTP10 = head.version.minor == 0
        keepAlive = head.isKeepAlive && head.method != .CONNECT
        guard hosts == 1 || (hosts == 0 && isHTTP10) else {
            throw Refusal(ServerFault.badRequest("expected one Host header field, found \(hosts)"))
        }
        expectsContinue = expectation != nil && !isHTTP10
        let headers = HTTPFields(fields)
        let target = Self.split(head.uri)
        request = HTTPRequest(
            method: head.method.rawValue, path: target.path, query: target.query, headers: headers,
            authority: target.authority ?? headers["host"] ?? "", remoteAddress: remoteAddress)
        self.limit = limit
        request.body.reserveCapacity(min(length, Self.largestReservation))
    }

    /// Judges what the head says about the body.
    /// - Throws: ``Refusal`` for an expectation we do not know (RFC 9110, section 10.1.1), or a body that is too large.
    func checkAnnouncedBody() throws(Refusal) {
        if let expectation, expectation.lowercased() != "100-continue" {
            throw Refusal(ServerFault.expectation(expectation))
        }
        guard length <= limit else { throw Refusal(ServerFault.bodyTooLarge(limit: limit)) }
    }

    /// - Throws: ``Refusal`` when the body is larger than allowed.
    mutating func append(_ bytes: ByteBuffer) throws(Refusal) {
        guard request.body.count + bytes.readableBytes <= limit else {
            throw Refusal(ServerFault.bodyTooLarge(limit: limit))
        }
        bytes.withUnsafeReadableBytes { request.body.append(contentsOf: $0) }
    }

    /// The answer that ends a request before it is whole.
    struct Refusal: Error {
        let response: HTTPResponse
        init(_ response: HTTPResponse) { self.response = response }
    }

    /// Path, query and, for the absolute form (RFC 9112, section 3.2.2), the authority that then replaces `Host`.
    private static func split(_ target: String) -> (path: String, query: String, authority: String?) {
        var rest = target[...]
        var authority: String?
        if rest.utf8.first != UInt8(ascii: "/"), let scheme = rest.firstRange(of: "://") {
            rest = rest[scheme.upperBound...]
            let end = rest.firstIndex { $0 == "/" || $0 == "?" } ?? rest.endIndex
            authority = String(rest[..<end])
            rest = rest[end...]
        }
        guard let mark = rest.utf8.firstIndex(of: UInt8(ascii: "?")) else {
            return (rest.isEmpty ? "/" : String(rest), "", authority)
        }
        let path = rest[..<mark]
        return (path.isEmpty ? "/" : String(path), String(rest[rest.index(after: mark)...]), authority)
    }

    private static func lowercased(_ name: String) -> String {
        let isLower = name.utf8.allSatisfy { !(UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) }
        return isLower ? name : name.lowercased()
    }
}
