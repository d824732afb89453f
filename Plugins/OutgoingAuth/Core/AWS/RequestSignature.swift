import Crypto
import PluginKit

/// Signature version 4 of AWS (General Reference, "Create a signed AWS API request").
struct RequestSignature: Sendable {
    /// What is signed, as it will be sent.
    struct Request: Sendable {
        var method: String
        var url: String
        var headers: [Header]
        var body: [UInt8]
    }

    let credentials: TemporaryCredentials
    let region: String
    let service: String

    /// Headers that are not part of the signature, because they are not sent as they are here, or change on the way.
    private static let unsigned: Set<String> = [
        "authorization", "connection", "content-length", "expect", "keep-alive", "transfer-encoding", "upgrade",
        "user-agent", "x-amzn-trace-id",
    ]

    /// The headers that make a request acceptable; they replace others of the same name.
    ///
    /// - Parameter now: Unix time in milliseconds.
    func headers(for request: Request, now: UInt64) -> [Header] {
        let time = UTCTime(milliseconds: now)
        let digest = Self.hex(SHA256.hash(data: request.body))
        let added = [
            Header("X-Amz-Date", time.basic), Header("X-Amz-Content-Sha256", digest),
            Header("X-Amz-Security-Token", credentials.sessionToken),
        ]
        let target = Target(request.url)
        let names = Set(added.map { $0.name.lowercased() })
        let kept = request.headers.filter { header in
            let name = header.name.lowercased()
            return !names.contains(name) && name != "host" && !Self.unsigned.contains(name)
        }
        let (canonical, signed) = Self.canonical(kept + added + [Header("Host", target.host)])
        let text = [request.method, target.path, target.query, canonical, signed, digest].joined(separator: "\n")
        let scope = "\(time.day)/\(region)/\(service)/aws4_request"
        let toSign = "AWS4-HMAC-SHA256\n\(time.basic)\n\(scope)\n\(Self.hex(SHA256.hash(data: Array(text.utf8))))"
        let signature = Self.hex(HMAC<SHA256>.authenticationCode(for: Array(toSign.utf8), using: key(time.day)))
        let authorization =
            "AWS4-HMAC-SHA256 Credential=\(credentials.accessKey)/\(scope), SignedHeaders=\(signed), "
            + "Signature=\(signature)"
        return added + [Header("Authorization", authorization)]
    }

    private func key(_ day: String) -> SymmetricKey {
        var key = SymmetricKey(data: Array("AWS4\(credentials.secret)".utf8))
        for step in [day, region, service, "aws4_request"] {
            key = SymmetricKey(data: HMAC<SHA256>.authenticationCode(for: Array(step.utf8), using: key))
        }
        return key
    }

    /// Names in lower case and in order, values without outer and double spaces; several of one name joined by commas.
    private static func canonical(_ headers: [Header]) -> (lines: String, names: String) {
        var values: [String: [String]] = [:]
        for header in headers {
            let value = header.value.split { $0 == " " || $0 == "\t" }.joined(separator: " ")
            values[header.name.lowercased(), default: []].append(value)
        }
        let names = values.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        let lines = names.map { "\($0):\(values[$0, default: []].joined(separator: ","))\n" }.joined()
        return (lines, names.joined(separator: ";"))
    }

    private static func hex(_ bytes: some Sequence<UInt8>) -> String {
        let digits = Array("0123456789abcdef".utf8)
        var out: [UInt8] = []
        for byte in bytes { out += [digits[Int(byte >> 4)], digits[Int(byte & 15)]] }
        return String(decoding: out, as: UTF8.self)
    }

    /// What the signature says of a URL.
    private struct Target {
        /// As the Host header has it: with the port, unless it is the scheme's own.
        let host: String
        /// Without double slashes and dots, and percent-encoded once more, as for all services but S3.
        let path: String
        /// By name and value, percent-encoded.
        let query: String

        init(_ url: String) {
            let isSecure = url.lowercased().hasPrefix("https://")
            var rest = url.dropFirst(isSecure ? 8 : 7)
            rest = rest.prefix { $0 != "#" }
            let authority = rest.prefix { $0 != "/" && $0 != "?" }
            let port = isSecure ? ":443" : ":80"
            host = String(authority.hasSuffix(port) ? authority.dropLast(port.count) : authority)
            rest = rest.dropFirst(authority.count)
            let path = rest.prefix { $0 != "?" }
            let query = rest.dropFirst(path.count + 1)
            self.path = Self.encode(Self.normalized(path).utf8, keeping: "/")
            let pairs = query.split(separator: "&").map { pair -> (String, String) in
                let name = pair.prefix { $0 != "=" }
                let value = pair.dropFirst(name.count + 1)
                return (Self.encode(Self.decode(name)), Self.encode(Self.decode(value)))
            }
            self.query = pairs.sorted { left, right in
                left.0 == right.0
                    ? left.1.utf8.lexicographicallyPrecedes(right.1.utf8)
                    : left.0.utf8.lexicographicallyPrecedes(right.0.utf8)
            }.map { "\($0.0)=\($0.1)" }.joined(separator: "&")
        }

        private static func normalized(_ path: Substring) -> String {
            var segments: [Substring] = []
            for segment in path.split(separator: "/") where segment != "." {
                if segment == ".." { _ = segments.popLast() } else { segments.append(segment) }
            }
            let text = segments.joined(separator: "/")
            return path.hasSuffix("/") && !text.isEmpty ? "/\(text)/" : "/\(text)"
        }

        private static func decode(_ text: Substring) -> [UInt8] {
            let bytes = Array(text.utf8)
            var out: [UInt8] = []
            var index = 0
            while index < bytes.count {
                if bytes[index] == UInt8(ascii: "%"), index + 2 < bytes.count,
                    let byte = UInt8(String(decoding: bytes[index + 1...index + 2], as: UTF8.self), radix: 16)
                {
                    out.append(byte)
                    index += 3
                } else {
                    out.append(bytes[index])
                    index += 1
                }
            }
            return out
        }

        /// All but the unreserved characters of RFC 3986, section 2.3.
        private static func encode(_ bytes: some Sequence<UInt8>, keeping: String = "") -> String {
            let digits = Array("0123456789ABCDEF".utf8)
            var out: [UInt8] = []
            for byte in bytes {
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                    UInt8(ascii: "~"):
                    out.append(byte)
                default:
                    if keeping.utf8.contains(byte) {
                        out.append(byte)
                    } else {
                        out += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
                    }
                }
            }
            return String(decoding: out, as: UTF8.self)
        }
    }
}
