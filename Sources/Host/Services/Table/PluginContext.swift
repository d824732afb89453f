/// The `context` that a plugin wants back.
///
/// `@unchecked`: the host passes the pointer on and never follows it; the header tells plugins that it comes back on
/// threads of the host.
struct PluginContext: @unchecked Sendable {
    let pointer: UnsafeMutableRawPointer?
}
