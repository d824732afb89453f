/// Which headers may be sent to backends (aggregation specification, section 11).
enum HeaderRules {
    /// Headers that belong to one connection or speak for a proxy.
    static let restricted: Set<String> = [
        "host", "connection", "keep-alive", "te", "trailer", "upgrade", "http2-settings", "proxy-authorization",
        "proxy-authenticate", "proxy-connection", "transfer-encoding", "content-length", "forwarded",
        "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip",
    ]
    /// Credentials of the client, which no backend may get unasked.
    static let clientCredentials: Set<String> = ["authorization", "cookie"]

    /// Whether a text is a field name (RFC 9110, section 5.1).
    static func isToken(_ name: String) -> Bool {
        !name.isEmpty
            && name.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"):
                    true
                default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
                }
            }
    }

    /// Whether a text can be a field value: no line breaks, no other control characters (RFC 9110, section 5.5).
    static func isValue(_ value: String) -> Bool {
        value.utf8.allSatisfy { $0 == 9 || ($0 >= 32 && $0 != 127) }
    }

    /// `headerForward`: the same list without Authorization and Cookie.
    static let staticHeaders: ObjectShape.Rule = { value, validation in
        var names: [(String, Located)] = (value["addPlaintextHeaders"]?.entries ?? []).map { ($0.key, $0.value) }
        for (_, header) in names where header.text.map(isValue) == false {
            validation.log.error(
                at: header, "expected a header value without control characters, found some; remove them")
        }
        names += (value["addHeadersFromSecret"]?.items ?? []).compactMap { item in
            item["headerName"].flatMap { name in name.text.map { ($0, name) } }
        }
        var seen: [String: Located] = [:]
        for (name, place) in names {
            check(name, at: place, refused: restricted, validation: validation)
            if let first = seen.updateValue(place, forKey: name.lowercased()) {
                validation.log.error(
                    at: place, "expected each header once, found `\(name)` again (first at line \(first.place.line))")
            }
        }
    }

    /// `passthroughHeaders`: the client's own headers.
    static func checkPassthrough(_ list: Located?, validation: Validation) {
        for item in list?.items ?? [] {
            guard let name = item.text else { continue }
            check(name, at: item, refused: restricted.union(clientCredentials), validation: validation)
        }
    }

    private static func check(_ name: String, at place: Located, refused: Set<String>, validation: Validation) {
        if !isToken(name) {
            validation.log.error(
                at: place, "expected an HTTP header name, found \(name.isEmpty ? "empty text" : "\"\(name)\"")")
        } else if refused.contains(name.lowercased()) {
            validation.log.error(
                at: place,
                "expected a header that may be forwarded, found the restricted header `\(name)`; remove it")
        }
    }
}
