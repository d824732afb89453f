import HostServices
import Logging
import Synchronization

/// A child of the tests: keeps its output and tells when it ends.
final class RunningProcess: Sendable {
    struct End: Sendable, Equatable {
        var code: Int32
        var signal: Int32
    }

    let id: UInt64
    private let service: ProcessService
    let sink: ProcessRecorder

    init(
        _ spec: ProcessSpec, _ service: ProcessService = Shared.hub.processes,
        logger: Logger = Logger(label: "tests") { _ in SwiftLogNoOpLogHandler() },
        answer: @escaping @Sendable (OutputStream, Int) -> SinkAnswer = { _, _ in .go }
    ) throws {
        self.service = service
        id = service.nextProcess()
        sink = ProcessRecorder(answer: answer)
        try service.spawn(id, spec, sink: sink, logger: logger)
    }

    @discardableResult
    func write(_ text: String) -> SinkAnswer { Array(text.utf8).withUnsafeBytes { service.write(id, $0) } }

    func closeInput() { service.closeInput(id) }

    func resume(_ stream: OutputStream) { service.resume(id, stream) }

    func stop(grace: UInt64) { service.stop(id, grace: grace) }

    /// The next piece of standard output; nil at the end.
    func line() async -> String? { await sink.next() }

    func end() async -> End { await sink.end() }
}

/// A process sink that keeps what comes.
final class ProcessRecorder: ProcessSink {
    private struct State {
        var pieces: [OutputStream: [[UInt8]]] = [:]
        var taken = 0
        var drains = 0
        var ended: RunningProcess.End?
        var waiting: [@Sendable () -> Void] = []
    }

    private let state = Mutex(State())
    private let answer: @Sendable (OutputStream, Int) -> SinkAnswer

    init(answer: @escaping @Sendable (OutputStream, Int) -> SinkAnswer) { self.answer = answer }

    func pieces(_ stream: OutputStream) -> [String] {
        state.withLock { state in (state.pieces[stream] ?? []).map { String(decoding: $0, as: UTF8.self) } }
    }

    func bytes(_ stream: OutputStream) -> Int {
        state.withLock { ($0.pieces[stream] ?? []).reduce(0) { $0 + $1.count } }
    }

    func next() async -> String? {
        await until { $0.ended != nil || ($0.pieces[.standardOutput]?.count ?? 0) > $0.taken }
        return state.withLock { state in
            guard let pieces = state.pieces[.standardOutput], pieces.count > state.taken else { return nil }
            defer { state.taken += 1 }
            return String(decoding: pieces[state.taken], as: UTF8.self)
        }
    }

    func end() async -> RunningProcess.End {
        await until { $0.ended != nil }
        return state.withLock { $0.ended } ?? RunningProcess.End(code: -1, signal: -1)
    }

    func drained(times: Int) async { await until { $0.drains >= times || $0.ended != nil } }

    var hasEnded: Bool { state.withLock { $0.ended != nil } }

    private func until(_ condition: (State) -> Bool) async {
        while true {
            let isThere = await withCheckedContinuation { (continuation: CheckedContinuation<Bool, Never>) in
                let known = state.withLock { state in
                    if condition(state) { return true }
                    state.waiting.append { continuation.resume(returning: false) }
                    return false
                }
                if known { continuation.resume(returning: true) }
            }
            if isThere { return }
        }
    }

    private func change(_ body: (inout State) -> Void) {
        let waiting = state.withLock { state in
            body(&state)
            defer { state.waiting = [] }
            return state.waiting
        }
        for resume in waiting { resume() }
    }

    func output(_ stream: OutputStream, _ data: UnsafeRawBufferPointer) -> SinkAnswer {
        let bytes = Array(data)
        change { $0.pieces[stream, default: []].append(bytes) }
        return answer(stream, state.withLock { $0.pieces[stream]?.count ?? 0 })
    }

    func exited(code: Int32, signal: Int32) { change { $0.ended = .init(code: code, signal: signal) } }

    func drained() { change { $0.drains += 1 } }
}
