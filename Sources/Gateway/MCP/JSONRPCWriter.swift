/// Puts JSON-RPC messages together from raw parts.
package enum JSONRPCWriter {
    /// `{"jsonrpc":"2.0","id":…,"result":…}`; `id` and `result` are raw JSON.
    package static func result(id: some Sequence<UInt8>, _ result: some Collection<UInt8>) -> [UInt8] {
        var out = head(id: id)
        out.reserveCapacity(out.count + result.count + 12)
        out.append(contentsOf: ",\"result\":".utf8)
        out.append(contentsOf: result)
        out.append(UInt8(ascii: "}"))
        return out
    }

    /// An error answer. `id` is raw JSON, `nil` writes null (JSON-RPC 2.0, section 5); `data` is raw JSON.
    package static func error(id: [UInt8]?, code: Int, message: String, data: [UInt8]? = nil) -> [UInt8] {
        var out = head(id: id ?? Array("null".utf8))
        out.append(contentsOf: ",\"error\":{\"code\":\(code),\"message\":".utf8)
        JSONText.append(message, to: &out)
        if let data {
            out.append(contentsOf: ",\"data\":".utf8)
            out.append(contentsOf: data)
        }
        out.append(contentsOf: "}}".utf8)
        return out
    }

    /// An error answer around a raw error object, as a backend sent it.
    package static func error(id: some Sequence<UInt8>, raw: some Collection<UInt8>) -> [UInt8] {
        var out = head(id: id)
        out.append(contentsOf: ",\"error\":".utf8)
        out.append(contentsOf: raw)
        out.append(UInt8(ascii: "}"))
        return out
    }

    /// A request; `params` is raw JSON.
    package static func request(id: some Sequence<UInt8>, method: String, params: [UInt8]?) -> [UInt8] {
        var out = head(id: id)
        appendCall(method, params, to: &out)
        return out
    }

    /// A notification; `params` is raw JSON.
    package static func notification(method: String, params: [UInt8]?) -> [UInt8] {
        var out = Array("{\"jsonrpc\":\"2.0\"".utf8)
        appendCall(method, params, to: &out)
        return out
    }

    /// An object of members whose values are raw JSON.
    static func object(_ members: [(key: String, json: [UInt8])]) -> [UInt8] {
        var out = [UInt8(ascii: "{")]
        for (index, member) in members.enumerated() {
            if index > 0 { out.append(UInt8(ascii: ",")) }
            JSONText.append(member.key, to: &out)
            out.append(UInt8(ascii: ":"))
            out.append(contentsOf: member.json)
        }
        return out + [UInt8(ascii: "}")]
    }

    private static func head(id: some Sequence<UInt8>) -> [UInt8] {
        var out = Array("{\"jsonrpc\":\"2.0\",\"id\":".utf8)
        out.append(contentsOf: id)
        return out
    }

    private static func appendCall(_ method: String, _ params: [UInt8]?, to out: inout [UInt8]) {
        out.append(contentsOf: ",\"method\":".utf8)
        JSONText.append(method, to: &out)
        if let params {
            out.append(contentsOf: ",\"params\":".utf8)
            out.append(contentsOf: params)
        }
        out.append(UInt8(ascii: "}"))
    }
}
