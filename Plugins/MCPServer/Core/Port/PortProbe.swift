import PluginKit
import Synchronization

/// Asks a port until something answers there in HTTP.
final class PortProbe: HTTPHandler {
    /// Milliseconds that one question may take.
    private static let patience: UInt64 = 2_000

    private let answered = Mutex(false)
    private let done: @Sendable (Bool) -> Void

    private init(_ done: @escaping @Sendable (Bool) -> Void) { self.done = done }

    /// Asks once; `done` gets whether something answered.
    static func ask(port: Int, host: HostServices, done: @escaping @Sendable (Bool) -> Void) {
        // HEAD of the root: no MCP server keeps a stream open or begins a session for that.
        var request = HTTPRequest("HEAD", "http://127.0.0.1:\(port)/")
        request.options = [.allowPrivate]
        request.connectTimeout = patience
        request.totalTimeout = patience
        host.http.request(request, handler: PortProbe(done))
    }

    func head(_ head: borrowing HTTPHead) -> Flow {
        answered.withLock { $0 = true }
        return .go
    }

    func body(_ data: RawSpan) -> Flow { .go }

    func ended(_ outcome: Outcome) {
        // A server that takes the question and thinks for long is there all the same.
        let isThinking = outcome.status == .timeout && !outcome.notSent
        done(answered.withLock { $0 } || isThinking)
    }
}
