/// The `_meta` of a request's params, as far as a gateway must touch it.
package enum RequestMeta {
    /// Keys with this prefix belong to the hop they came on (2026-07-28, basic protocol, `_meta`).
    private static let reserved = "io.modelcontextprotocol/"
    /// Reserved keys of 2025-11-25 tasks that speak of the request itself and travel on.
    private static let passed: Set<String> = [
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
        let members = meta.members
        guard members.allSatisfy({ travels($0.key, $0.value) }) else {
            splice.replace(meta.range, with: rebuilt(members, progressToken: progressToken))
            return
        }
        if let token = members.last(where: { $0.key == "progressToken" })?.value {
            splice.replace(token.range, with: progressToken)
        }
    }

    /// Whether a member of `_meta` belongs to the next hop, too.
    static func travels(_ key: String, _ value: JSONSlice) -> Bool {
        !isHopOwn(key) && !TraceContext.isBroken(key, value)
    }

    /// Whether a key of `_meta` means something to its own hop alone.
    static func isHopOwn(_ key: String) -> Bool { key.hasPrefix(reserved) && !passed.contains(key) }

    private static func rebuilt(_ members: [(key: String, value: JSONSlice)], progressToken: [UInt8]) -> [UInt8] {
        var out: [UInt8] = [UInt8(ascii: "{")]
        for member in members where travels(member.key, member.value) {
            if out.count > 1 { out.append(UInt8(ascii: ",")) }
            JSONText.append(member.key, to: &out)
            out.append(UInt8(ascii: ":"))
            out.append(contentsOf: member.key == "progressToken" ? progressToken : member.value.array)
        }
        out.append(UInt8(ascii: "}"))
        return out
    }
}
