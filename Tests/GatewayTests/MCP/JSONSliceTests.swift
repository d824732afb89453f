import Gateway
import Testing

@Suite("Views of JSON values")
struct JSONSliceTests {
    private func slice(_ text: String) throws -> JSONSlice { try JSONSlice(validating: Array(text.utf8)) }

    @Test(
        "A value is what its first byte says",
        arguments: [
            ("{}", .object), ("[]", .array), ("\"\"", .string), ("0", .number), ("-1", .number), ("true", .bool),
            ("false", .bool), ("null", .null),
        ] as [(String, JSONSlice.Kind)])
    func kinds(text: String, kind: JSONSlice.Kind) throws {
        #expect(try slice(text).kind == kind)
    }

    @Test(
        "Numbers are integers only when they are written as such and fit",
        arguments: [
            ("0", 0), ("-0", 0), ("42", 42), ("-42", -42), ("9223372036854775807", .max),
            ("-9223372036854775808", .min),
            ("9223372036854775808", nil), ("1.0", nil), ("1e2", nil), ("\"1\"", nil), ("null", nil), ("true", nil),
        ])
    func integers(text: String, expected: Int?) throws {
        #expect(try slice(text).integer == expected)
    }

    @Test(
        "Numbers are doubles when they fit",
        arguments: [
            ("0", 0), ("1.5", 1.5), ("-2e3", -2000), ("1E-2", 0.01), ("1e999", nil), ("-1e999", nil), ("\"1\"", nil),
        ])
    func doubles(text: String, expected: Double?) throws {
        #expect(try slice(text).double == expected)
    }

    @Test(
        "Bytes survive: numbers, order, escapes, space",
        arguments: [
            #"{"b":1.0,"a":12345678901234567890,"c":1e2}"#, #"[ 0.10 , "\u0041\/" , { "z" : null } ]"#,
        ])
    func verbatim(text: String) throws {
        let wrapped = try slice("{\"x\": \(text) }")
        #expect(try #require(wrapped["x"]).array == Array(text.utf8))
    }

    @Test("Members are found by what their keys mean, at their own level alone")
    func members() throws {
        let object = try slice(
            #"{ "a" : {"b":1} , "b":[{"a":0},"}"], "\u0063":"\"]}", "":null, "d,":2,"e":-1.5e3 ,"f":true}"#)
        #expect(object.members.map(\.key) == ["a", "b", "c", "", "d,", "e", "f"])
        #expect(object["a"]?.array == Array(#"{"b":1}"#.utf8))
        #expect(object["a"]?["b"]?.integer == 1)
        #expect(object["b"]?.elements.map(\.kind) == [.object, .string])
        #expect(object["c"]?.string == "\"]}")
        #expect(object[""]?.kind == .null)
        #expect(object["d,"]?.integer == 2)
        #expect(object["e"]?.double == -1500)
        #expect(object["f"]?.bool == true)
        #expect(object["g"] == nil)
        #expect(object.elements.isEmpty)
    }

    @Test("The last of repeated members counts")
    func repeated() throws {
        let object = try slice(#"{"a":1,"\u0061":2,"b":3}"#)
        #expect(object["a"]?.integer == 2)
        #expect(object.members.count == 3)
    }

    @Test("A key is what its bytes are, not what Unicode deems equivalent")
    func canonicalEquivalence() throws {
        // U+212A, the Kelvin sign, is canonically equivalent to K.
        #expect(try slice(#"{"\u212a":1}"#)["K"] == nil)
        #expect(try slice("{\"\u{212A}\":1}")["K"] == nil)
        #expect(try slice(#"{"e\u0301":1}"#)["\u{E9}"] == nil)
        #expect(try slice(#"{"\u00e9":1}"#)["\u{E9}"]?.integer == 1)
    }

    @Test("Other kinds have neither members nor elements", arguments: ["1", "\"{}\"", "null", "true"])
    func scalars(text: String) throws {
        let value = try slice(text)
        #expect(value.members.isEmpty)
        #expect(value.elements.isEmpty)
        #expect(value["a"] == nil)
    }

    @Test("Views of a view's parts stay views of the whole text")
    func nested() throws {
        let array = try slice(" [ [ 1 , [ 2 ] ] , { \"k\" : [ \"[\" , 3 ] } ] ")
        #expect(array.elements[0].elements[1].elements[0].integer == 2)
        #expect(array.elements[1]["k"]?.elements.map(\.array) == [Array("\"[\"".utf8), Array("3".utf8)])
    }
}
