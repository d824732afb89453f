import PluginAPI

/// `vmcp.timer/1`.
enum TimerTable {
    static let table = vmcp_timer(
        struct_size: UInt32(MemoryLayout<vmcp_timer>.size), reserved: 0,
        now_ms: { _ in MonotonicInstant.now.milliseconds },
        after: { host, delay, context, fired in
            guard let instance = HostTable.instance(of: host), let fired else { return 0 }
            let timer = instance.hub.timers.nextTimer()
            switch instance.ledger.begin(.timer(timer)) {
            case .drop: break
            case .cancelAtOnce: instance.ledger.end(.timer(timer))
            case .start:
                let context = PluginContext(pointer: context)
                instance.hub.timers.start(timer, after: delay) {
                    fired(context.pointer)
                    instance.ledger.end(.timer(timer))
                }
            }
            return timer
        },
        cancel: { host, timer in
            guard let instance = HostTable.instance(of: host), instance.ledger.contains(.timer(timer)),
                instance.hub.timers.cancel(timer)
            else { return 0 }
            instance.ledger.end(.timer(timer))
            return 1
        })
}
