import Gateway

/// Writes events as the HTML standard, section 9.2, has them.
enum ServerSentEvents {
    /// The head of every stream of ours. `X-Accel-Buffering` keeps nginx from holding events back.
    static let headers = [
        Header("Content-Type", "text/event-stream"), Header("Cache-Control", "no-cache, no-transform"),
        Header("X-Accel-Buffering", "no"),
    ]

    /// A line that clients ignore: it shows that the stream lives.
    static let comment = Array(": keep-alive\n\n".utf8)

    /// An event with one JSON-RPC message. A message may have line breaks between its tokens: each line becomes a line
    /// of data, which the reader puts together again.
    static func message(_ json: [UInt8], id: String?) -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(json.count + 48)
        out.append(contentsOf: "event: message\n".utf8)
        if let id { out.append(contentsOf: "id: \(id)\n".utf8) }
        out.append(contentsOf: "data: ".utf8)
        if json.contains(where: { $0 == 0x0A || $0 == 0x0D }) {
            for line in json.split(whereSeparator: { $0 == 0x0A || $0 == 0x0D }) {
                if out.last == 0x0A { out.append(contentsOf: "data: ".utf8) }
                out.append(contentsOf: line)
                out.append(0x0A)
            }
        } else {
            out.append(contentsOf: json)
            out.append(0x0A)
        }
        out.append(0x0A)
        return out
    }

    /// Milliseconds that a client shall wait before it comes back.
    static let retry = 1_000

    /// An event with an id and no data, from which a client may resume (2025-11-25, Transports).
    static func priming(id: String) -> [UInt8] { Array("id: \(id)\nretry: \(retry)\ndata: \n\n".utf8) }
}
