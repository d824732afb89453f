import Synchronization

/// Where an instance says how it is, which it may do before `create` has returned.
final class StatusBoard: Sendable {
    private let state = Mutex(ReportedState.ready)
    private let onChange: @Sendable (ReportedState) -> Void

    init(onChange: @escaping @Sendable (ReportedState) -> Void) { self.onChange = onChange }

    var current: ReportedState { state.withLock { $0 } }

    func set(_ new: ReportedState) {
        let changed = state.withLock { state in
            defer { state = new }
            return state != new
        }
        if changed { onChange(new) }
    }
}
