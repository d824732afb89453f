import Gateway
import Glibc
import NIOCore

/// Writes answers as HTTP/1.1 (RFC 9112). One per connection: it keeps the line with the date.
struct ResponseEncoder {
    /// How the end of a body is told.
    enum Framing: Equatable {
        case length(Int)
        case chunked
        /// By closing the connection: HTTP/1.0.
        case close
        /// No body at all: 204.
        case none
    }

    private var dateSecond = -1
    private var dateLine = ""

    mutating func writeHead(
        status: Int, headers: [Header], framing: Framing, connection: StaticString?, to out: inout ByteBuffer
    ) {
        out.writeStaticString("HTTP/1.1 ")
        out.writeString(String(status))
        out.writeStaticString(" ")
        out.writeStaticString(Self.reason(status))
        out.writeStaticString("\r\n")
        for header in headers {
            Self.write(field: header.name, to: &out)
            out.writeStaticString(": ")
            Self.write(field: header.value, to: &out)
            out.writeStaticString("\r\n")
        }
        switch framing {
        case .length(let length):
            out.writeStaticString("Content-Length: ")
            out.writeString(String(length))
            out.writeStaticString("\r\n")
        case .chunked: out.writeStaticString("Transfer-Encoding: chunked\r\n")
        case .close, .none: break
        }
        if let connection {
            out.writeStaticString("Connection: ")
            out.writeStaticString(connection)
            out.writeStaticString("\r\n")
        }
        out.writeString(date())
        out.writeStaticString("\r\n")
    }

    static func writeChunk(_ bytes: [UInt8], to out: inout ByteBuffer) {
        out.writeString(String(bytes.count, radix: 16))
        out.writeStaticString("\r\n")
        out.writeBytes(bytes)
        out.writeStaticString("\r\n")
    }

    private mutating func date() -> String {
        let now = time(nil)
        if now != dateSecond {
            dateSecond = now
            dateLine = "Date: \(CivilTime(unix: now).httpDate)\r\n"
        }
        return dateLine
    }

    /// A line break in a value that came from elsewhere would begin a field, or an answer, of somebody else's making.
    private static func write(field text: String, to out: inout ByteBuffer) {
        if text.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) {
            out.writeBytes(text.utf8.map { $0 < 0x20 || $0 == 0x7F ? UInt8(ascii: " ") : $0 })
        } else {
            out.writeString(text)
        }
    }

    private static func reason(_ status: Int) -> StaticString {
        switch status {
        case 200: "OK"
        case 202: "Accepted"
        case 204: "No Content"
        case 400: "Bad Request"
        case 401: "Unauthorized"
        case 403: "Forbidden"
        case 404: "Not Found"
        case 405: "Method Not Allowed"
        case 406: "Not Acceptable"
        case 408: "Request Timeout"
        case 413: "Content Too Large"
        case 415: "Unsupported Media Type"
        case 417: "Expectation Failed"
        case 429: "Too Many Requests"
        case 431: "Request Header Fields Too Large"
        case 500: "Internal Server Error"
        case 503: "Service Unavailable"
        default: "Unknown"
        }
    }
}
