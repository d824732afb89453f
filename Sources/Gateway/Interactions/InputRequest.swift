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
        var members: [(key: String, json: [UInt8])] = []
        for (key, value) in params.members {
            switch key {
            case "elicitationId", "task": break
            case "_meta":
                let kept = value.members.filter {
                    $0.key != "progressToken" && !$0.key.hasPrefix("io.modelcontextprotocol/")
                }
                if !kept.isEmpty {
                    members.append((key, JSONRPCWriter.object(kept.map { (key: $0.key, json: $0.value.array) })))
                }
            default: members.append((key, value.array))
            }
        }
        return JSONRPCWriter.object(members)
    }
}
