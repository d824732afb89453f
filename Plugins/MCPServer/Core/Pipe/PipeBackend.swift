import PluginKit
import Synchronization

/// Servers over pipes: a process for each session.
final class PipeBackend: Serving {
    private struct State: Sendable {
        var sessions: [UInt64: PipeSession] = [:]
        var isQuiescing = false
        var quiescence: Call?
    }

    private let runtime: any Runtime
    private let host: HostServices
    private let restarts: Restarts
    private let state = Mutex(State())

    init(_ runtime: any Runtime, _ host: HostServices) {
        self.runtime = runtime
        self.host = host
        restarts = Restarts(host: host)
    }

    let traits: BackendTraits = [.shareable, .answersOnSession]
    let listens = false
    var processes: Int { state.withLock { $0.sessions.count } }
    var sessions: Int { processes }

    func check(_ done: @escaping @Sendable () -> Void) {
        runtime.check { [restarts] error in
            if let error { restarts.refused(error) }
            done()
        }
    }

    func open(_ session: UInt64, parameters: SessionParameters, sink: SessionSink, call: Call) {
        restarts.whenAllowed(call) { [self] in start(session, sink, call) }
    }

    private func start(_ session: UInt64, _ sink: SessionSink, _ call: Call) {
        let made = PipeSession(host: host, restarts: restarts, sink: sink) { [weak self] in self?.exited(session) }
        let isAdmitted = state.withLock { state in
            guard !state.isQuiescing else { return false }
            state.sessions[session] = made
            return true
        }
        guard isAdmitted else {
            call.resolve(Outcome(.unavailable, "the backend is being shut down", notSent: true))
            return
        }
        call.progress("starting \(runtime.summary)")
        runtime.prepare(progress: { call.progress($0) }) { [self] error in
            if let error { refused(made, call, error) } else { launch(made, call) }
        }
    }

    private func refused(_ made: PipeSession, _ call: Call, _ error: PluginError) {
        restarts.refused(error)
        made.forgo(error.message)
        call.resolve(Outcome(error.status, error.message, notSent: true))
    }

    private func launch(_ made: PipeSession, _ call: Call) {
        do {
            try made.launch(runtime)
        } catch {
            return refused(made, call, error)
        }
        // A call that was cancelled meanwhile opens nothing: the host will not close it.
        if !call.resolve() { made.close(nil) }
    }

    func send(_ session: UInt64, message: RawSpan, call: Call) {
        guard let found = state.withLock({ $0.sessions[session] }) else {
            call.resolve(Outcome(.unavailable, "the server is not running", notSent: true, sessionLost: true))
            return
        }
        found.send(message, call: call)
    }

    func listen(_ session: UInt64, call: Call) {
        call.resolve(Outcome(.unsupported, "everything arrives on the pipe of the session", notSent: true))
    }

    func close(_ session: UInt64, call: Call) {
        guard let found = state.withLock({ $0.sessions[session] }) else {
            call.resolve()
            return
        }
        found.close(call)
    }

    func resume(_ session: UInt64) { state.withLock { $0.sessions[session] }?.resume() }

    func quiesce(_ call: Call) {
        let sessions = state.withLock { state in
            state.isQuiescing = true
            if !state.sessions.isEmpty { state.quiescence = call }
            return Array(state.sessions.values)
        }
        guard !sessions.isEmpty else {
            call.resolve()
            return
        }
        runtime.cancel()
        for session in sessions { session.close(nil) }
    }

    private func exited(_ session: UInt64) {
        let quiescence = state.withLock { state -> Call? in
            state.sessions[session] = nil
            guard state.sessions.isEmpty else { return nil }
            defer { state.quiescence = nil }
            return state.quiescence
        }
        quiescence?.resolve()
    }
}
