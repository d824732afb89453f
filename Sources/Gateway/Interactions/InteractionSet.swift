/// What a client can be asked in the course of its requests (2026-07-28 and 2025-11-25, Client capabilities).
struct InteractionSet: OptionSet, Hashable, Sendable {
    let rawValue: UInt8

    static let form = InteractionSet(rawValue: 1)
    static let url = InteractionSet(rawValue: 2)
    static let sampling = InteractionSet(rawValue: 4)
    static let samplingTools = InteractionSet(rawValue: 8)
    static let samplingContext = InteractionSet(rawValue: 16)
    static let roots = InteractionSet(rawValue: 32)
}

extension InteractionSet {
    /// What an object of client capabilities declares. `elicitation` without a mode means forms.
    init(_ capabilities: JSONSlice?) {
        self = []
        for (key, value) in capabilities?.members ?? [] where value.kind == .object {
            switch key {
            case "elicitation":
                if value["url"]?.kind == .object { insert(.url) }
                if value["form"]?.kind == .object || !contains(.url) { insert(.form) }
            case "sampling":
                insert(.sampling)
                if value["tools"]?.kind == .object { insert(.samplingTools) }
                if value["context"]?.kind == .object { insert(.samplingContext) }
            case "roots": insert(.roots)
            default: break
            }
        }
    }

    /// The set as an object of client capabilities: equal sets give equal bytes.
    var json: [UInt8] {
        func object(_ members: [(InteractionSet, String)]) -> String {
            "{" + members.filter { contains($0.0) }.map { "\"\($0.1)\":{}" }.joined(separator: ",") + "}"
        }
        var parts: [String] = []
        if !isDisjoint(with: [.form, .url]) {
            parts.append("\"elicitation\":" + object([(.form, "form"), (.url, "url")]))
        }
        if !isDisjoint(with: [.sampling, .samplingTools, .samplingContext]) {
            parts.append("\"sampling\":" + object([(.samplingTools, "tools"), (.samplingContext, "context")]))
        }
        if contains(.roots) { parts.append("\"roots\":{}") }
        return Array("{\(parts.joined(separator: ","))}".utf8)
    }

    /// The names of its members, for people.
    var names: [String] {
        let all: [(InteractionSet, String)] = [
            (.form, "elicitation.form"), (.url, "elicitation.url"), (.sampling, "sampling"),
            (.samplingTools, "sampling.tools"), (.samplingContext, "sampling.context"), (.roots, "roots"),
        ]
        return all.filter { contains($0.0) }.map(\.1)
    }
}
