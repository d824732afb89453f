import Testing

@testable import HostConfiguration

@Suite("Reading YAML")
struct DocumentReaderTests {
    private func read(_ text: String, file: String = "test.yaml") -> (documents: [Located], errors: [Diagnostic]) {
        let log = DiagnosticLog()
        let documents = DocumentReader(file: file, log: log).documents(in: text)
        return (documents, log.sorted)
    }

    private func json(_ text: String, file: String = "test.yaml") -> String? {
        let (documents, errors) = read(text, file: file)
        guard errors.isEmpty, let first = documents.first else { return nil }
        return String(decoding: first.node.json, as: UTF8.self)
    }

    @Test(
        "A scalar means what the core schema says",
        arguments: [
            ("5", "5"), ("-5", "-5"), ("+5", "5"), ("1.50", "1.50"), (".5", "0.5"), ("1.", "1.0"), ("1e3", "1e3"),
            ("123456789012345678901234567890", "123456789012345678901234567890"), ("0x1F", "31"), ("0o17", "15"),
            ("true", "true"), ("False", "false"), ("null", "null"), ("~", "null"), ("", "null"), ("yes", #""yes""#),
            ("off", #""off""#), ("12:30", #""12:30""#), ("2025-11-25", #""2025-11-25""#), ("1_000", #""1_000""#),
            ("\"5\"", #""5""#), ("'true'", #""true""#), ("!!str 5", #""5""#), ("!!int \"5\"", "5"),
            ("1.2.3", #""1.2.3""#),
            ("0.30", "0.30"), ("-", "[null]"), ("1e", #""1e""#), ("+", #""+""#),
        ])
    func scalar(text: String, expected: String) {
        let value = text == "-" ? "\n  - " : " " + text
        #expect(json("a:\(value)") == #"{"a":\#(expected)}"#)
    }

    @Test(
        "A number that JSON cannot carry, or that readers disagree about, is refused",
        arguments: [".inf", "-.INF", ".nan", "007", "-01.5"])
    func refusedScalar(text: String) throws {
        let (_, errors) = read("a: 1\nb: \(text)\n")
        let error = try #require(errors.first)
        #expect(errors.count == 1)
        #expect((error.line, error.column, error.path) == (2, 4, "b"))
    }

    @Test("Keys keep their order, and text its characters, on the way to JSON")
    func order() {
        #expect(
            json("z: 1\na: {c: [1, two, \"3\\n\\\"\\\\\\u0001é\"], b: {}}\n")
                == #"{"z":1,"a":{"c":[1,"two","3\n\"\\\u0001é"],"b":{}}}"#)
    }

    @Test("JSON files are read with their escapes")
    func jsonFile() {
        #expect(
            json(#"{"a": "\ud83d\ude00 \/ \\ud83d", "b": 1e-7}"#, file: "x.json") == #"{"a":"😀 / \\ud83d","b":1e-7}"#)
    }

    @Test("Repeated keys are all reported, and do not hide other errors of the file")
    func duplicates() {
        let (documents, errors) = read("a: 1\nb: {x: 1, x: 2, y: .inf}\na: 2\n\"a\": 3\n---\nc: 1\nc: 2\n")
        #expect(documents.count == 2)
        #expect(
            errors.map { "\($0.line):\($0.column) \($0.path)" } == ["2:11 b.x", "2:20 b.y", "3:1 a", "4:1 a", "7:1 c"])
        #expect(errors.first?.message.contains("found `x` again (first at line 2)") == true)
    }

    @Test("Merge keys add what is absent")
    func merge() {
        #expect(
            json("base: &b {x: 1, y: 2}\nown:\n  <<: *b\n  y: 3\n") == #"{"base":{"x":1,"y":2},"own":{"y":3,"x":1}}"#)
    }

    @Test(
        "A syntax error names its place and quotes nothing of the file",
        arguments: [
            ("a: 1\nsecret: [hunter2\n", 3), ("a: \"hunter2\n", 2), ("a: 1\n\tb: hunter2\n", 2), ("a: *hunter2\n", 1),
            ("a: hunter2: b\n", 1),
        ])
    func syntax(text: String, line: Int) throws {
        let error = try #require(read(text).errors.first)
        #expect(error.line == line)
        #expect(error.message.contains("syntax error"))
        #expect(!error.message.contains("hunter2"))
    }

    @Test("Documents before a broken one are read")
    func partial() {
        let (documents, errors) = read("a: 1\n---\nb: [\n")
        #expect(documents.count == 1)
        #expect(errors.count == 1)
    }

    @Test("Empty documents are left out", arguments: ["", "---\n", "# only a comment\n", "---\n---\n...\n"])
    func empty(text: String) {
        let (documents, errors) = read(text)
        #expect(documents.isEmpty && errors.isEmpty)
    }

    @Test("A document that aliases blow up is refused")
    func laughs() {
        var text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        for level in 1...9 {
            text += "a\(level): &a\(level) [\(Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", "))]\n"
        }
        let (documents, errors) = read(text)
        #expect(documents.isEmpty)
        #expect(errors.count == 1)
        #expect(errors.first?.message.contains("aliases included") == true)
    }

    @Test("A document nested too deeply is refused")
    func depth() {
        let (documents, errors) = read("a: " + String(repeating: "[", count: 500) + String(repeating: "]", count: 500))
        #expect(documents.isEmpty)
        #expect(errors.count == 1)
    }

    @Test(
        "A list or mapping as key, and a tag nobody knows, are refused",
        arguments: ["? [a]\n: 1\n", "a: !thing b\n", "a: !!binary aGk=\n"])
    func refused(text: String) {
        #expect(read(text).errors.count == 1)
    }
}
