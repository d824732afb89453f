import Synchronization

/// What the callbacks of one call told, or of one handle while it is open.
final class CallbackRun: Sendable {
    private struct State {
        var items: [Value] = []
        var isCut = false
        var failure: CallFailure?
    }

    private let callback: CallbackDescription
    /// Where the callbacks of a handle go, which has no answer that could hold them.
    private let onEvent: (@Sendable (_ callback: String, Value) -> Void)?
    private let state = Mutex(State())

    init(_ callback: CallbackDescription, onEvent: (@Sendable (_ callback: String, Value) -> Void)?) {
        self.callback = callback
        self.onEvent = onEvent
    }

    /// Takes one call of the library, from any thread.
    /// - Returns: What the library is answered.
    func handle(_ arguments: Result<Value, CallFailure>) -> Int64 {
        if let onEvent {
            if case .success(let value) = arguments { onEvent(callback.name, value) }
            return callback.answer
        }
        return state.withLock { state in
            switch arguments {
            case .failure(let failure):
                state.failure = state.failure ?? failure
                return callback.stop ?? callback.answer
            case .success(let value):
                guard state.items.count < callback.limit else {
                    state.isCut = true
                    return callback.stop ?? callback.answer
                }
                state.items.append(value)
                return callback.answer
            }
        }
    }

    /// Whether the library was told to stop because there were more calls than the limit.
    var wasStopped: Bool { callback.stop != nil && state.withLock { $0.isCut } }

    /// What goes into the answer of the call: all that was told, and whether there was more.
    func members(_ name: String) -> [Member] {
        state.withLock { state in
            var members = [Member(name, .list(state.items))]
            if state.isCut { members.append(Member("\(name)_cut", .bool(true))) }
            return members
        }
    }
}
