import PluginKit
import Testing

@testable import HostDescribed

@Suite("Schemas of described tools")
struct SchemaTests {
    private static func object(_ properties: String, required: String) -> String {
        #"{"type":"object","properties":{\#(properties)},"required":[\#(required)],"additionalProperties":false}"#
    }

    private static let int32 = #"{"type":"integer","minimum":-2147483648,"maximum":2147483647}"#

    /// What must be given: nothing that is bound, worked out, written by the library, a handle or a callback.
    static let inputs: [(String, String)] = [
        (
            "divide",
            object(
                #""value":{"type":"integer","minimum":-100,"maximum":100},"by":\#(int32)"#, required: #""value","by""#)
        ),
        ("sum_bytes", object(#""data":{"type":"string","contentEncoding":"base64"}"#, required: #""data""#)),
        (
            "repeat",
            object(
                #""byte":{"type":"integer","minimum":0,"maximum":255},"times":{"type":"integer","minimum":0,"maximum":1000}"#,
                required: #""byte","times""#)
        ),
        ("box_add", object(#""by":\#(int32)"#, required: #""by""#)),
        ("count_to", object(#""limit":\#(int32)"#, required: #""limit""#)),
        ("next_colour", object(#""colour":{"type":"string","enum":["red","green","blue"]}"#, required: #""colour""#)),
        ("text_length", object(#""text":{"type":["string","null"]}"#, required: "")),
        ("total_length", object(#""texts":{"type":"array","items":{"type":"string"}}"#, required: #""texts""#)),
        (
            "swap",
            object(
                #""value":\#(pair)"#, required: #""value""#)
        ),
        ("boxes", object("", required: "")),
    ]

    @Test("The input schema is what the signature leaves open", arguments: inputs)
    func input(name: String, expected: String) throws {
        let function = try #require(try LibraryDescription(parsing: try Fixture.text()).function(name))
        #expect(String(decoding: ToolSchema.input(function).json, as: UTF8.self) == expected)
    }

    /// What the callback of `count_to` is told.
    private static let told = object(
        #""number":{"type":["integer","null"]},"name":{"type":["string","null"]},"data":{"type":["string","null"]}"#,
        required: #""number","name","data""#)
    private static let pair = object(
        #""first":{"type":"number"},"second":{"type":"number"}"#, required: #""first","second""#)

    static let outputs: [(String, String?)] = [
        ("boxes", object(#""result":{"type":"integer"}"#, required: #""result""#)),
        (
            "divide",
            object(
                #""quotient":{"type":["integer","null"]},"remainder":{"type":["integer","null"]}"#,
                required: #""quotient","remainder""#)
        ),
        ("next_colour", object(#""result":{"type":["string","integer"]}"#, required: #""result""#)),
        ("make_text", object(#""result":{"type":["string","null"]}"#, required: #""result""#)),
        (
            "count_to",
            object(
                #""numbers":{"type":"array","items":\#(told)},"numbers_cut":{"type":"boolean"}"#,
                required: #""numbers""#)
        ),
        ("nothing", nil), ("wait_for_ever", nil),
    ]

    @Test("The output schema is what a call answers with; statuses and pointers are not in it", arguments: outputs)
    func output(name: String, expected: String?) throws {
        let library = try LibraryDescription(parsing: try Fixture.text())
        let function = try #require(library.function(name))
        let schema = ToolSchema.output(function, callbacks: library.callbacks)
        #expect(schema.map { String(decoding: $0.json, as: UTF8.self) } == expected)
    }
}
