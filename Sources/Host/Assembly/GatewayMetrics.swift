import Gateway
import HostHTTP
import HostServices

/// The gateway's own numbers, for the metrics service. Names that begin with `toolhive_` are ToolHive's, so that its dashboards
/// fit; the others are ours.
struct GatewayMetrics {
    let server: VirtualServer
    let http: NIOHTTPServer

    var series: [MetricsRegistry.Series: MetricsRegistry.Value] {
        var found: [MetricsRegistry.Series: MetricsRegistry.Value] = [:]
        func add(_ name: String, _ value: MetricsRegistry.Value, _ labels: [String: String] = [:]) {
            found[MetricsRegistry.Series(name: name, labels: labels)] = value
        }
        add("vmcp_connections", .gauge(Double(http.connectionCount)))
        add("vmcp_sessions", .gauge(Double(server.sessions.count)))
        add("vmcp_calls_in_flight", .gauge(Double(server.load.inFlight)))
        add("vmcp_parked_calls", .gauge(Double(server.parkedCalls)))
        add("vmcp_workflow_runs", .gauge(Double(server.workflowStates.count { !$0.status.isOver })))
        let statuses = server.keeper.statuses
        add("toolhive_vmcp_backends_discovered", .gauge(Double(statuses.count)))
        for status in statuses {
            guard let figures = server.figures(of: status.name) else { continue }
            let backend = ["backend": status.name]
            add("vmcp_backend_up", .gauge(status.phase == .ready ? 1 : 0), backend)
            add("vmcp_backend_failures", .gauge(Double(status.vitals.consecutiveFailures)), backend)
            add("vmcp_backend_circuit_open", .gauge(status.vitals.circuit == .closed ? 0 : 1), backend)
            add("vmcp_backend_calls_in_flight", .gauge(Double(figures.inFlight)), backend)
            add("vmcp_calls_shed_total", .counter(Double(figures.shed)), backend)
            add("vmcp_calls_cancelled_total", .counter(Double(figures.cancelled)), backend)
            let target = [
                "target_workload_id": status.name, "target_workload_name": status.name,
                "target_transport_type": status.transport,
            ]
            let ended = figures.answered + figures.failed + figures.cancelled
            add("toolhive_vmcp_backend_requests_total", .counter(Double(ended)), target)
            add("toolhive_vmcp_backend_errors_total", .counter(Double(figures.failed)), target)
            add(
                "toolhive_vmcp_backend_requests_duration_seconds",
                .histogram(counts: figures.durations, sum: Double(figures.duration) / 1_000), target)
        }
        return found
    }
}
