import PluginKit
import Testing

@testable import LocalEmbeddingCore

@Suite("WordPiece")
struct WordPieceTests {
    /// A vocabulary of our own; the number of a piece is its place.
    static let pieces = [
        "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "un", "##aff", "##able", "cafe", "naive", "don", "'", "t", "!",
        "[",
        "]", "cls", "\u{6771}", "\u{4EAC}", "\u{30BF}", "\u{1112}", "##\u{1161}", "##\u{11AB}", "\u{B4}", "i", "##s",
        "strasse",
        "stra\u{DF}e", "\u{3C3}", "##\u{3C3}", "ab", "$", "_", "get", "\u{2014}", "1", "##2", "affable",
        "\u{9C7}\u{9BE}",
    ]

    private func tokenizer() throws -> WordPieceTokenizer {
        try WordPieceTokenizer(Vocabulary(text: Array(Self.pieces.joined(separator: "\n").utf8)))
    }

    static let cases: [(text: String, pieces: String)] = [
        ("", ""), ("  \t\n ", ""), ("unaffable", "un ##aff ##able"), ("affable", "affable"), ("unaff", "un ##aff"),
        ("ableun", "[UNK]"), ("unx!", "[UNK] !"), ("UNAFFABLE", "un ##aff ##able"),
        // Accents go, composed or not; a letter that is no accented one stays.
        ("Caf\u{E9}", "cafe"), ("cafe\u{301}", "cafe"), ("NA\u{CF}VE", "naive"), ("Stra\u{DF}e", "stra\u{DF}e"),
        ("\u{130}", "i"), ("\u{3A3}\u{3A3}", "\u{3C3} ##\u{3C3}"), ("\u{1FFD}", "\u{B4}"),
        // Punctuation and symbols of ASCII, and punctuation beyond, are words of their own.
        ("don't!", "don ' t !"), ("get_t$", "get _ t $"), ("t\u{2014}t", "t \u{2014} t"), ("1,2", "1 [UNK] [UNK]"),
        ("12", "1 ##2"),
        // Chinese characters are too, kana are not; a compatibility ideograph becomes what it stands for.
        ("\u{6771}\u{4EAC}\u{30BF}", "\u{6771} \u{4EAC} \u{30BF}"), ("\u{6771}\u{30BF}\u{30BF}", "\u{6771} [UNK]"),
        // Hangul comes apart into its letters.
        ("\u{D55C}", "\u{1112} ##\u{1161} ##\u{11AB}"),
        // Two scalars for one.
        ("\u{9CB}\u{9BC}", "\u{9C7}\u{9BE}"),
        // Control and format characters go, and what could not be read.
        ("a\u{AD}\u{0}b\u{FFFD}\u{200B}", "ab"), ("a\u{85}b", "ab"), ("\u{3000}t\u{A0}t", "t t"),
        // Names of special pieces stand for them.
        ("[CLS] t [SEP]", "[CLS] t [SEP]"), ("t[MASK]t", "t [MASK] t"), ("[cls]", "[ cls ]"), ("[CLS", "[ cls"),
        ("[[SEP]", "[ [SEP]"),
    ]

    @Test("Text becomes the pieces of the vocabulary", arguments: cases)
    func pieces(text: String, expected: String) throws {
        let numbers = try tokenizer().numbers(of: text, limit: 64)
        #expect(numbers.first == 2 && numbers.last == 3)
        #expect(numbers.dropFirst().dropLast().map { Self.pieces[Int($0)] }.joined(separator: " ") == expected)
    }

    @Test("A word of more than a hundred characters is unknown, one of a hundred is not")
    func longWords() throws {
        let tokenizer = try tokenizer()
        let known = "un" + String(repeating: "able", count: 24) + "s" + "s"
        #expect(known.count == 100)
        #expect(tokenizer.numbers(of: known, limit: 64).count == 2 + 1 + 24 + 2)
        #expect(tokenizer.numbers(of: known + "s", limit: 64) == [2, 1, 3])
    }

    @Test("What is beyond the limit is cut off, inside a word as well", arguments: [2, 3, 4, 5, 100])
    func limit(limit: Int) throws {
        let whole = try tokenizer().numbers(of: "unaffable [SEP] don't", limit: 1_000)
        let cut = try tokenizer().numbers(of: "unaffable [SEP] don't", limit: limit)
        #expect(cut.count == min(limit, whole.count))
        #expect(cut.dropLast() == whole.dropLast().prefix(cut.count - 1))
        #expect(cut.last == 3)
    }

    @Test("A million characters without a space are one unknown word; with spaces, reading stops at the limit")
    func enormous() throws {
        let tokenizer = try tokenizer()
        #expect(tokenizer.numbers(of: String(repeating: "x", count: 1_000_000), limit: 256) == [2, 1, 3])
        #expect(tokenizer.numbers(of: String(repeating: "t ", count: 500_000), limit: 256).count == 256)
    }

    @Test("A vocabulary without the special pieces is refused by the name of the one that lacks")
    func wrongVocabulary() {
        let error = #expect(throws: PluginError.self) {
            try WordPieceTokenizer(Vocabulary(text: Array("[CLS]\n[UNK]\nab\n".utf8)))
        }
        #expect(error?.message.contains("lacks [SEP]") == true)
    }

    @Test("Pieces are told apart by their bytes, with and without the mark that goes on a word")
    func vocabulary() {
        let vocabulary = Vocabulary(text: Array("a\n##a\n##\n\u{E9}\ne\u{301}\n\n##b".utf8))
        #expect(vocabulary.count == 7)
        #expect(vocabulary.number(of: "a") == 0 && vocabulary.number(of: "##a") == 1)
        #expect(vocabulary.number(of: Array("a".utf8)[...], goesOn: true) == 1)
        #expect(vocabulary.number(of: Array("b".utf8)[...], goesOn: false) == nil)
        #expect(vocabulary.number(of: "\u{E9}") == 3 && vocabulary.number(of: "e\u{301}") == 4)
        #expect(Vocabulary(text: []).number(of: "a") == nil)
    }
}
