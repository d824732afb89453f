/// What a composite tool answers, made of what its steps gave.
package struct WorkflowOutput: Sendable {
    package enum Kind: String, Sendable, CaseIterable { case string, integer, number, boolean, object, array }

    package struct Property: Sendable {
        package enum Source: Sendable {
            case value(Template)
            case properties([(name: String, property: Property)])
        }

        package let kind: Kind
        package let description: String
        package let source: Source
        /// Takes the place of a value that cannot be had.
        package let defaultValue: JSONSlice?

        package init(kind: Kind, description: String, source: Source, defaultValue: JSONSlice? = nil) {
            self.kind = kind
            self.description = description
            self.source = source
            self.defaultValue = defaultValue
        }
    }

    /// In the order written.
    package let properties: [(name: String, property: Property)]
    /// Names of properties that may not be null.
    package let required: [String]

    package init(properties: [(name: String, property: Property)], required: [String] = []) {
        self.properties = properties
        self.required = required
    }

    /// The JSON Schema of the result, for `outputSchema`.
    var schema: [UInt8] {
        var out = Array("{\"type\":\"object\",\"properties\":".utf8) + Self.schema(properties)
        if !required.isEmpty {
            out += Array(",\"required\":[".utf8) + Array(required.map(JSONText.quote).joined(separator: [0x2C]))
            out += "]".utf8
        }
        return out + [UInt8(ascii: "}")]
    }

    private static func schema(_ properties: [(name: String, property: Property)]) -> [UInt8] {
        let members = properties.map { name, property in
            var member = JSONText.quote(name) + Array(":{\"type\":\"\(property.kind.rawValue)\",\"description\":".utf8)
            JSONText.append(property.description, to: &member)
            if case .properties(let inner) = property.source {
                member += Array(",\"properties\":".utf8) + schema(inner)
            }
            return member + [UInt8(ascii: "}")]
        }
        return [UInt8(ascii: "{")] + Array(members.joined(separator: [UInt8(ascii: ",")])) + [UInt8(ascii: "}")]
    }
}
