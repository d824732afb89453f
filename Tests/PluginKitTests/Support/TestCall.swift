import PluginAPI
import PluginKit
import Synchronization

/// A call as a host makes it; what the plugin does with it is recorded.
final class TestCall: Sendable {
    struct Ending: Sendable {
        var outcome: Outcome
        var last: String
    }

    private struct State: Sendable {
        var emitted: [(kind: UInt32, data: String)] = []
        var endings: [Ending] = []
        var answer = Flow.go
        var waiting: [CheckedContinuation<Ending, Never>] = []
    }

    let id: UInt64
    private let state = Mutex(State())
    private static let all = Mutex<[UInt64: TestCall]>([:])
    private static let next = Atomic<UInt64>(1)

    init() {
        id = Self.next.add(1, ordering: .relaxed).newValue
        Self.all.withLock { $0[id] = self }
    }

    var messages: [String] { state.withLock { $0.emitted.filter { $0.kind == 1 }.map(\.data) } }
    var chunks: [String] { state.withLock { $0.emitted.filter { $0.kind == 2 }.map(\.data) } }
    var progress: [String] { state.withLock { $0.emitted.filter { $0.kind == 3 }.map(\.data) } }
    /// How often it was resolved.
    var endings: [Ending] { state.withLock { $0.endings } }
    /// The first end, or `nil` while there is none.
    var ending: Ending? { endings.first }
    var outcome: Outcome? { ending?.outcome }

    func answer(_ flow: Flow) { state.withLock { $0.answer = flow } }

    /// The end, once it is there.
    func ended() async -> Ending {
        await withCheckedContinuation { continuation in
            let now = state.withLock { state -> Ending? in
                if state.endings.isEmpty { state.waiting.append(continuation) }
                return state.endings.first
            }
            if let now { continuation.resume(returning: now) }
        }
    }

    /// Makes the C call for the time of `body`.
    func lent(
        deadline: UInt64 = 0, identity: UInt64 = 0, headers: [(String, String)] = [],
        _ body: (UnsafePointer<vmcp_call>) -> Void
    ) {
        lend(headers) { headers, count in
            var call = vmcp_call()
            call.struct_size = UInt32(MemoryLayout<vmcp_call>.size)
            call.id = id
            call.deadline_ms = deadline
            call.identity = identity
            call.headers = headers
            call.header_count = count
            call.context = UnsafeMutableRawPointer(bitPattern: UInt(id))
            call.emit = { context, kind, data in
                let data = data.string
                return TestCall.of(context).state.withLock { state in
                    state.emitted.append((kind, data))
                    return state.answer.rawValue
                }
            }
            call.resolve = { context, outcome, last in
                guard let outcome else { return }
                let ending = Ending(outcome: read(outcome.pointee), last: last.string)
                let waiting = TestCall.of(context).state.withLock { state in
                    state.endings.append(ending)
                    defer { state.waiting = [] }
                    return state.waiting
                }
                for continuation in waiting { continuation.resume(returning: ending) }
            }
            body(&call)
        }
    }

    private static func of(_ context: UnsafeMutableRawPointer?) -> TestCall {
        let id = UInt64(UInt(bitPattern: context))
        return all.withLock { $0[id] }.unsafelyUnwrapped
    }
}

func read(_ outcome: vmcp_outcome) -> Outcome {
    Outcome(
        Status(rawValue: outcome.status) ?? .internalError, outcome.message.string,
        notSent: outcome.flags & UInt32(VMCP_NOT_SENT) != 0,
        sessionLost: outcome.flags & UInt32(VMCP_SESSION_LOST) != 0, httpStatus: Int(outcome.http_status),
        retryAfter: outcome.retry_after_ms, challenge: outcome.challenge.string)
}

/// A session's sink as a host makes it.
final class TestSink: Sendable {
    private struct State: Sendable {
        var messages: [String] = []
        var lost: [Outcome] = []
        var answer = Flow.go
    }

    private let number: UInt64
    private let state = Mutex(State())
    private static let all = Mutex<[UInt64: TestSink]>([:])
    private static let next = Atomic<UInt64>(1)

    init() {
        number = Self.next.add(1, ordering: .relaxed).newValue
        Self.all.withLock { $0[number] = self }
    }

    var messages: [String] { state.withLock { $0.messages } }
    var lost: [Outcome] { state.withLock { $0.lost } }
    func answer(_ flow: Flow) { state.withLock { $0.answer = flow } }

    func lent(_ body: (UnsafePointer<vmcp_session_sink>) -> Void) {
        var sink = vmcp_session_sink()
        sink.struct_size = UInt32(MemoryLayout<vmcp_session_sink>.size)
        sink.context = UnsafeMutableRawPointer(bitPattern: UInt(number))
        sink.message = { context, message in
            let message = message.string
            return TestSink.of(context).state.withLock { state in
                state.messages.append(message)
                return state.answer.rawValue
            }
        }
        sink.lost = { context, outcome in
            guard let outcome else { return }
            let found = read(outcome.pointee)
            TestSink.of(context).state.withLock { $0.lost.append(found) }
        }
        body(&sink)
    }

    private static func of(_ context: UnsafeMutableRawPointer?) -> TestSink {
        let number = UInt64(UInt(bitPattern: context))
        return all.withLock { $0[number] }.unsafelyUnwrapped
    }
}
