import Gateway
import Testing

@Suite("Columns of a terminal")
struct TerminalColumnsTests {
    @Test(
        "Wide characters take two columns, marks none",
        arguments: [
            ("", 0), ("abc", 3), ("é", 1), ("e\u{301}", 1), ("天气", 4), ("ｶﾅ", 2), ("カナ", 4), ("한글", 4),
            ("\u{1112}\u{1161}\u{11AB}", 2), ("🔥", 2), ("❤\u{FE0F}", 2), ("🇳🇴", 2), ("…", 1), ("→", 1), ("Ａ", 2),
            ("𠀀", 2), ("שלום", 4), ("\u{200B}", 0),
        ])
    func width(text: String, columns: Int) {
        #expect(TerminalColumns.of(text) == columns)
    }

    @Test("A text is cut between characters, and never wider than asked for")
    func cut() {
        #expect(TerminalColumns.prefix("a天气b", 0) == "")
        #expect(TerminalColumns.prefix("a天气b", 2) == "a")
        #expect(TerminalColumns.prefix("a天气b", 3) == "a天")
        #expect(TerminalColumns.prefix("a天气b", 5) == "a天气")
        #expect(TerminalColumns.prefix("a天气b", 99) == "a天气b")
        #expect(TerminalColumns.prefix("e\u{301}x", 1) == "e\u{301}")
        #expect(TerminalColumns.padded("天", to: 4) == "天  " && TerminalColumns.padded("天天", to: 3) == "天天")
    }
}
