/// Makes results those of 2026-07-28: `resultType`, the gateway's `serverInfo`, and hints for caches where they are due.
///
/// Answers of revisions with sessions may not be cached: nothing says how long they hold, or for whom.
struct ResultStamp: Sendable {
    /// Whether a result carries hints for caches (2026-07-28, `CacheableResult`).
    enum Caching: Sendable { case hints, none }

    private static let withoutHints = [(key: "resultType", value: Array("\"complete\"".utf8))]
    private static let withHints =
        withoutHints + [
            (key: "ttlMs", value: Array("0".utf8)), (key: "cacheScope", value: Array("\"private\"".utf8)),
        ]

    /// `"…/serverInfo":{…}`, a member of `_meta`.
    let serverInfo: [UInt8]
    /// `_meta` with nothing else in it.
    private let metaObject: [UInt8]

    init(_ identity: GatewayIdentity) {
        serverInfo = Array("\"\(ModernProtocol.serverInfoKey)\":".utf8) + identity.json
        metaObject = Array("{".utf8) + serverInfo + Array("}".utf8)
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
        var stamps = caching == .hints ? Self.withHints : Self.withoutHints
        if isModern { stamps = Self.kept(of: result, stamps) }
        var present = 0  // a bit for each stamp
        var (hasMeta, isEmpty) = (false, true)
        JSONScanner.eachMember(of: result) { key, value in
            isEmpty = false
            let key = result.base[key]
            if let index = stamps.firstIndex(where: { JSONText.equals(key, $0.key) }) {
                splice.replace(value, with: stamps[index].value)
                present |= 1 << index
            } else if JSONText.equals(key, "_meta") {
                let meta = JSONSlice(base: result.base, range: value)
                splice.replace(value, with: ReservedMeta.replaced(in: meta, by: serverInfo))
                hasMeta = true
            }
            return true
        }
        var front: [UInt8] = []
        func add(_ key: String, _ value: [UInt8]) {
            if !front.isEmpty { front.append(UInt8(ascii: ",")) }
            JSONText.append(key, to: &front)
            front.append(UInt8(ascii: ":"))
            front.append(contentsOf: value)
        }
        for (index, stamp) in stamps.enumerated() where present & 1 << index == 0 { add(stamp.key, stamp.value) }
        if !hasMeta { add("_meta", metaObject) }
        guard !front.isEmpty else { return }
        if !isEmpty { front.append(UInt8(ascii: ",")) }
        let start = result.range.lowerBound + 1
        splice.replace(start..<start, with: front)
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
