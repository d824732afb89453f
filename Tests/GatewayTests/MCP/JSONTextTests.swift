import Gateway
import Testing

@Suite("Text in JSON strings")
struct JSONTextTests {
    @Test(
        "Escapes are resolved (RFC 8259, section 7)",
        arguments: [
            (#"plain"#, "plain"), (#"\"\\\/"#, "\"\\/"), (#"\b\f\n\r\t"#, "\u{8}\u{C}\n\r\t"),
            (#"\u0041\u00e9\u20AC"#, "Aé€"),
            (#"\ud83d\ude00"#, "😀"), (#"\uD83D\uDE00x"#, "😀x"), (#"\u0000"#, "\0"),
            // Lone surrogates.
            (#"\ud83d"#, "\u{FFFD}"), (#"\ude00"#, "\u{FFFD}"), (#"\ud83dx"#, "\u{FFFD}x"),
            (#"\ud83d\u0041"#, "\u{FFFD}A"),
            (#"\ud83d\ud83d\ude00"#, "\u{FFFD}😀"), (#"\ud83d\n"#, "\u{FFFD}\n"), (#"é\u0301"#, "é\u{301}"),
        ])
    func decoding(raw: String, expected: String) {
        #expect(JSONText.decode(Array(raw.utf8)[...]).map { Array($0.utf8) } == Array(expected.utf8))
    }

    @Test("Bad escapes have no text", arguments: [#"\"#, #"a\"#, #"\u"#, #"\u12"#, #"\u12G4"#, #"\u+123"#])
    func badEscapes(raw: String) {
        #expect(JSONText.decode(Array(raw.utf8)[...]) == nil)
    }

    @Test(
        "What is quoted is JSON and means the same",
        arguments: [
            "", "plain", "\"\\/", "\u{0}\u{1}\u{1F}\u{7F}\u{80}", "\n\r\t\u{8}\u{C}", "é€😀\u{2028}\u{FFFD}\u{10FFFF}",
        ])
    func roundTrip(text: String) throws {
        let slice = try JSONSlice(validating: JSONText.quote(text))
        #expect(slice.string.map { Array($0.utf8) } == Array(text.utf8))
    }

    @Test("Every control character is escaped, nothing else is but the two that must be")
    func exactForm() {
        #expect(
            String(decoding: JSONText.quote("a\"\\/\n\r\t\u{1}\u{1f}é"), as: UTF8.self)
                == #""a\"\\/\n\r\t\u0001\u001fé""#)
    }
}
