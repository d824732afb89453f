/// The dialect that a schema declares with `$schema`. One that is not known is said to be so instead of being taken for
/// another (2025-11-25 and 2026-07-28, Overview, JSON Schema usage); schemas that only pass through are not looked at.
package enum JSONSchemaDialect {
    /// That of a schema which declares none.
    package static let standard = "https://json-schema.org/draft/2020-12/schema"

    /// The dialects in which the keywords that are obeyed mean the same, and whether a `$ref` there rules out what stands
    /// beside it (draft-07 Core, section 8.3).
    private static let known = [
        standard: false, "https://json-schema.org/draft/2019-09/schema": false,
        "http://json-schema.org/draft-07/schema": true, "http://json-schema.org/draft-06/schema": true,
    ]

    /// Why a schema cannot be evaluated that declares this; `nil` when it can be.
    package static func objection(to declared: String) -> String? {
        guard known[identifier(declared)] == nil else { return nil }
        let all = known.keys.sorted().joined(separator: ", ")
        return "the dialect \"\(declared.prefix(200))\" is not supported; expected one of \(all)"
    }

    /// As above, of a schema; what is no text declares nothing that could be known.
    static func objection(toSchema schema: JSONSlice) -> String? {
        schema["$schema"].flatMap { objection(to: $0.string ?? String(decoding: $0.bytes, as: UTF8.self)) }
    }

    /// Whether `$ref` stands alone in a schema of this root.
    static func isReferenceAlone(in root: JSONSlice) -> Bool {
        root["$schema"]?.string.flatMap { known[identifier($0)] } ?? false
    }

    /// An empty fragment says nothing (RFC 3986, section 6.2.3).
    private static func identifier(_ declared: String) -> String {
        declared.hasSuffix("#") ? String(declared.dropLast()) : declared
    }
}
