/// Makes what a backend of 2026-07-28 answers fit a client of an earlier revision.
enum LegacyResult {
    private static let added: Set<String> = ["resultType", "ttlMs", "cacheScope"]

    /// Notes the edits of a result: members that the revision does not have, and keys of `_meta` of another hop, are left
    /// out. One without `resultType`, which the revision demands, stays as it is.
    static func adapt(_ result: JSONSlice, into splice: inout JSONSplice) {
        guard result.kind == .object, result["resultType"]?.kind == .string else { return }
        let members = result.members
        let structured = members.last { $0.key == "structuredContent" }?.value
        let isForeign = structured.map { $0.kind != .object } ?? false
        var out: [UInt8] = [UInt8(ascii: "{")]
        for (key, value) in members where !added.contains(key) {
            if key == "structuredContent", isForeign { continue }
            if out.count > 1 { out.append(UInt8(ascii: ",")) }
            JSONText.append(key, to: &out)
            out.append(UInt8(ascii: ":"))
            switch key {
            case "_meta" where value.kind == .object: out.append(contentsOf: ReservedMeta.removed(from: value))
            case "content" where isForeign && value.elements.isEmpty:
                out.append(contentsOf: structured.map(twin) ?? [])
            default: out.append(contentsOf: value.bytes)
            }
        }
        out.append(UInt8(ascii: "}"))
        splice.replace(result.range, with: out)
    }

    /// What an error is called in earlier revisions; `nil` when it is called the same.
    ///
    /// A resource that was not found had a code of its own; a capability that the client did not declare has none
    /// (2025-11-25, Resources, Error Handling).
    static func code(for error: JSONSlice, of method: String) -> Int? {
        switch error["code"]?.integer {
        case -32602 where method == "resources/read" && error["data"]?["uri"]?.kind == .string: -32002
        case ModernProtocol.missingCapability: -32602
        default: nil
        }
    }

    /// Structured content that is no object, as the text that should stand beside it anyway.
    private static func twin(_ value: JSONSlice) -> [UInt8] {
        var out = Array(#"[{"type":"text","text":"#.utf8)
        JSONText.append(String(decoding: value.bytes, as: UTF8.self), to: &out)
        return out + Array("}]".utf8)
    }
}
