/// The `_meta` of a request's params, as far as a gateway must touch it.
package enum RequestMeta {
    /// Keys with this prefix belong to the hop they came on (2026-07-28, basic protocol, `_meta`).
    private static let reserved = Array("io.modelcontextprotocol/".utf8)
    /// Reserved keys of 2025-11-25 tasks that speak of the request itself and travel on.
    private static let passed = [
        "io.modelcontextprotocol/related-task", "io.modelcontextprotocol/model-immediate-response",
    ]

    /// The raw progress token of a request, with its JSON type.
    package static func progressToken(in params: JSONSlice?) -> JSONSlice? {
        guard let token = params?["_meta"]?["progressToken"], token.kind == .string || token.kind == .number else {
            return nil
        }
        return token
    }

    /// Notes the edits that make `_meta` fit another hop: our own progress token, and no reserved keys.
    package static func adapt(_ params: JSONSlice, progressToken: [UInt8], into splice: inout JSONSplice) {
        guard let meta = params["_meta"], meta.kind == .object else { return }
        var token: Range<Int>?
        var hasOwn = false
        JSONScanner.eachMember(of: meta) { key, value in
            if JSONText.equals(meta.base[key], "progressToken") { token = value }
            hasOwn = hasOwn || !travels(meta.base[key], JSONSlice(base: meta.base, range: value))
            return true
        }
        if hasOwn {
            var out: [UInt8] = [UInt8(ascii: "{")]
            append(meta, progressToken: progressToken, to: &out)
            out.append(UInt8(ascii: "}"))
            splice.replace(meta.range, with: out)
        } else if let token {
            splice.replace(token, with: progressToken)
        }
    }

    /// Whether a member of `_meta` belongs to the next hop, too.
    /// - Parameter key: As it stands between its quotation marks.
    static func travels(_ key: ArraySlice<UInt8>, _ value: JSONSlice) -> Bool {
        !isHopOwn(key) && !TraceContext.isBroken(key, value)
    }

    /// Whether a key of `_meta`, raw, means something to its own hop alone.
    static func isHopOwn(_ key: ArraySlice<UInt8>) -> Bool {
        if key.contains(UInt8(ascii: "\\")) {
            return JSONText.decode(key).map { isHopOwn(Array($0.utf8)[...]) } ?? false
        }
        return key.starts(with: reserved) && !passed.contains { JSONText.equals(key, $0) }
    }

    /// Appends the members of `_meta` that travel on, with commas between them and what stands there already.
    /// - Parameter progressToken: Takes the place of the one there is; `nil` leaves it out.
    static func append(_ meta: JSONSlice, progressToken: [UInt8]?, to out: inout [UInt8]) {
        JSONScanner.eachMember(of: meta) { key, value in
            let key = meta.base[key]
            let isToken = JSONText.equals(key, "progressToken")
            let travels = isToken ? progressToken != nil : travels(key, JSONSlice(base: meta.base, range: value))
            guard travels else { return true }
            if out.last != UInt8(ascii: "{") { out.append(UInt8(ascii: ",")) }
            out.append(UInt8(ascii: "\""))
            out.append(contentsOf: key)
            out.append(contentsOf: [UInt8(ascii: "\""), UInt8(ascii: ":")])
            if isToken, let progressToken {
                out.append(contentsOf: progressToken)
            } else {
                out.append(contentsOf: meta.base[value])
            }
            return true
        }
    }
}
