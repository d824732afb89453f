import Dispatch
import Glibc
import Synchronization

/// An answer as it came.
struct HTTPResponse: Sendable {
    var status: Int
    /// Names in lower case.
    var headers: [String: String]
    var body: [UInt8]

    var text: String { String(decoding: body, as: UTF8.self) }
    var json: JSON { get throws { try JSON(parsing: body) } }
    var contentType: String { headers["content-type"] ?? "" }
}

/// One HTTP/1.1 connection to loopback over a plain socket, so that a test decides on every byte.
final class HTTPConnection: Sendable {
    /// Seconds without a byte after which a read fails: a safety net, far above what is expected.
    static let silence = 90

    private let descriptor: Int32
    // One exchange at a time; blocking calls stay off Swift's own threads.
    private let queue = DispatchQueue(label: "HTTPConnection")
    private let unread = Mutex<[UInt8]>([])

    init(port: Int) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var limit = timeval(tv_sec: Self.silence, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        // The descriptor is closed by `deinit`, which runs here too: all members are there.
        guard result == 0 else {
            throw TestFailure("cannot connect to port \(port): \(String(cString: strerror(errno)))")
        }
    }

    deinit { close(descriptor) }

    /// Ends the connection; a read that waits fails.
    func hangUp() { shutdown(descriptor, Int32(SHUT_RDWR)) }

    /// Sends a request and reads the whole answer.
    ///
    /// `Host` and `Content-Length` are added unless given.
    func exchange(
        _ method: String, _ path: String, headers: [(String, String)] = [], body: [UInt8] = []
    ) async throws -> HTTPResponse {
        try await perform { [self] in
            try send(method, path, headers, body)
            var response = try head()
            if response.headers["transfer-encoding"]?.lowercased() == "chunked" {
                while let chunk = try nextChunk() { response.body += chunk }
            } else if method != "HEAD", response.status != 204, let length = response.headers["content-length"] {
                response.body = try take(Int(length) ?? 0)
            }
            return response
        }
    }

    /// Sends a request and reads the head of an answer whose body goes on.
    func open(
        _ method: String, _ path: String, headers: [(String, String)] = [], body: [UInt8] = []
    ) async throws -> HTTPResponse {
        try await perform { [self] in
            try send(method, path, headers, body)
            return try head()
        }
    }

    /// The next chunk of a body after ``open(_:_:headers:body:)``; `nil` at its end.
    func chunk() async throws -> [UInt8]? { try await perform { [self] in try nextChunk() } }

    private func perform<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                queue.async { continuation.resume(with: Result(catching: body)) }
            }
        } onCancel: {
            hangUp()
        }
    }

    private func send(_ method: String, _ path: String, _ headers: [(String, String)], _ body: [UInt8]) throws {
        var head = "\(method) \(path) HTTP/1.1\r\n"
        func has(_ name: String) -> Bool { headers.contains { $0.0.lowercased() == name } }
        if !has("host") { head += "Host: 127.0.0.1\r\n" }
        if !has("content-length"), !body.isEmpty || method == "POST" { head += "Content-Length: \(body.count)\r\n" }
        for (name, value) in headers { head += "\(name): \(value)\r\n" }
        let bytes = Array((head + "\r\n").utf8) + body
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            // A server may answer a body that is too large before it has read it; the answer is still to be read.
            guard count > 0 else { return }
            sent += count
        }
    }

    private func head() throws -> HTTPResponse {
        let lines = String(decoding: try take(through: Array("\r\n\r\n".utf8)), as: UTF8.self)
            .split(separator: "\r\n").map(String.init)
        let parts = (lines.first ?? "").split(separator: " ")
        guard parts.count >= 2, let status = Int(parts[1]) else { throw TestFailure("no HTTP answer: \(lines)") }
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { continue }
            let value = line[line.index(after: colon)...]
            headers[line[..<colon].lowercased()] = String(value.drop { $0 == " " })
        }
        return HTTPResponse(status: status, headers: headers, body: [])
    }

    private func nextChunk() throws -> [UInt8]? {
        let size = String(decoding: try take(through: Array("\r\n".utf8)).dropLast(2), as: UTF8.self)
        guard let count = Int(size.prefix { $0 != ";" }, radix: 16) else {
            throw TestFailure("bad chunk size: \(size)")
        }
        let chunk = try take(count + 2).dropLast(2)
        return count == 0 ? nil : Array(chunk)
    }

    private func take(_ count: Int) throws -> [UInt8] {
        try unread.withLock { unread in
            while unread.count < count { try fill(&unread) }
            defer { unread.removeFirst(count) }
            return Array(unread[..<count])
        }
    }

    /// Bytes up to and including a mark.
    private func take(through mark: [UInt8]) throws -> [UInt8] {
        try unread.withLock { unread in
            var searched = 0
            while true {
                if unread.count >= mark.count {
                    for start in searched...(unread.count - mark.count)
                    where unread[start] == mark[0] && unread[start..<(start + mark.count)].elementsEqual(mark) {
                        defer { unread.removeFirst(start + mark.count) }
                        return Array(unread[..<(start + mark.count)])
                    }
                    searched = unread.count - mark.count + 1
                }
                try fill(&unread)
            }
        }
    }

    private func fill(_ unread: inout [UInt8]) throws {
        var buffer = [UInt8](repeating: 0, count: 262_144)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        guard count > 0 else {
            let reason = count == 0 ? "the server closed the connection" : String(cString: strerror(errno))
            throw TestFailure(
                "no (whole) answer: \(reason); so far: \(String(decoding: unread.prefix(500), as: UTF8.self))")
        }
        unread += buffer[..<count]
    }
}
