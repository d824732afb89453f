/// One event of a stream of server-sent events.
package struct ServerSentEvent: Sendable, Equatable {
    /// The event type; empty when the stream names none, which means `message`.
    package var name: String
    /// The data, its lines joined by a line feed.
    package var data: [UInt8]
}

/// Reads a stream of server-sent events (WHATWG HTML, section 9.2.6) in pieces of any size. A value without I/O.
package struct ServerSentEvents: Sendable {
    /// Why a stream cannot be read on.
    package struct TooLarge: Error, Equatable, CustomStringConvertible {
        /// The bound that was exceeded, in bytes.
        package let limit: Int
        package var description: String {
            "an event of the server is larger than \(limit) bytes (operational.limits.eventBytes)"
        }
    }

    /// The id of the last event that was dispatched, for `Last-Event-ID`; empty when there was none.
    package private(set) var lastEventID = ""
    /// What the server wants waited before reconnecting, in milliseconds.
    package private(set) var retry: UInt64?

    private let limit: Int
    private var line: [UInt8] = []
    private var isFirstLine = true
    private var skipsLineFeed = false
    private var name = ""
    private var data: [UInt8] = []
    private var hasData = false
    private var id: String?

    /// Makes a reader.
    ///
    /// - Parameter limit: Most bytes of one event; 16 MiB by default, as a guard against a server that never ends one.
    package init(limit: Int = Endpoint.usualEvent) { self.limit = limit }

    /// Begins another stream of the same logical one, after a reconnect: what was not dispatched is dropped.
    package mutating func restart() {
        line = []
        isFirstLine = true
        skipsLineFeed = false
        name = ""
        data = []
        hasData = false
        id = nil
    }

    /// Reads a piece.
    ///
    /// - Returns: The events that it completed, in order.
    /// - Throws: ``TooLarge`` when one event exceeds the limit.
    package mutating func read(_ piece: UnsafeRawBufferPointer) throws(TooLarge) -> [ServerSentEvent] {
        var events: [ServerSentEvent] = []
        var start = piece.startIndex
        if skipsLineFeed, start < piece.endIndex {
            skipsLineFeed = false
            if piece[start] == 0x0A { start += 1 }
        }
        var index = start
        while index < piece.endIndex {
            let byte = piece[index]
            guard byte == 0x0A || byte == 0x0D else {
                index += 1
                continue
            }
            try append(piece[start..<index])
            if let event = endOfLine() { events.append(event) }
            index += 1
            if byte == 0x0D {
                // The line feed of CRLF may be in the next piece.
                if index == piece.endIndex {
                    skipsLineFeed = true
                } else if piece[index] == 0x0A {
                    index += 1
                }
            }
            start = index
        }
        try append(piece[start..<piece.endIndex])
        return events
    }

    private mutating func append(_ bytes: Slice<UnsafeRawBufferPointer>) throws(TooLarge) {
        guard line.count + data.count + bytes.count <= limit else { throw TooLarge(limit: limit) }
        line.append(contentsOf: bytes)
    }

    private mutating func endOfLine() -> ServerSentEvent? {
        defer { line.removeAll(keepingCapacity: true) }
        if isFirstLine {
            isFirstLine = false
            if line.starts(with: [0xEF, 0xBB, 0xBF]) { line.removeFirst(3) }
        }
        if line.isEmpty { return dispatch() }
        let colon = line.firstIndex(of: UInt8(ascii: ":"))
        let field = line[..<(colon ?? line.endIndex)]
        var value = line[(colon.map { $0 + 1 } ?? line.endIndex)...]
        if value.first == 0x20 { value = value.dropFirst() }
        if field.elementsEqual("data".utf8) {
            if hasData { data.append(0x0A) }
            data.append(contentsOf: value)
            hasData = true
        } else if field.elementsEqual("event".utf8) {
            name = String(decoding: value, as: UTF8.self)
        } else if field.elementsEqual("id".utf8) {
            if !value.contains(0) { id = String(decoding: value, as: UTF8.self) }
        } else if field.elementsEqual("retry".utf8) {
            // Digits alone count; a number that fits nowhere is as good as none.
            if !value.isEmpty, value.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
                let milliseconds = UInt64(String(decoding: value, as: UTF8.self))
            {
                retry = milliseconds
            }
        }
        return nil
    }

    private mutating func dispatch() -> ServerSentEvent? {
        defer {
            name = ""
            data = []
            hasData = false
        }
        if let id { lastEventID = id }
        id = nil
        return hasData ? ServerSentEvent(name: name, data: data) : nil
    }
}
