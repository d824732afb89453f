import Gateway
import PluginAPI

/// Lends Swift values to C for the time of a call.
enum Lending {
    /// Lends headers, all their text in one block of memory.
    static func with<Answer>(
        _ headers: [Header], _ body: (UnsafePointer<vmcp_header>?, Int) -> Answer
    ) -> Answer {
        if headers.isEmpty { return body(nil, 0) }
        var text: [UInt8] = []
        text.reserveCapacity(headers.reduce(0) { $0 + $1.name.utf8.count + $1.value.utf8.count })
        for header in headers {
            text.append(contentsOf: header.name.utf8)
            text.append(contentsOf: header.value.utf8)
        }
        return text.withUnsafeBufferPointer { text in
            withUnsafeTemporaryAllocation(of: vmcp_header.self, capacity: headers.count) { table in
                var start = 0
                func take(_ size: Int) -> vmcp_bytes {
                    defer { start += size }
                    return vmcp_bytes(data: size == 0 ? nil : text.baseAddress.map { $0 + start }, size: size)
                }
                for (index, header) in headers.enumerated() {
                    let name = take(header.name.utf8.count)
                    table.initializeElement(
                        at: index, to: vmcp_header(name: name, value: take(header.value.utf8.count)))
                }
                return body(table.baseAddress.map { UnsafePointer($0) }, headers.count)
            }
        }
    }

    /// Lends the bytes of a text; nothing for an empty one.
    static func with<Answer>(_ text: String, _ body: (vmcp_bytes) -> Answer) -> Answer {
        if text.isEmpty { return body(vmcp_bytes()) }
        var text = text
        return text.withUTF8 { body(vmcp_bytes(data: $0.baseAddress, size: $0.count)) }
    }

    /// Lends several pieces, all in one block of memory.
    static func with<Answer>(_ pieces: [[UInt8]], _ body: (UnsafeBufferPointer<vmcp_bytes>) -> Answer) -> Answer {
        Array(pieces.joined()).withUnsafeBufferPointer { block in
            withUnsafeTemporaryAllocation(of: vmcp_bytes.self, capacity: pieces.count) { table in
                var start = 0
                for (index, piece) in pieces.enumerated() {
                    let data = piece.isEmpty ? nil : block.baseAddress.map { $0 + start }
                    table.initializeElement(at: index, to: vmcp_bytes(data: data, size: piece.count))
                    start += piece.count
                }
                return body(UnsafeBufferPointer(table))
            }
        }
    }

    /// Lends bytes.
    static func with<Answer>(_ bytes: [UInt8], _ body: (vmcp_bytes) -> Answer) -> Answer {
        bytes.withUnsafeBufferPointer { body(vmcp_bytes(data: $0.baseAddress, size: $0.count)) }
    }

    /// Lends a plugin room for one sentence about what went wrong.
    /// - Returns: What `body` answers, and the sentence.
    static func withError<Answer>(_ body: (UnsafeMutablePointer<vmcp_text>) -> Answer) -> (Answer, String) {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 1_024) { room in
            var text = vmcp_text(data: room.baseAddress, capacity: room.count, size: 0)
            let answer = body(&text)
            let written = UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(room)[..<min(text.size, room.count)])
            return (answer, String(decoding: written, as: UTF8.self))
        }
    }
}
