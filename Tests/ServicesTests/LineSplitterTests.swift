import Testing

@testable import HostServices

@Suite("Line splitter")
struct LineSplitterTests {
    private func split(_ pieces: [String], max: Int = 100) -> (lines: [String], dropped: Int) {
        var splitter = LineSplitter(maxLineBytes: max)
        var lines: [String] = []
        func take(_ line: UnsafeRawBufferPointer) -> Bool {
            lines.append(String(decoding: line, as: UTF8.self))
            return true
        }
        for piece in pieces {
            let used = Array(piece.utf8).withUnsafeBytes { splitter.feed($0, take) }
            #expect(used == piece.utf8.count)
        }
        splitter.finish(take)
        return (lines, splitter.dropped)
    }

    @Test(
        "Lines come out whole however the bytes arrive, without LF or CR LF",
        arguments: [
            (["a\nb\n"], ["a", "b"]), (["a", "b\n", "c\r", "\nd"], ["ab", "c", "d"]), (["\n\r\n"], ["", ""]),
            (["a\rb\r\n"], ["a\rb"]), (["a\r"], ["a"]), ([""], []), ([], []), (["é", "\n"], ["é"]),
        ])
    func lines(pieces: [String], expected: [String]) { #expect(split(pieces).lines == expected) }

    @Test("A line as long as the limit passes; one byte more and it is dropped and counted")
    func limit() {
        #expect(split(["12345\r\n"], max: 5).lines == ["12345"])
        #expect(split(["123", "45\r", "\nx\n"], max: 5).lines == ["12345", "x"])
        for pieces in [["123456\nx\n"], ["123", "456\n", "x\n"], ["123", "456", "789", "\nx"]] {
            let result = split(pieces, max: 5)
            #expect(result.lines == ["x"])
            #expect(result.dropped == 1)
        }
        #expect(split(["123456"], max: 5).dropped == 1)
    }

    @Test("When no more is wanted the rest is left")
    func stop() {
        var splitter = LineSplitter(maxLineBytes: 10)
        var lines = 0
        let used = Array("a\nb\nc\n".utf8).withUnsafeBytes { bytes in
            splitter.feed(bytes) { _ in
                lines += 1
                return lines < 2
            }
        }
        #expect(used == 4)
        #expect(lines == 2)
    }
}
