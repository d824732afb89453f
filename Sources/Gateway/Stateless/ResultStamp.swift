/// Makes results those of 2026-07-28: `resultType`, the gateway's `serverInfo`, and hints for caches where they are due.
///
/// Answers of revisions with sessions may not be cached: nothing says how long they hold, or for whom.
struct ResultStamp: Sendable {
    /// Whether a result carries hints for caches (2026-07-28, `CacheableResult`).
    enum Caching: Sendable { case hints, none }

    private static let resultType = (key: "resultType", value: Array("\"complete\"".utf8))
    private static let cacheHints = [
        (key: "ttlMs", value: Array("0".utf8)), (key: "cacheScope", value: Array("\"private\"".utf8)),
    ]

    /// `"…/serverInfo":{…}`, a member of `_meta`.
    let serverInfo: [UInt8]

    init(_ identity: GatewayIdentity) {
        serverInfo = Array("\"\(ModernProtocol.serverInfoKey)\":".utf8) + identity.json
    }

    /// An answer whose result is one of ours: an object with members, without those that are stamped here, and with hints.
    ///
    /// The stamp goes in front while the answer is put together, so a page of the catalogue is copied once.
    /// - Parameters:
    ///   - hint: What the backends behind it say of caching.
    ///   - now: Milliseconds on the monotonic clock.
    ///   - meta: A further member of `_meta`, raw; empty for none.
    func answer(
        id: JSONSlice, _ result: [UInt8], hint: CacheHint = .none, now: UInt64 = 0, meta: [UInt8] = []
    ) -> [UInt8] {
        var out = Array("{\"jsonrpc\":\"2.0\",\"id\":".utf8)
        out.reserveCapacity(out.count + id.range.count + serverInfo.count + result.count + 128)
        out.append(contentsOf: id.bytes)
        let scope = hint.isPublic ? "public" : "private"
        out.append(
            contentsOf: """
                ,"result":{"resultType":"complete","ttlMs":\(hint.remaining(now: now)),"cacheScope":"\(scope)","_meta":{
                """.utf8)
        out.append(contentsOf: serverInfo)
        if !meta.isEmpty {
            out.append(UInt8(ascii: ","))
            out.append(contentsOf: meta)
        }
        out.append(contentsOf: "},".utf8)
        out.append(contentsOf: result.dropFirst())
        out.append(UInt8(ascii: "}"))
        return out
    }

    /// The stamps with a backend's own values, where those are such as the revision has.
    private static func kept(
        of result: JSONSlice, _ stamps: [(key: String, value: [UInt8])]
    ) -> [(key: String, value: [UInt8])] {
        stamps.map { stamp in
            guard let value = result[stamp.key] else { return stamp }
            let isUsable =
                switch stamp.key {
                case "ttlMs": value.integer.map { $0 >= 0 } ?? false
                case "cacheScope": value.string == "public" || value.string == "private"
                default: value.kind == .string
                }
            return isUsable ? (stamp.key, value.array) : stamp
        }
    }

    /// Notes the edits that make a backend's result one of this revision; all other bytes stay.
    ///
    /// - Parameters:
    ///   - result: An object.
    ///   - isModern: The backend speaks this revision too: what it says of the kind of result, and of how long and for whom
    ///     it holds, stays.
    func stamp(_ result: JSONSlice, _ caching: Caching, isModern: Bool = false, into splice: inout JSONSplice) {
        var stamps = [Self.resultType] + (caching == .hints ? Self.cacheHints : [])
        if isModern { stamps = Self.kept(of: result, stamps) }
        var present: Set<String> = []
        let members = result.members
        for (key, value) in members {
            if let stamp = stamps.first(where: { $0.key == key }) {
                splice.replace(value.range, with: stamp.value)
                present.insert(key)
            } else if key == "_meta" {
                splice.replace(value.range, with: ReservedMeta.replaced(in: value, by: serverInfo))
                present.insert(key)
            }
        }
        var missing = stamps.filter { !present.contains($0.key) }
        if !present.contains("_meta") { missing.append(("_meta", Array("{".utf8) + serverInfo + Array("}".utf8))) }
        guard !missing.isEmpty else { return }
        let parts = missing.map { Array("\"\($0.key)\":".utf8) + $0.value }
        let comma = [UInt8(ascii: ",")]
        let start = result.range.lowerBound + 1
        splice.replace(start..<start, with: Array(parts.joined(separator: comma)) + (members.isEmpty ? [] : comma))
    }
}

extension ResultStamp {
    /// The answer in the stead of a backend that has no completions.
    func answer(noCompletionsTo id: JSONSlice) -> [UInt8] {
        var out = Array("{\"jsonrpc\":\"2.0\",\"id\":".utf8) + id.bytes
        out += Array(",\"result\":{\"resultType\":\"complete\",\"_meta\":{".utf8) + serverInfo
        return out + Array("},\"completion\":{\"values\":[]}}}".utf8)
    }

    /// The answer that ends a listen gracefully. `subscription` is the raw id of its request.
    func answer(endingListen subscription: JSONSlice) -> [UInt8] {
        var out = Array("{\"jsonrpc\":\"2.0\",\"id\":".utf8) + subscription.bytes
        out += Array(",\"result\":{\"resultType\":\"complete\",\"_meta\":{".utf8)
        out += Array("\"\(ModernProtocol.subscriptionKey)\":".utf8) + subscription.bytes
        return out + Array(",".utf8) + serverInfo + Array("}}}".utf8)
    }
}
