import Gateway
import HostHTTP
import HostOptimizer
import Synchronization

/// What may change while the gateway runs and is asked for by those who answer requests: the gate and what the status shows.
final class LiveParts: RequestGate {
    private struct State {
        var group: String
        var index: ToolIndex?
        var gate: any RequestGate
        var reload: ReloadStatus?
        var isEnding = false
    }

    private let state: Mutex<State>

    /// - Parameters:
    ///   - group: The MCPGroup that is served.
    ///   - index: With the optimizer.
    init(group: String, index: ToolIndex?, gate: any RequestGate) {
        state = Mutex(State(group: group, index: index, gate: gate))
    }

    var group: String { state.withLock { $0.group } }
    var index: ToolIndex? { state.withLock { $0.index } }
    var reload: ReloadStatus? { state.withLock { $0.reload } }
    /// Whether the gateway was told to end.
    var isEnding: Bool { state.withLock { $0.isEnding } }

    func end() { state.withLock { $0.isEnding = true } }
    func set(_ reload: ReloadStatus) { state.withLock { $0.reload = reload } }

    func set(group: String, index: ToolIndex?) {
        state.withLock { ($0.group, $0.index) = (group, index) }
    }

    /// Who may call from now on.
    func set(_ gate: any RequestGate) { state.withLock { $0.gate = gate } }

    // MARK: - RequestGate

    private var gate: any RequestGate { state.withLock { $0.gate } }

    func judge(_ head: HTTPRequest) -> GateVerdict? { gate.judge(head) }
    func admit(_ request: HTTPRequest) async -> GateVerdict { await gate.admit(request) }
    func document(for request: HTTPRequest) -> HTTPResponse? { gate.document(for: request) }
}
