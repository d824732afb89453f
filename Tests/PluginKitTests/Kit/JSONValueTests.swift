import PluginKit
import Testing

@Suite("JSON of the kit")
struct JSONValueTests {
    @Test(
        "What is read is written again, numbers and order included",
        arguments: [
            #"{"b":1.0,"a":9007199254740993,"c":[true,false,null,-0.5e+10],"d":{}}"#, #""\"\\\u0001\n""#, "[]", "0",
            #""é😀""#,
        ])
    func roundTrip(text: String) throws {
        #expect(String(decoding: try JSONValue(json: Array(text.utf8)).json, as: UTF8.self) == text)
    }

    @Test(
        "Text that is no JSON is refused",
        arguments: [
            "", " ", "{", "[1,]", #"{"a" 1}"#, "01", "1.", "-", "+1", "tru", #""\x""#, #""\u12""#, "\"\n\"", "1 2",
            "{1:2}",
            #"{"a":1,}"#, #""open"#, "1e",
        ])
    func refused(text: String) {
        #expect(throws: PluginError.self) { try JSONValue(json: Array(text.utf8)) }
    }

    @Test("Escapes are resolved, lone surrogates are replaced")
    func escapes() throws {
        #expect(try JSONValue(json: Array(#""\u00e9\ud83d\ude00\/""#.utf8)) == "é😀/")
        #expect(try JSONValue(json: Array(#""\ud83dx""#.utf8)) == "\u{FFFD}x")
    }

    @Test("Nesting is bounded")
    func depth() throws {
        let deep = String(repeating: "[", count: 100_000)
        #expect(throws: PluginError.self) { try JSONValue(json: Array(deep.utf8)) }
        let fine = String(repeating: "[", count: 150) + String(repeating: "]", count: 150)
        #expect(throws: Never.self) { try JSONValue(json: Array(fine.utf8)) }
    }
}
