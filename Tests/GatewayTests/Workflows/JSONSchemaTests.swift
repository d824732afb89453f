import Gateway
import Testing

@Suite("JSON Schema")
struct JSONSchemaTests {
    /// Schema, value, and the violations in order.
    private static let cases: [(schema: String, value: String, violations: [String])] = [
        // Types
        (#"{"type":"string"}"#, #""a""#, []), (#"{"type":"string"}"#, "1", ["expected string, found number"]),
        (#"{"type":["string","null"]}"#, "null", []),
        (#"{"type":["string","null"]}"#, "{}", ["expected string or null, found object"]),
        (#"{"type":"integer"}"#, "1.0", []), (#"{"type":"integer"}"#, "12345678901234567890123", []),
        (#"{"type":"integer"}"#, "1.5", ["expected integer, found number"]),
        ("true", "1", []), ("false", "1", ["expected nothing, found number"]), ("{}", "[]", []),
        // Any value
        (#"{"enum":["a",1,{"k":[1.0]}]}"#, #"{"k":[1]}"#, []),
        (#"{"enum":["a",1]}"#, #""b""#, [#"expected one of ["a",1]"#]),
        (#"{"const":null}"#, "0", ["expected null"]),
        // Text
        (#"{"minLength":2,"maxLength":3}"#, #""äö""#, []),
        (#"{"minLength":2}"#, #""ä""#, ["expected at least 2 characters, found 1"]),
        (#"{"maxLength":1}"#, #""😀😀""#, ["expected at most 1 characters, found 2"]),
        (#"{"pattern":"^[a-c]+$"}"#, #""abc""#, []),
        (#"{"pattern":"^[a-c]+$"}"#, #""abd""#, [#"expected text that matches "^[a-c]+$""#]),
        (#"{"pattern":"("}"#, #""a""#, [#"the schema's pattern "(" cannot be read"#]),
        // Numbers
        (#"{"minimum":1,"maximum":1}"#, "1.0", []), (#"{"minimum":1}"#, "0.999", ["expected at least 1"]),
        (#"{"maximum":9007199254740992}"#, "9007199254740993", ["expected at most 9007199254740992"]),
        (#"{"exclusiveMinimum":0}"#, "0", ["expected more than 0"]),
        (#"{"exclusiveMaximum":0}"#, "-0.5", []), (#"{"exclusiveMaximum":0}"#, "0", ["expected less than 0"]),
        (#"{"multipleOf":0.1}"#, "0.3", []), (#"{"multipleOf":2}"#, "3", ["expected a multiple of 2"]),
        (#"{"minimum":1}"#, #""a text has none""#, []),
        // Lists
        (
            #"{"items":{"type":"integer"}}"#, #"[1,"a",true]"#,
            ["[1]: expected integer, found string", "[2]: expected integer, found boolean"]
        ),
        (#"{"prefixItems":[{"type":"string"}],"items":false}"#, #"["a",1]"#, ["[1]: expected nothing, found number"]),
        (#"{"minItems":1}"#, "[]", ["expected at least 1 items, found 0"]),
        (#"{"maxItems":1}"#, "[1,2]", ["expected at most 1 items, found 2"]),
        (#"{"uniqueItems":true}"#, "[1,2,1.0]", ["[2]: expected each item once, found one again"]),
        (#"{"contains":{"const":2}}"#, "[1]", ["expected an item that fits `contains`"]),
        // Objects
        (#"{"required":["a","b"]}"#, #"{"a":null}"#, ["b: expected a value, found none; it is required"]),
        (
            #"{"properties":{"a":{"properties":{"b":{"type":"null"}}}}}"#, #"{"a":{"b":1}}"#,
            ["a.b: expected null, found number"]
        ),
        (
            #"{"properties":{"a":{}},"additionalProperties":false}"#, #"{"a":1,"c":2}"#,
            ["c: expected no such member; there are a"]
        ),
        (#"{"additionalProperties":{"type":"string"}}"#, #"{"x":1}"#, ["x: expected string, found number"]),
        (#"{"patternProperties":{"^x-":{"type":"string"}},"additionalProperties":false}"#, #"{"x-a":"b"}"#, []),
        (#"{"patternProperties":{"^x-":{"type":"string"}}}"#, #"{"x-a":1}"#, ["x-a: expected string, found number"]),
        (#"{"minProperties":1}"#, "{}", ["expected at least 1 members, found 0"]),
        (#"{"maxProperties":0}"#, #"{"a":1}"#, ["expected at most 0 members, found 1"]),
        // Choice
        (#"{"allOf":[{"type":"string"},{"minLength":2}]}"#, #""a""#, ["expected at least 2 characters, found 1"]),
        (#"{"anyOf":[{"type":"string"},{"type":"null"}]}"#, "null", []),
        (
            #"{"anyOf":[{"type":"string"}]}"#, "1",
            ["expected a value that fits one of the schemas of `anyOf`, found none that does"]
        ),
        (
            #"{"oneOf":[{"minimum":1},{"minimum":2}]}"#, "2",
            ["expected a value that fits exactly one schema of `oneOf`"]
        ),
        (#"{"not":{"type":"string"}}"#, #""a""#, ["expected a value that does not fit `not`"]),
        (
            #"{"if":{"type":"string"},"then":{"minLength":1},"else":{"type":"null"}}"#, #""""#,
            ["expected at least 1 characters, found 0"]
        ),
        (
            #"{"if":{"type":"string"},"then":{"minLength":1},"else":{"type":"null"}}"#, "1",
            ["expected null, found number"]
        ),
        // References
        (##"{"$defs":{"a/b":{"type":"null"}},"$ref":"#/$defs/a~1b"}"##, "1", ["expected null, found number"]),
        (
            ##"{"properties":{"next":{"$ref":"#"}},"required":["v"]}"##, #"{"v":1,"next":{"next":{"v":1}}}"#,
            ["next.v: expected a value, found none; it is required"]
        ),
        (##"{"$ref":"#/none"}"##, "1", ["the schema refers to what it does not have"]),
        (
            ##"{"$ref":"https://example.com/s"}"##, "1",
            ["the schema refers to what is outside of it, which is not fetched"]
        ),
        (##"{"$ref":"#"}"##, "1", ["expected less nesting"]),
        // Dialects: what stands beside a reference counts from 2019-09 on.
        (##"{"$defs":{"a":true},"$ref":"#/$defs/a","type":"null"}"##, "1", ["expected null, found number"]),
        (
            ##"{"$schema":"http://json-schema.org/draft-07/schema#","definitions":{"a":true},"##
                + ##""properties":{"x":{"$ref":"#/definitions/a","type":"null"}}}"##, #"{"x":1}"#, []
        ),
    ]

    @Test(
        "A dialect is known by its URI, and one that is not is told with those that are",
        arguments: [
            ("https://json-schema.org/draft/2020-12/schema", true),
            ("https://json-schema.org/draft/2020-12/schema#", true),
            ("http://json-schema.org/draft-07/schema#", true), ("http://json-schema.org/draft-04/schema#", false),
            ("https://json-schema.org/draft/2020-12/schema#/$defs/x", false), ("https://example.com/own", false),
            ("", false),
        ])
    func dialect(declared: String, isKnown: Bool) {
        let objection = JSONSchemaDialect.objection(to: declared)
        #expect((objection == nil) == isKnown)
        if let objection {
            #expect(objection.hasPrefix("the dialect \"\(declared)\" is not supported; expected one of http"))
        }
    }

    @Test("Each keyword is obeyed, and what does not fit is told with its path", arguments: cases.indices)
    func keyword(index: Int) throws {
        let (schema, value, violations) = Self.cases[index]
        let found = JSONSchema(try Workflows.json(schema)).violations(of: try Workflows.json(value))
        #expect(found.map(\.description) == violations, "\(schema) \(value)")
    }

    @Test("No violation shows a value that came, and there are eight at most")
    func discreet() throws {
        let schema = try Workflows.json(
            #"{"additionalProperties":{"type":"integer","enum":[1],"pattern":"x","maxLength":1,"minLength":99}}"#)
        let members = (0..<20).map { #""k\#($0)":"s3cret""# }.joined(separator: ",")
        let found = JSONSchema(schema).violations(of: try Workflows.json("{\(members)}"))
        #expect(found.count == 8 && !found.contains { $0.description.contains("s3cret") })
    }

    @Test("Defaults stand in for members that are missing, and only for those")
    func defaults() throws {
        let schema = JSONSchema(
            try Workflows.json(#"{"properties":{"a":{"default":1.0},"b":{"default":null},"c":{},"d":{"default":[]}}}"#))
        func filled(_ text: String?) throws -> String {
            String(decoding: schema.fillingDefaults(of: try text.map(Workflows.json)), as: UTF8.self)
        }
        #expect(try filled(nil) == #"{"a":1.0,"b":null,"d":[]}"#)
        #expect(try filled(#"{"d":null,"x":1}"#) == #"{"d":null,"x":1,"a":1.0,"b":null}"#)
        #expect(try filled(#"{"a":0,"b":0,"d":0}"#) == #"{"a":0,"b":0,"d":0}"#)
    }
}
