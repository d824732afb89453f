@testable import StreamableHTTP
import Testing

@Suite("Server-sent events")
struct ServerSentEventsTests {
    private func read(_ text: String, pieces: Int = .max, limit: Int = 1_000) throws -> (
        events: [String], reader: ServerSentEvents
    ) {
        var reader = ServerSentEvents(limit: limit)
        var events: [String] = []
        let bytes = Array(text.utf8)
        var start = 0
        while start < bytes.count {
            let end = pieces == .max ? bytes.count : min(bytes.count, start + pieces)
            let found = try bytes[start..<end].withUnsafeBytes { try reader.read($0) }
            events += found.map { "\($0.name)|\(String(decoding: $0.data, as: UTF8.self))" }
            start = end
        }
        return (events, reader)
    }

    private static let stream =
        "\u{FEFF}: hello\r\nid: 1\r\ndata: one\r\ndata: uno\r\n\r\nevent: ping\rdata:two\rdata: zwei\r\rid:2\nretry: 250\ndata\n\n"
        + "data: é😀\n\nunknown: x\n\ndata:  spaced\n\n: comment\n\ndata: unfinished\n"

    @Test("A stream gives the same events wherever it is split", arguments: [1, 2, 3, 5, 7, 11, .max])
    func split(pieces: Int) throws {
        let (events, reader) = try read(Self.stream, pieces: pieces)
        #expect(events == ["|one\nuno", "ping|two\nzwei", "|", "|é😀", "| spaced"])
        #expect(reader.lastEventID == "2")
        #expect(reader.retry == 250)
    }

    private func expectEverySplit(of text: String, gives whole: [String]) throws {
        let bytes = Array(text.utf8)
        for cut in 0...bytes.count {
            var reader = ServerSentEvents()
            var events = try bytes[..<cut].withUnsafeBytes { try reader.read($0) }
            events += try bytes[cut...].withUnsafeBytes { try reader.read($0) }
            #expect(events.map { "\($0.name)|\(String(decoding: $0.data, as: UTF8.self))" } == whole, "cut at \(cut)")
        }
    }

    @Test("A stream gives the same events when it is split once at any byte")
    func everySplit() throws {
        try expectEverySplit(of: Self.stream, gives: try read(Self.stream).events)
    }

    @Test(
        "Each end of a line is one, wherever a stream is split", arguments: ["\n", "\r", "\r\n"], [1, 2, 3, .max])
    func ends(end: String, pieces: Int) throws {
        let lines = [": hello", "id: 1", "data: one", "data: uno", "", "event: ping", "data:two", "data: zwei", "", ""]
        let text = (lines + ["data: é", "", ":", "", "data", "data", "", ""]).joined(separator: end)
        let whole = ["|one\nuno", "ping|two\nzwei", "|é", "|\n"]
        #expect(try read(text, pieces: pieces).events == whole)
        try expectEverySplit(of: text, gives: whole)
    }

    @Test(
        "An event of 1 MiB comes whole, in one line or in many, however it is split",
        arguments: ["\n", "\r", "\r\n"], [1_000, 65_536, .max])
    func large(end: String, pieces: Int) throws {
        let text = String(repeating: "0123456789abcdef", count: 1 << 16)
        let one = "data: \(text)\(end)\(end)"
        let many = String(repeating: "data: 0123456789abcdef\(end)", count: 1 << 16) + end
        let (events, _) = try read(one + many, pieces: pieces, limit: 2 << 20)
        #expect(events.count == 2)
        #expect(events.first == "|\(text)")
        let lines = String(repeating: "0123456789abcdef\n", count: 1 << 16).dropLast()
        #expect(events.last == "|\(lines)")
    }

    @Test(
        "Fields that say nothing usable change nothing",
        arguments: ["retry: soon\n\n", "retry:\n\n", "retry: 99999999999999999999999\n\n", "id: a\0b\n\n", "event\n\n"])
    func noise(text: String) throws {
        let (events, reader) = try read(text)
        #expect(events.isEmpty && reader.lastEventID.isEmpty && reader.retry == nil)
    }

    @Test("An id counts with its event, and an empty one resets")
    func ids() throws {
        #expect(try read("id: 7\ndata: x\n").reader.lastEventID == "")
        #expect(try read("id: 7\n\n").reader.lastEventID == "7")
        #expect(try read("id: 7\ndata: x\n\nid\ndata: y\n\n").reader.lastEventID == "")
    }

    @Test(
        "An event beyond the limit ends the stream", arguments: ["data: 0123456789", "data: 01\ndata: 23\ndata: 45\n"])
    func limit(text: String) throws {
        #expect(throws: ServerSentEvents.TooLarge(limit: 12)) { try read(text, limit: 12) }
        #expect(throws: Never.self) { try read("data: 012\n\ndata: 345\n\n", pieces: 1, limit: 12) }
    }

    @Test("After a restart half an event is forgotten, the last id is not")
    func restart() throws {
        var (_, reader) = try read("id: 4\ndata: x\n\ndata: half")
        reader.restart()
        let events = try Array("\u{FEFF}data: whole\n\n".utf8).withUnsafeBytes { try reader.read($0) }
        #expect(events == [ServerSentEvent(name: "", data: Array("whole".utf8))])
        #expect(reader.lastEventID == "4")
    }
}
