import PluginAPI

/// Time, on the monotonic clock of deadlines.
public struct TimerService: Sendable {
    let host: HostHandle
    let table: vmcp_timer?
    let callbacks: CallbackTable

    /// Milliseconds since an arbitrary point in the past; 0 when the host has no such service.
    public var now: UInt64 { table?.now_ms?(host.pointer) ?? 0 }

    /// Calls `action` once, `delay` milliseconds from now, on a thread of the host; it must not block.
    ///
    /// Not called when the instance is destroyed before, or when the host has no such service.
    @discardableResult
    public func after(_ delay: UInt64, _ action: @escaping @Sendable () -> Void) -> PendingTimer {
        guard let after = table?.after else { return PendingTimer(cancelAction: { false }) }
        let callback = callbacks.add(action)
        let timer = after(host.pointer, delay, callback.context) { context in
            guard let callback = CallbackTable.Callback.borrowed(context) else { return }
            callback.remove()
            callback.run()
        }
        return PendingTimer { [self, weak callback] in
            // The timer fired, or was cancelled before: the host has nothing to look for.
            guard let callback, table?.cancel?(host.pointer, timer) == 1 else { return false }
            callback.remove()
            return true
        }
    }
}

/// A timer that was set.
public struct PendingTimer: Sendable {
    let cancelAction: @Sendable () -> Bool

    /// Takes it back.
    ///
    /// - Returns: `true` when its action will not be called any more.
    @discardableResult
    public func cancel() -> Bool { cancelAction() }
}
