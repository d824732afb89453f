import PluginKit
import Synchronization

/// One life of a server that listens on a port.
final class PortLife: ProcessHandler {
    /// Milliseconds between end of input and SIGTERM, and again until SIGKILL.
    private static let grace: UInt64 = 2_000

    private struct State: Sendable {
        var process: (any RunningServer)?
        var isStopping = false
    }

    let port: Int
    let startedAt: UInt64
    private let words: LastWords
    private let state = Mutex(State())
    private let onExit: @Sendable (PortLife, String) -> Void

    init(port: Int, host: HostServices, onExit: @escaping @Sendable (PortLife, String) -> Void) {
        self.port = port
        self.onExit = onExit
        startedAt = host.timer.now
        words = LastWords(host: host)
    }

    func launch(_ runtime: any Runtime) throws(PluginError) {
        let process = try runtime.launch(port: port, handler: self)
        let isStopping = state.withLock { state in
            state.process = process
            return state.isStopping
        }
        if isStopping { process.stop(grace: Self.grace) }
    }

    func stop() {
        let process = state.withLock { state in
            state.isStopping = true
            return state.process
        }
        process?.stop(grace: Self.grace)
    }

    func output(_ stream: ProcessStream, _ data: RawSpan) -> Flow {
        words.take(data, from: stream)
        return .go
    }

    func exited(code: Int, signal: Int) { onExit(self, words.end(code: code, signal: signal)) }
}
