/// A kind of server in the pairing matrix: a generation of the official SDK on a transport.
struct PeerServer: Sendable, Hashable {
    /// The backend's name, and so the prefix of all it offers.
    let name: String
    let sdk: Places.SDK
    let transport: String
    /// Refuses `initialize`.
    var isModernOnly = false
    /// Runs by itself, and is said to speak streamable HTTP whatever it speaks.
    var isMistaken = false

    static let all = [
        PeerServer(name: "first-stdio", sdk: .first, transport: "stdio"),
        PeerServer(name: "first-http", sdk: .first, transport: "streamable-http"),
        PeerServer(name: "first-sse", sdk: .first, transport: "sse"),
        PeerServer(name: "first-mistaken", sdk: .first, transport: "sse", isMistaken: true),
        PeerServer(name: "second-stdio", sdk: .second, transport: "stdio"),
        PeerServer(name: "second-http", sdk: .second, transport: "streamable-http"),
        PeerServer(name: "modern-stdio", sdk: .second, transport: "stdio", isModernOnly: true),
        PeerServer(name: "modern-http", sdk: .second, transport: "streamable-http", isModernOnly: true),
    ]

    /// A name of the server's as the gateway offers it.
    func offered(_ name: String) -> JSON { .string("\(self.name)_\(name)") }

    /// A URI of the server's.
    func uri(_ path: String) -> JSON { .string("\(name)://\(path)") }

    func call(_ tool: String, _ arguments: JSON = [:]) -> JSON { ["call", offered(tool), arguments] }
}
