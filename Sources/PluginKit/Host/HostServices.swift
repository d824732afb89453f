public import PluginAPI

/// What the host offers an instance, from the time it is made until it is destroyed.
///
/// A service that this host does not have answers ``Status/unsupported``, or does nothing where there is no answer.
public final class HostServices: Sendable {
    /// Version of the gateway.
    public let version: String
    /// Log lines.
    public let log: LogService
    /// HTTP requests.
    public let http: HTTPService
    /// Time.
    public let timer: TimerService
    /// Secret values behind handles.
    public let secrets: SecretsService
    /// Who a call is for.
    public let identity: IdentityService
    /// Supervised children.
    public let process: ProcessService
    /// Figures.
    public let metrics: MetricsService
    /// How the instance is.
    public let state: StateService

    private let callbacks = CallbackTable()

    /// Wraps the table that `vmcp_plugin.create` gets. Authors need it only for tests against a table of their own.
    public init(_ host: UnsafePointer<vmcp_host>) {
        let handle = HostHandle(pointer: host)
        let table = copyOfTable(host, as: vmcp_host())
        version = table.version.map { String(cString: $0) } ?? ""
        log = LogService(host: handle, table: handle.service(VMCP_LOG, as: vmcp_log()))
        http = HTTPService(host: handle, table: handle.service(VMCP_HTTP, as: vmcp_http()))
        timer = TimerService(host: handle, table: handle.service(VMCP_TIMER, as: vmcp_timer()), callbacks: callbacks)
        secrets = SecretsService(
            host: handle, table: handle.service(VMCP_SECRETS, as: vmcp_secrets()), callbacks: callbacks)
        identity = IdentityService(host: handle, table: handle.service(VMCP_IDENTITY, as: vmcp_identity()))
        process = ProcessService(host: handle, table: handle.service(VMCP_PROCESS, as: vmcp_process()))
        metrics = MetricsService(host: handle, table: handle.service(VMCP_METRICS, as: vmcp_metrics()))
        state = StateService(host: handle, table: handle.service(VMCP_STATE, as: vmcp_state()))
    }

    /// Lets go of what timers and watches would have called.
    func retire() { callbacks.removeAll() }
}

/// The host's table, passed back with each call of a service.
struct HostHandle: @unchecked Sendable {
    // The ABI: valid until destroy() returns, and every function of it is [thread-safe].
    let pointer: UnsafePointer<vmcp_host>

    /// A copy of a service's table, or `nil` when this host does not have it.
    func service<Table: BitwiseCopyable>(_ id: String, as zero: Table) -> Table? {
        guard let found = pointer.pointee.service?(pointer, id) else { return nil }
        return copyOfTable(found.assumingMemoryBound(to: Table.self), as: zero)
    }
}
