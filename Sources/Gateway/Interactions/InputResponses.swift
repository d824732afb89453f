/// The answers that a retry brings: `inputResponses` (2026-07-28, Multi round-trip requests).
struct InputResponses: Sendable {
    /// By key, the last of two with one key; raw.
    let results: [String: JSONSlice]

    /// - Throws: ``RequestFault`` unless it is absent or an object of objects.
    init(_ params: JSONSlice?) throws(RequestFault) {
        guard let json = params?["inputResponses"] else {
            results = [:]
            return
        }
        guard json.kind == .object else {
            throw .invalid("\"inputResponses\" must be an object: the key of each input request with its result")
        }
        var results: [String: JSONSlice] = [:]
        for (key, value) in json.members {
            guard value.kind == .object else {
                throw .invalid("\"inputResponses\" must hold objects, found something else at \"\(key.prefix(100))\"")
            }
            results[key] = value
        }
        self.results = results
    }

    /// Checks the answer to one request for what every result of its kind has.
    /// - Throws: ``RequestFault`` that names what is missing; nothing of the answer is shown.
    static func check(_ result: JSONSlice, to request: InputRequest, key: String) throws(RequestFault) {
        let what: String? =
            switch request.method {
            case "elicitation/create":
                ["accept", "decline", "cancel"].contains(result["action"]?.string)
                    ? nil : "\"action\", one of accept, decline, cancel"
            case "sampling/createMessage":
                result["role"]?.kind != .string
                    ? "\"role\", a string"
                    : result["model"]?.kind != .string
                        ? "\"model\", a string" : result["content"] == nil ? "\"content\"" : nil
            default: result["roots"]?.kind == .array ? nil : "\"roots\", an array"
            }
        if let what { throw .invalid("the answer \"\(key.prefix(100))\" in \"inputResponses\" needs \(what)") }
    }
}
