import Gateway
import Testing

@testable import HostPlugins

@Suite("Configuration schemas")
struct SchemaTests {
    static let cases: [(String, String, String?)] = [
        (#"{"type":"object"}"#, "{}", nil),
        (#"{"type":"object"}"#, "[]", "spec: expected object, found a list of 0"),
        (#"{"type":["string","null"]}"#, "1", "spec: expected string or null, found 1"),
        (#"{"type":"integer"}"#, "1.0", nil), (#"{"type":"integer"}"#, "1.5", "spec: expected integer, found 1.5"),
        (#"{"required":["a"]}"#, "{}", "spec.a: missing"),
        (#"{"properties":{"a":{"type":"string"}}}"#, #"{"a":1}"#, "spec.a: expected string, found 1"),
        (
            #"{"properties":{"a":{}},"additionalProperties":false}"#, #"{"a":1,"b":2}"#,
            "spec.b: unknown field; known are a"
        ),
        (
            #"{"additionalProperties":{"type":"number"}}"#, #"{"b":"x"}"#,
            "spec.b: expected number, found a text of 1 characters"
        ),
        (#"{"patternProperties":{"^x-":true},"additionalProperties":false}"#, #"{"x-a":1}"#, nil),
        (#"{"enum":["a",1,{"b":[1,2]}]}"#, #"{"b":[1.0,2]}"#, nil),
        (#"{"enum":["a","b"]}"#, #""c""#, #"spec: expected one of "a", "b", found a text of 1 characters"#),
        (#"{"const":1}"#, "2", "spec: expected 1, found 2"),
        (#"{"pattern":"^[a-z]+$"}"#, #""abc""#, nil),
        (
            #"{"pattern":"^[a-z]+$"}"#, #""ABC""#,
            "spec: expected a text that matches ^[a-z]+$, found a text of 3 characters"
        ),
        (#"{"minLength":2,"maxLength":3}"#, #""é""#, "spec: expected at least 2 characters, found 1"),
        (#"{"minLength":2,"maxLength":3}"#, #""abcd""#, "spec: expected at most 3 characters, found 4"),
        (#"{"minimum":1,"maximum":9}"#, "0", "spec: expected at least 1, found 0"),
        (#"{"minimum":1,"maximum":9}"#, "9.5", "spec: expected at most 9, found 9.5"),
        (#"{"exclusiveMinimum":1}"#, "1", "spec: expected more than 1, found 1"),
        (#"{"multipleOf":0.5}"#, "1.5", nil), (#"{"multipleOf":2}"#, "3", "spec: expected a multiple of 2, found 3"),
        (#"{"items":{"type":"string"}}"#, #"["a",2]"#, "spec[1]: expected string, found 2"),
        (#"{"minItems":1}"#, "[]", "spec: expected at least 1 entries, found 0"),
        (#"{"uniqueItems":true}"#, "[1,2,1.0]", "spec[2]: is there twice"),
        (#"{"oneOf":[{"type":"string"},{"type":"number"}]}"#, "1", nil),
        (
            #"{"oneOf":[{"type":"integer"},{"type":"number"}]}"#, "1",
            "spec: expected exactly one of 2 forms (2 fit), found 1"
        ),
        (#"{"anyOf":[{"type":"string"},{"minimum":5}]}"#, "1", "spec: expected one of 2 forms, found 1"),
        (#"{"allOf":[{"minimum":5},{"maximum":3}]}"#, "6", "spec: expected at most 3, found 6"),
        (#"{"not":{"const":1}}"#, "1", "spec: expected something that the schema does not exclude, found 1"),
        (
            #"{"if":{"required":["a"]},"then":{"required":["b"]},"else":{"required":["c"]}}"#, #"{"a":1}"#,
            "spec.b: missing"
        ),
        (
            ##"{"$defs":{"port":{"maximum":9}},"properties":{"p":{"$ref":"#/$defs/port"}}}"##, #"{"p":10}"#,
            "spec.p: expected at most 9, found 10"
        ),
        (
            ##"{"properties":{"next":{"$ref":"#"}},"required":["v"]}"##, #"{"v":1,"next":{"next":{"v":1}}}"#,
            "spec.next.v: missing"
        ),
        (##"{"$ref":"#"}"##, "1", "spec: the schema refers to itself without end"),
        ("false", "1", "spec: not allowed here"), ("true", "1", nil),
        (#"{"$schema":"https://json-schema.org/draft/2020-12/schema","type":"null"}"#, "null", nil),
        (#"{"title":"x","description":"y","default":1,"examples":[],"x-unknown":1,"format":"uri"}"#, "1", nil),
    ]

    @Test("A value is checked with the place of what is wrong", arguments: cases)
    func value(schema: String, value: String, problem: String?) throws {
        let problems = try ConfigSchema(schema).problems(of: JSONSlice(validating: Array(value.utf8)))
        #expect(problems == (problem.map { [$0] } ?? []))
    }

    @Test(
        "A schema that cannot be checked is refused with the keyword's place",
        arguments: [
            (#"{"properties":{"a":{"prefixItems":[]}}}"#, "#/properties/a/prefixItems: this host does not check"),
            (#"{"type":"text"}"#, "#/type: expected type names"), (#"{"pattern":"("}"#, "#/pattern: '(' is no regular"),
            (##"{"$ref":"#/$defs/none"}"##, "#/$ref: leads nowhere"),
            (#"{"$ref":"http://x"}"#, "#/$ref: leads nowhere"),
            (#"{"minLength":-1}"#, "#/minLength: expected a whole number"),
            (#"{"items":[]}"#, "#/items: expected a schema"),
            (#"{"$schema":"https://example.com/own"}"#, "#/$schema: the dialect \"https://example.com/own\" is not"),
            (#"{"required":"a"}"#, "#/required: expected a list of names"), ("1", "#: expected a schema"),
            ("{", "not JSON"),
        ])
    func unusable(schema: String, words: String) {
        let error = #expect(throws: ConfigSchema.Unusable.self) { try ConfigSchema(schema) }
        #expect(error?.description.hasPrefix(words) == true, "\(error?.description ?? "")")
    }

    @Test("The value of a text is not shown: it may be a secret in the wrong place")
    func secret() throws {
        let schema = try ConfigSchema(#"{"type":"object"}"#)
        let problems = schema.problems(of: try JSONSlice(validating: Array(#""hunter2""#.utf8)))
        #expect(problems == ["spec: expected object, found a text of 7 characters"])
    }
}
