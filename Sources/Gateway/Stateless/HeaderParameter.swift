/// An argument of a tool that clients repeat in the header `Mcp-Param-{name}` (2026-07-28, Transports, `x-mcp-header`).
package struct HeaderParameter: Sendable, Equatable {
    /// Deepest schema that is searched; deeper ones are as if they had no annotation.
    static let maximumDepth = 64
    private static let annotation = "x-mcp-header"

    /// What follows `Mcp-Param-`, as the schema spells it.
    package let name: String
    /// The keys that lead from the arguments to the value.
    package let path: [String]

    package init(name: String, path: [String]) {
        self.name = name
        self.path = path
    }

    /// The annotated properties of an input schema, in its order. None if a single annotation is invalid: clients drop such
    /// a tool, and nothing it says can be relied on.
    package static func all(inSchema schema: JSONSlice) -> [HeaderParameter] { valid(inSchema: schema) ?? [] }

    /// The annotated properties of an input schema, in its order; `nil` if a single annotation is invalid.
    static func valid(inSchema schema: JSONSlice) -> [HeaderParameter]? {
        // Nearly every schema has none, and is not taken apart to find that out.
        guard schema.bytes.firstRange(of: Array(annotation.utf8)) != nil else { return [] }
        var search = Search()
        search.visit(schema, path: [], isReached: true, depth: 0)
        let names = search.found.map { $0.name.lowercased() }
        return search.isValid && Set(names).count == names.count ? search.found : nil
    }

    private struct Search {
        var found: [HeaderParameter] = []
        var isValid = true

        private static let schemas: Set<String> = [
            "items", "prefixItems", "additionalItems", "contains", "additionalProperties", "unevaluatedProperties",
            "unevaluatedItems", "propertyNames", "allOf", "anyOf", "oneOf", "not", "if", "then", "else",
        ]
        private static let maps: Set<String> = ["$defs", "definitions", "patternProperties", "dependentSchemas"]

        /// - Parameter isReached: Only `properties` lead here from the root.
        mutating func visit(_ schema: JSONSlice, path: [String], isReached: Bool, depth: Int) {
            if schema.kind == .array {
                for element in schema.elements { visit(element, path: path, isReached: isReached, depth: depth) }
            }
            guard schema.kind == .object else { return }
            guard depth < HeaderParameter.maximumDepth else {
                isValid = false
                return
            }
            for (key, value) in schema.members {
                if key == HeaderParameter.annotation {
                    take(value, of: schema, path: path, isReached: isReached)
                } else if key == "properties" {
                    for (name, property) in value.members {
                        visit(property, path: path + [name], isReached: isReached, depth: depth + 1)
                    }
                } else if Self.maps.contains(key) {
                    for (_, inner) in value.members { visit(inner, path: path, isReached: false, depth: depth + 1) }
                } else if Self.schemas.contains(key) {
                    visit(value, path: path, isReached: false, depth: depth + 1)
                }
            }
        }

        private mutating func take(_ name: JSONSlice, of schema: JSONSlice, path: [String], isReached: Bool) {
            guard isReached, !path.isEmpty, let name = name.string, Self.isToken(name),
                let type = schema["type"]?.string, ["integer", "string", "boolean"].contains(type)
            else {
                isValid = false
                return
            }
            found.append(HeaderParameter(name: name, path: path))
        }

        /// RFC 9110, section 5.6.2.
        private static func isToken(_ text: String) -> Bool {
            !text.isEmpty
                && text.utf8.allSatisfy { byte in
                    switch byte {
                    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                        UInt8(ascii: "0")...UInt8(ascii: "9"):
                        true
                    default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
                    }
                }
        }
    }
}
