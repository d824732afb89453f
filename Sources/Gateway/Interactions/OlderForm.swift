/// A form of elicitation as revision 2025-06-18 has it: choices are an `enum` with names beside it, only booleans have
/// defaults, and there is no way to choose several (2025-06-18, Elicitation, Requested schema).
enum OlderForm {
    /// Notes the edits that make params of `elicitation/create` fit.
    /// - Returns: False when they cannot be made to.
    static func adapt(_ params: JSONSlice, into splice: inout JSONSplice) -> Bool {
        for (_, property) in params["requestedSchema"]?["properties"]?.members ?? [] {
            guard property["type"]?.string != "array" else { return false }
            let choices = property["oneOf"]
            let dropsDefault = property["default"] != nil && property["type"]?.string != "boolean"
            if choices == nil, !dropsDefault { continue }
            splice.replace(property.range, with: rewritten(property, choices))
        }
        return true
    }

    private static func rewritten(_ property: JSONSlice, _ choices: JSONSlice?) -> [UInt8] {
        var members: [(key: String, json: [UInt8])] = []
        for (key, value) in property.members {
            switch key {
            case "oneOf":
                let elements = choices?.elements ?? []
                members.append(("enum", list(elements.compactMap { $0["const"]?.array })))
                members.append(("enumNames", list(elements.compactMap { ($0["title"] ?? $0["const"])?.array })))
            case "default" where property["type"]?.string != "boolean": break
            default: members.append((key, value.array))
            }
        }
        return JSONRPCWriter.object(members)
    }

    private static func list(_ elements: [[UInt8]]) -> [UInt8] {
        [UInt8(ascii: "[")] + elements.joined(separator: [UInt8(ascii: ",")]) + [UInt8(ascii: "]")]
    }
}
