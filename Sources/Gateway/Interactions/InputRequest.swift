/// What a server asks the client behind a request: elicitation, sampling or roots, however it came.
struct InputRequest: Sendable {
    let method: String
    let params: JSONSlice?
    /// What the client must have declared to be asked.
    let needs: InteractionSet

    /// - Returns: `nil` for methods that no client can be asked with, and for modes of elicitation that are unknown.
    init?(method: String, params: JSONSlice?) {
        switch method {
        case "elicitation/create":
            switch params?["mode"].map({ $0.string ?? "" }) {
            case nil, "form": needs = .form
            case "url": needs = .url
            default: return nil
            }
        case "sampling/createMessage":
            var needs = InteractionSet.sampling
            if params?["tools"] != nil || params?["toolChoice"] != nil { needs.insert(.samplingTools) }
            if let context = params?["includeContext"], context.string != "none" { needs.insert(.samplingContext) }
            self.needs = needs
        case "roots/list": needs = .roots
        default: return nil
        }
        (self.method, self.params) = (method, params)
    }

    /// A value of `inputRequests`.
    init?(_ json: JSONSlice) {
        guard let method = json["method"]?.string else { return nil }
        self.init(method: method, params: json["params"])
    }

    /// What refuses it to the server when the client declared less than it needs: the capability as a whole is an unknown
    /// method, a part of it invalid params (2025-11-25, Elicitation, Error handling).
    func refusal(declared: InteractionSet) -> (missing: InteractionSet, code: Int, message: String)? {
        let missing = needs.subtracting(declared)
        if missing.isEmpty { return nil }
        let known: InteractionSet = needs.contains(.sampling) ? .sampling : needs == .roots ? [] : [.form, .url]
        let isPart = !known.isDisjoint(with: declared)
        let text = "this client did not declare \(missing.names.joined(separator: ", "))"
        return isPart
            ? (missing, -32602, "Invalid params: \(text)") : (missing, -32601, "Method not found: \(text)")
    }

    /// The request as a value of `inputRequests`: without what belongs to the hop that it came on, and without the id of
    /// an elicitation, which this revision does not have.
    var json: [UInt8] {
        var out = Array("{\"method\":\"\(method)\"".utf8)
        if let params, params.kind == .object {
            out += Array(",\"params\":".utf8)
            out += Self.cleaned(params)
        }
        return out + [UInt8(ascii: "}")]
    }

    private static func cleaned(_ params: JSONSlice) -> [UInt8] {
        var out = [UInt8(ascii: "{")]
        func append(_ key: String, _ value: [UInt8]) {
            if out.count > 1 { out.append(UInt8(ascii: ",")) }
            JSONText.append(key, to: &out)
            out.append(UInt8(ascii: ":"))
            out.append(contentsOf: value)
        }
        for (key, value) in params.members {
            switch key {
            case "elicitationId", "task": break
            case "_meta":
                let kept = value.members.filter {
                    $0.key != "progressToken" && !$0.key.hasPrefix("io.modelcontextprotocol/")
                }
                if kept.isEmpty { break }
                var meta = [UInt8(ascii: "{")]
                for (index, member) in kept.enumerated() {
                    if index > 0 { meta.append(UInt8(ascii: ",")) }
                    JSONText.append(member.key, to: &meta)
                    meta.append(UInt8(ascii: ":"))
                    meta.append(contentsOf: member.value.bytes)
                }
                append(key, meta + [UInt8(ascii: "}")])
            default: append(key, value.array)
            }
        }
        return out + [UInt8(ascii: "}")]
    }
}
