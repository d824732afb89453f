import Gateway
import Testing

@Suite("Scanning JSON")
struct JSONScannerTests {
    @Test(
        "A well-formed text is one value, without the space around it",
        arguments: [
            "{}", "[]", "null", "true", "false", "0", "-0", "10", "-1.5", "1e9", "1E+9", "0.1e-10", "\"\"", "[1,2]",
            "[ 1 , [ ] , { } ]", "{\"a\":1}", "{ \"a\" : { \"b\" : [ null ] } , \"a\" : 2 }",
            #""\"\\\/\b\f\n\r\tA\u00Ff""#,
            #""\ud83d\ude00""#, #""\ud800""#, "\"é€😀\u{7F}\u{2028}\"", "123456789012345678901234567890.00",
            "1e99999",
        ])
    func accepted(text: String) throws {
        #expect(try JSONSlice(validating: Array(text.utf8)).array == Array(text.utf8))
        let spaced = " \t\r\n\(text)\n\r\t "
        #expect(try JSONSlice(validating: Array(spaced.utf8)).array == Array(text.utf8))
    }

    @Test(
        "A malformed text is refused at the byte that does not fit",
        arguments: [
            ("", 0), (" ", 1), ("{", 1), ("}", 0), ("[", 1), ("]", 0), ("[1", 2), ("[1,", 3), ("[1,]", 3), ("[,1]", 1),
            ("[1 2]", 3), ("{1:2}", 1), ("{a:1}", 1), ("{\"a\"}", 4), ("{\"a\":}", 5), ("{\"a\":1,}", 7),
            ("{\"a\":1 \"b\":2}", 7), ("{} {}", 3), ("1 2", 2), ("01", 1), ("-", 1), ("-a", 1), ("+1", 0), (".5", 0),
            ("1.", 2), ("1.e5", 2), ("1e", 2), ("1e+", 3), ("1.2.3", 3), ("0x10", 1), ("NaN", 0), ("Infinity", 0),
            ("tru", 0), ("trues", 4), ("nul", 0), ("True", 0), ("'a'", 0), ("\"a", 2), ("\"\\", 2), ("\"\\x\"", 2),
            ("\"\\u12\"", 5), ("\"\\u12G4\"", 5), ("\"a\nb\"", 2), ("\"\u{1}\"", 1), ("\u{FEFF}1", 0), ("\u{A0}1", 0),
            ("/**/1", 0), ("\0", 0),
        ])
    func refused(text: String, offset: Int) {
        let error = #expect(throws: JSONScanError.self) { try JSONSlice(validating: Array(text.utf8)) }
        #expect(error?.offset == offset)
        #expect(error?.description.hasPrefix("not JSON: expected ") == true)
    }

    @Test(
        "A string that is not UTF-8 (Unicode, table 3-7) is refused",
        arguments: [
            [0x80], [0xBF], [0xC0, 0x80], [0xC1, 0xBF], [0xC2], [0xC2, 0x41], [0xE0, 0x80, 0x80], [0xE0, 0x9F, 0xBF],
            [0xE1, 0x80], [0xED, 0xA0, 0x80], [0xED, 0xBF, 0xBF], [0xEF, 0xBF], [0xF0, 0x80, 0x80, 0x80],
            [0xF0, 0x8F, 0xBF, 0xBF], [0xF0, 0x9F, 0x98], [0xF1, 0x80, 0x80, 0x7F], [0xF4, 0x90, 0x80, 0x80],
            [0xF5, 0x80, 0x80, 0x80], [0xFF], [0xFE, 0xFF],
        ] as [[UInt8]])
    func notUTF8(bytes: [UInt8]) {
        #expect(throws: JSONScanError.self) { try JSONSlice(validating: [0x22] + bytes + [0x22]) }
        // Cut off by the end of the text, too: nothing may be read beyond it.
        #expect(throws: JSONScanError.self) { try JSONSlice(validating: [0x22] + bytes) }
    }

    @Test(
        "UTF-8 of every length and at every limit is accepted",
        arguments: [
            0x7F, 0x80, 0x7FF, 0x800, 0xFFF, 0x1000, 0xD7FF, 0xE000, 0xFFFD, 0xFFFF, 0x10000, 0x3FFFF, 0x40000,
            0x10FFFF,
        ])
    func limitsOfUTF8(scalar: UInt32) throws {
        let character = String(try #require(Unicode.Scalar(scalar)))
        #expect(try JSONSlice(validating: Array("\"\(character)\"".utf8)).string == character)
    }

    @Test(
        "What needs a look in a string is found wherever it stands, however many bytes are looked at in one step",
        arguments: [#"\""#, #"\\"#, #"\\\""#, #"\u0022"#, "é", "😀", "\u{7F}", "}", "\\n"])
    func places(text: String) throws {
        for place in 0..<150 {
            for rest in [0, 1, 7, 8, 63, 64, 65] {
                let string = String(repeating: "a", count: place) + text + String(repeating: "b", count: rest)
                let object = try JSONSlice(validating: Array("{\"\(string)\":\"\(string)\",\"n\":1}".utf8))
                #expect(object["n"]?.integer == 1)
                #expect(object.members.first?.value.array == Array("\"\(string)\"".utf8))
                #expect(object.members.first?.key == object.members.first?.value.string)
            }
        }
    }

    @Test(
        "What may not stand in a string is refused wherever it stands",
        arguments: [[0x00], [0x1F], [0x0A], [0x80], [0xFF], [0xC3, 0x22]] as [[UInt8]])
    func refusedPlaces(bytes: [UInt8]) {
        for place in 0..<150 {
            let text = [0x22] + [UInt8](repeating: 0x61, count: place) + bytes + [UInt8](repeating: 0x62, count: 70)
            let error = #expect(throws: JSONScanError.self) { try JSONSlice(validating: text + [0x22]) }
            #expect(error?.offset == place + 1)
        }
    }

    @Test("Members are told on the way, those of the outermost object alone")
    func toldMembers() throws {
        let text = Array(#" { "a" : {"b":[1,{"c":2}]} , "" : "x", "a":[] } "#.utf8)
        var told: [[String]] = []
        let slice = try JSONScanner.value(text) {
            told.append([String(decoding: text[$0], as: UTF8.self), String(decoding: text[$1], as: UTF8.self)])
        }
        #expect(told == [["a", #"{"b":[1,{"c":2}]}"#], ["", #""x""#], ["a", "[]"]])
        #expect(slice.members.map(\.key) == ["a", "", "a"])
        told = []
        _ = try JSONScanner.value(Array("[{\"a\":1}]".utf8)) { key, _ in told.append(["\(key)"]) }
        #expect(told.isEmpty)
    }

    @Test("Nesting is read down to 512 levels", arguments: [("[", "]", ""), ("{\"a\":", "}", "{}")])
    func depth(open: String, close: String, core: String) throws {
        func text(_ levels: Int) -> [UInt8] {
            let levels = core.isEmpty ? levels : levels - 1
            return Array(
                (String(repeating: open, count: levels) + core + String(repeating: close, count: levels)).utf8)
        }
        #expect(try JSONSlice(validating: text(512)).array == text(512))
        #expect(throws: JSONScanError.self) { try JSONSlice(validating: text(513)) }
        #expect(throws: JSONScanError.self) { try JSONSlice(validating: text(1_000_000)) }
        #expect(try JSONScanner.value(text(20), depth: 20).array == text(20))
        #expect(throws: JSONScanError.self) { try JSONScanner.value(text(21), depth: 20) }
        // No more than the stack is made for, whatever is asked.
        #expect(throws: JSONScanError.self) { try JSONScanner.value(text(513), depth: 1_000) }
    }
}
