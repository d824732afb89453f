/// Writes the keys of `_meta` that belong to the hop towards a client.
enum ReservedMeta {
    /// A `_meta` object with `own` in the place of whatever keys of that kind it has; everything else as it came.
    /// - Parameters:
    ///   - meta: What is no object is replaced whole.
    ///   - own: Members as raw JSON; empty for none.
    static func replaced(in meta: JSONSlice?, by own: [UInt8]) -> [UInt8] {
        var out: [UInt8] = [UInt8(ascii: "{")] + own
        if let meta, meta.kind == .object {
            JSONScanner.eachMember(of: meta) { key, value in
                guard !RequestMeta.isHopOwn(meta.base[key]) else { return true }
                if out.count > 1 { out.append(UInt8(ascii: ",")) }
                out.append(UInt8(ascii: "\""))
                out.append(contentsOf: meta.base[key])
                out.append(contentsOf: [UInt8(ascii: "\""), UInt8(ascii: ":")])
                out.append(contentsOf: meta.base[value])
                return true
            }
        }
        out.append(UInt8(ascii: "}"))
        return out
    }

    /// A `_meta` object without the keys of another hop.
    static func removed(from meta: JSONSlice) -> [UInt8] { replaced(in: meta, by: []) }
}
