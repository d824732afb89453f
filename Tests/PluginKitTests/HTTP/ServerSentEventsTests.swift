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

    @Test("A stream gives the same events when it is split once at any byte")
    func everySplit() throws {
        let bytes = Array(Self.stream.utf8)
        let whole = try read(Self.stream).events
        for cut in 0...bytes.count {
            var reader = ServerSentEvents()
            var events = try bytes[..<cut].withUnsafeBytes { try reader.read($0) }
            events += try bytes[cut...].withUnsafeBytes { try reader.read($0) }
            #expect(events.map { "\($0.name)|\(String(decoding: $0.data, as: UTF8.self))" } == whole, "cut at \(cut)")
        }
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
