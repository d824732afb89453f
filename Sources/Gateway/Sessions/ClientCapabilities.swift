/// What a client can be asked: the part of its capabilities that is declared to backends exactly as it came.
struct ClientCapabilities: Sendable {
    /// The names declared.
    let names: Set<String>
    /// The same as a set.
    let interactions: InteractionSet
    /// The raw object for `initialize` towards a backend.
    let json: [UInt8]

    /// Whether it can be asked anything.
    var isInteractive: Bool { !names.isEmpty }

    /// - Parameter capabilities: `params.capabilities` of the client's `initialize`.
    init(_ capabilities: JSONSlice?) {
        if capabilities?.isEmptyObject ?? true {
            self = .none
            return
        }
        let members = (capabilities?.members ?? []).filter {
            ["elicitation", "sampling", "roots"].contains($0.key) && $0.value.kind == .object
        }
        names = Set(members.map(\.key))
        interactions = InteractionSet(capabilities)
        var json: [UInt8] = [UInt8(ascii: "{")]
        for member in members {
            if json.count > 1 { json.append(UInt8(ascii: ",")) }
            JSONText.append(member.key, to: &json)
            json.append(UInt8(ascii: ":"))
            json.append(contentsOf: member.value.bytes)
        }
        json.append(UInt8(ascii: "}"))
        self.json = json
    }

    /// Exactly what is in a set: equal sets are declared with equal bytes.
    init(_ interactions: InteractionSet) {
        self.interactions = interactions
        json = interactions.json
        names = Set(interactions.names.map { String($0.prefix { $0 != "." }) })
    }

    static let none = ClientCapabilities(InteractionSet())
}
