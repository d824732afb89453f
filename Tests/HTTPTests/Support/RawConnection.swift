import Glibc
import NIOCore
import NIOPosix
import Synchronization

/// An answer as it stood on the wire.
struct RawResponse: Sendable {
    var status: Int
    /// Names in lower case.
    var headers: [(name: String, value: String)]
    var body: String

    subscript(_ name: String) -> String? { headers.first { $0.name == name }?.value }
}

/// A TCP connection for tests: writes any bytes, and reads answers as they come.
final class RawConnection: Sendable {
    struct Closed: Error {}

    private struct State {
        var received: [UInt8] = []
        var isClosed = false
        /// Counts what came, so that nothing is missed between looking and waiting.
        var changes = 0
        var waiter: CheckedContinuation<Void, Never>?
    }

    private final class Collector: ChannelInboundHandler, Sendable {
        typealias InboundIn = ByteBuffer
        let connection: RawConnection
        init(_ connection: RawConnection) { self.connection = connection }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let bytes = unwrapInboundIn(data)
            connection.change { $0.received.append(contentsOf: bytes.readableBytesView) }
        }
        func channelInactive(context: ChannelHandlerContext) { connection.change { $0.isClosed = true } }
        func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
            if case ChannelEvent.inputClosed = event { connection.change { $0.isClosed = true } }
        }
        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }

    private let state = Mutex(State())
    private let channel = Mutex<(any Channel)?>(nil)

    static func open(port: Int, host: String = "127.0.0.1", reading: Bool = true) async throws -> RawConnection {
        let connection = RawConnection()
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.autoRead, value: reading)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .channelOption(.socketOption(.so_rcvbuf), value: reading ? 212_992 : 4096)
            .channelInitializer { channel in channel.pipeline.addHandler(Collector(connection)) }
            .connect(host: host, port: port).get()
        connection.channel.withLock { $0 = channel }
        return connection
    }

    func send(_ text: String) async throws { try await send(Array(text.utf8)) }

    func send(_ bytes: [UInt8]) async throws {
        guard let channel = channel.withLock({ $0 }) else { throw Closed() }
        try await channel.writeAndFlush(ByteBuffer(bytes: bytes)).get()
    }

    /// Begins to read, on a connection that was opened without.
    func startReading() async throws {
        try await channel.withLock { $0 }?.setOption(.autoRead, value: true).get()
    }

    /// Closes our sending side only.
    func closeOutput() async throws { try await channel.withLock { $0 }?.close(mode: .output).get() }

    func close() async throws {
        do { try await channel.withLock { $0 }?.close().get() } catch ChannelError.alreadyClosed {}
    }

    /// Closes so that the other side gets a reset, at once.
    func reset() async throws {
        let options = channel.withLock { $0 } as? any SocketOptionProvider
        try await options?.setSoLinger(linger(l_onoff: 1, l_linger: 0)).get()
        try await close()
    }

    /// Returns when the server has closed its side; what came before it is dropped.
    func closed() async { await wait { $0.isClosed ? true : nil } }

    /// Reads one answer to its end; the answer to HEAD, and 100, have no body.
    func response(toHead: Bool = false) async throws -> RawResponse {
        var response = try await head()
        if toHead || response.status == 204 || response.status == 100 { return response }
        if let length = response["content-length"].flatMap({ Int($0) }) {
            response.body = String(decoding: try await take(length), as: UTF8.self)
        } else if response["transfer-encoding"] == "chunked" {
            while let chunk = try await chunk() { response.body += chunk }
        } else {
            await closed()
            response.body = String(decoding: state.withLock { $0.received }, as: UTF8.self)
        }
        return response
    }

    /// Reads the head of an answer.
    func head() async throws -> RawResponse {
        let lines = String(decoding: try await takeLine("\r\n\r\n"), as: UTF8.self).split(separator: "\r\n")
        let status = Int(lines[0].split(separator: " ")[1]) ?? 0
        let headers = lines.dropFirst().map { line -> (name: String, value: String) in
            let parts = line.split(separator: ":", maxSplits: 1)
            return (parts[0].lowercased(), String(parts[1].drop { $0 == " " }))
        }
        return RawResponse(status: status, headers: headers, body: "")
    }

    /// Reads one chunk of a chunked body; `nil` for the last one.
    func chunk() async throws -> String? {
        let line = String(decoding: try await takeLine("\r\n"), as: UTF8.self)
        let bytes = try await take((Int(line, radix: 16) ?? 0) + 2)
        return bytes.count == 2 ? nil : String(decoding: bytes.dropLast(2), as: UTF8.self)
    }

    private func take(_ count: Int) async throws -> [UInt8] {
        let bytes = await wait { state -> [UInt8]?? in
            guard state.received.count >= count else { return state.isClosed ? .some(nil) : nil }
            defer { state.received.removeFirst(count) }
            return Array(state.received.prefix(count))
        }
        guard let bytes else { throw Closed() }
        return bytes
    }

    /// What comes before `end`, which is taken too.
    private func takeLine(_ end: String) async throws -> [UInt8] {
        let end = Array(end.utf8)
        let line = await wait { state -> [UInt8]?? in
            guard let range = state.received.firstRange(of: end) else { return state.isClosed ? .some(nil) : nil }
            defer { state.received.removeFirst(range.upperBound) }
            return Array(state.received[..<range.lowerBound])
        }
        guard let line else { throw Closed() }
        return line
    }

    private func change(_ body: (inout State) -> Void) {
        let waiter = state.withLock { state in
            body(&state)
            state.changes += 1
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume()
    }

    @discardableResult
    private func wait<Value: Sendable>(_ take: (inout State) -> Value?) async -> Value {
        while true {
            let (value, seen) = state.withLock { (take(&$0), $0.changes) }
            if let value { return value }
            await withCheckedContinuation { continuation in
                let isReady = state.withLock { state in
                    if state.changes == seen { state.waiter = continuation }
                    return state.changes != seen
                }
                if isReady { continuation.resume() }
            }
        }
    }
}
