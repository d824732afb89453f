import PluginKit
import Synchronization

/// One life of a server that listens on a port.
final class PortLife: ServerHandler {
    /// Milliseconds between end of input and SIGTERM, and again until SIGKILL.
    private static let grace: UInt64 = 2_000

    private struct State: Sendable {
        var process: (any RunningServer)?
        var isStopping = false
        var reachedAt: Int?
        /// Why it is stopped, when that tells more than how it ends.
        var reason: String?
        var startedAt: UInt64
    }

    /// Where the server is to listen.
    let port: Int
    private let host: HostServices
    private let words: LastWords
    private let state: Mutex<State>
    private let onExit: @Sendable (PortLife, String) -> Void

    /// - Parameter isElsewhere: The server is reached at another port, which is told later.
    init(
        port: Int, isElsewhere: Bool, host: HostServices, onExit: @escaping @Sendable (PortLife, String) -> Void
    ) {
        self.port = port
        self.host = host
        self.onExit = onExit
        state = Mutex(State(reachedAt: isElsewhere ? nil : port, startedAt: host.timer.now))
        words = LastWords(host: host)
    }

    /// Where the server is reached; nil until that is known.
    var reachedAt: Int? { state.withLock { $0.reachedAt } }
    /// When it was launched, in the milliseconds of the host's timer.
    var startedAt: UInt64 { state.withLock { $0.startedAt } }

    /// Starts the server, unless it is not wanted any more.
    func launch(_ runtime: any Runtime) throws(PluginError) {
        let now = host.timer.now
        let isUnwanted = state.withLock { state in
            state.startedAt = now
            return state.isStopping
        }
        if isUnwanted { return onExit(self, "closed while it was starting") }
        let process = try runtime.launch(port: port, handler: self)
        let isStopping = state.withLock { state in
            state.process = process
            return state.isStopping
        }
        if isStopping { process.stop(grace: Self.grace) }
    }

    /// - Parameter reason: Why, when it is to be told instead of how the server ended.
    func stop(_ reason: String? = nil) {
        let process = state.withLock { state in
            state.isStopping = true
            state.reason = reason
            return state.process
        }
        process?.stop(grace: Self.grace)
    }

    func output(_ stream: ProcessStream, _ data: RawSpan) -> Flow {
        words.take(data, from: stream)
        return .go
    }

    func exited(code: Int, signal: Int) { ended(LastWords.how(code: code, signal: signal)) }
    func listening(on port: Int) { state.withLock { $0.reachedAt = port } }
    func ended(_ how: String) { onExit(self, words.end(state.withLock { $0.reason } ?? how)) }
}
