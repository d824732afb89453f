import PluginKit
import StreamableHTTP

/// The headers of `headerForward`: some as written, some from secrets that are read at each request.
struct StaticHeaders: Sendable {
    private struct FromSecret: Sendable {
        let header: String
        let handle: String
        let reference: String
    }

    /// Names that belong to the connection or to proxies on the way, in lower case.
    private static let restricted: Set<String> = [
        "host", "connection", "keep-alive", "te", "trailer", "upgrade", "http2-settings", "proxy-authorization",
        "proxy-authenticate", "proxy-connection", "transfer-encoding", "content-length", "forwarded",
        "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip",
    ]

    private var plain: [Header] = []
    private var fromSecrets: [FromSecret] = []

    /// - Throws: ``PluginError`` that names the field.
    init(_ configuration: PluginConfiguration) throws(PluginError) {
        for member in try configuration.members("headerForward.addPlaintextHeaders") {
            let place = "spec.headerForward.addPlaintextHeaders.\(member.name)"
            try Self.check(member.name, place)
            guard let value = member.value.string, Self.isValue(value) else {
                throw PluginError(.invalid, "\(place): expected a string without control characters")
            }
            try checkOnce(place, member.name)
            plain.append(Header(member.name, value))
        }
        for (index, item) in try configuration.array("headerForward.addHeadersFromSecret").enumerated() {
            let place = "spec.headerForward.addHeadersFromSecret[\(index)]"
            guard let header = item["headerName"]?.string, let name = item["valueSecretRef"]?["name"]?.string,
                let key = item["valueSecretRef"]?["key"]?.string
            else {
                throw PluginError(.invalid, "\(place): expected headerName, valueSecretRef.name and valueSecretRef.key")
            }
            try Self.check(header, place)
            guard let handle = configuration.secretHandle(name: name, key: key) else {
                throw PluginError(.invalid, "\(place): expected Secret '\(name)' with key '\(key)', found none")
            }
            try checkOnce(place, header)
            fromSecrets.append(FromSecret(header: header, handle: handle, reference: "\(name)/\(key)"))
        }
    }

    /// All headers, with the values that secrets have now.
    ///
    /// - Throws: ``PluginError`` when a secret cannot be read: no request goes without its headers.
    func all(secrets: SecretsService) throws(PluginError) -> [Header] {
        var all = plain
        for item in fromSecrets {
            let value: String
            do {
                value = try secrets.value(item.handle).reveal()
            } catch {
                throw PluginError(.unauthenticated, "header \(item.header): secret \(item.reference) cannot be read")
            }
            // Files and editors leave a line end behind the value.
            let trimmed = value.trimmed
            guard Self.isValue(trimmed) else {
                throw PluginError(
                    .unauthenticated,
                    "header \(item.header): expected secret \(item.reference) without control characters")
            }
            all.append(Header(item.header, trimmed))
        }
        return all
    }

    private func checkOnce(_ place: String, _ name: String) throws(PluginError) {
        let known = plain.map(\.name) + fromSecrets.map(\.header)
        guard !known.contains(where: { $0.isSameHeaderName(as: name) }) else {
            throw PluginError(.invalid, "\(place): expected each header once, found '\(name)' twice")
        }
    }

    private static func check(_ name: String, _ place: String) throws(PluginError) {
        let isToken = name.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                || "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
        guard !name.isEmpty, name.utf8.count <= 255, isToken else {
            throw PluginError(.invalid, "\(place): expected a header name of up to 255 token characters")
        }
        guard !restricted.contains(name.lowercased()) else {
            throw PluginError(.invalid, "\(place): '\(name)' belongs to the connection and cannot be set")
        }
    }

    private static func isValue(_ value: String) -> Bool {
        value.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }
    }
}

extension String {
    /// Without white space and line ends at both ends.
    fileprivate var trimmed: String {
        let start = drop { $0.isWhitespace }
        guard let end = start.lastIndex(where: { !$0.isWhitespace }) else { return "" }
        return String(start[...end])
    }
}
