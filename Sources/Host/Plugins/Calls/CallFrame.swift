import Gateway
import PluginAPI

/// Makes the `vmcp_call` that a plugin borrows.
enum CallFrame {
    static func with(_ number: ContextNumber, _ context: CallContext, _ body: (UnsafePointer<vmcp_call>) -> Void) {
        var call = vmcp_call()
        call.struct_size = UInt32(MemoryLayout<vmcp_call>.size)
        call.id = number.rawValue
        call.deadline_ms = context.deadline
        call.idle_ms = context.idle
        call.identity = context.identity
        call.context = number.context
        call.emit = PluginCallbacks.emit
        call.resolve = PluginCallbacks.resolve
        Lending.with(context.headers) { headers, count in
            call.headers = headers
            call.header_count = count
            Lending.with(context.traceParent) { parent in
                call.trace_parent = parent
                Lending.with(context.traceState) { state in
                    call.trace_state = state
                    withUnsafePointer(to: call, body)
                }
            }
        }
    }
}
