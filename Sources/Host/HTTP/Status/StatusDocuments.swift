import Gateway

/// Renders the documents beside the MCP endpoint, members in the order shown there.
enum StatusDocuments {
    static func readiness(_ readiness: Readiness) -> HTTPResponse {
        var json = JSONObject()
        switch readiness {
        case .ready(let mode):
            json.add("status", "ready")
            json.add("mode", mode)
            return .json(200, json.text)
        case .notReady(let mode, let reason):
            json.add("status", "not_ready")
            json.add("mode", mode)
            json.add("reason", reason)
            return .json(503, json.text)
        }
    }

    static func status(_ status: GatewayStatus) -> [UInt8] {
        var json = JSONObject()
        json.add("backends", raw: array(status.backends.map(backend)))
        json.add("healthy", raw: Array(status.isHealthy ? "true".utf8 : "false".utf8))
        json.add("version", status.version)
        json.add("group_ref", status.groupRef)
        if let runs = status.workflows {
            var counts = JSONObject()
            for state in WorkflowState.Status.allCases { counts.add(state.rawValue, runs[state] ?? 0) }
            json.add("workflows", raw: counts.text)
        }
        if let reload = status.reload { json.add("reload", raw: self.reload(reload)) }
        if let search = status.optimizer { json.add("optimizer", raw: optimizer(search)) }
        return json.text
    }

    static func health(_ records: [BackendHealthRecord]?) -> [UInt8] {
        guard let records else { return Array(#"{"monitoring_enabled":false}"#.utf8) }
        var summary = JSONObject()
        summary.add("Total", records.count)
        for health in BackendHealth.allCases {
            let name = health.rawValue
            summary.add(name.prefix(1).uppercased() + name.dropFirst(), records.count { $0.status == health })
        }
        var backends = JSONObject()
        for item in records.sorted(by: { $0.name < $1.name }) { backends.add(item.name, raw: record(item)) }
        var json = JSONObject()
        json.add("monitoring_enabled", raw: Array("true".utf8))
        json.add("summary", raw: summary.text)
        json.add("backends", raw: backends.text)
        return json.text
    }

    private static func backend(_ backend: BackendStatus) -> [UInt8] {
        var json = JSONObject()
        json.add("name", backend.name)
        json.add("health", backend.health.rawValue)
        json.add("transport", backend.transport)
        json.add("auth_type", backend.authType)
        if let revision = backend.mcpRevision { json.add("mcp_revision", revision) }
        if let tools = backend.tools { json.add("tools", tools) }
        if !backend.missing.isEmpty { json.add("missing", raw: array(backend.missing.map(JSONText.quote))) }
        if let message = backend.message { json.add("message", message) }
        if let trouble = backend.trouble {
            json.add("last_error", trouble.lastError)
            json.add("circuit", trouble.circuit)
            json.add("since", time(trouble.since))
            if trouble.nextCheck > 0 { json.add("next_check", time(trouble.nextCheck)) }
        }
        return json.text
    }

    private static func reload(_ reload: ReloadStatus) -> [UInt8] {
        var json = JSONObject()
        json.add("last", time(reload.time))
        json.add("result", reload.errors.isEmpty ? "applied" : "refused")
        json.add("applied", reload.applied)
        if !reload.errors.isEmpty { json.add("errors", raw: array(reload.errors.map(JSONText.quote))) }
        return json.text
    }

    private static func optimizer(_ status: OptimizerStatus) -> [UInt8] {
        var json = JSONObject()
        json.add("ranking", status.ranking)
        json.add("tools", status.tools)
        if let embedding = status.embedding {
            var inner = JSONObject()
            inner.add("provider", embedding.provider)
            if let model = embedding.model { inner.add("model", model) }
            inner.add("state", embedding.state)
            inner.add("embedded", embedding.embedded)
            if let message = embedding.message { inner.add("message", message) }
            json.add("embedding", raw: inner.text)
        }
        return json.text
    }

    private static func record(_ record: BackendHealthRecord) -> [UInt8] {
        var json = JSONObject()
        json.add("Status", record.status.rawValue)
        json.add("ConsecutiveFailures", record.consecutiveFailures)
        json.add("LastCheckTime", time(record.lastCheckTime))
        json.add("LastErrorCategory", record.lastErrorCategory)
        json.add("LastTransitionTime", time(record.lastTransitionTime))
        json.add("CircuitState", record.circuit.rawValue)
        json.add("CircuitLastChanged", time(record.circuitLastChanged))
        if record.nextCheckTime > 0 { json.add("NextCheckTime", time(record.nextCheckTime)) }
        if let revision = record.mcpRevision { json.add("MCPRevision", revision) }
        return json.text
    }

    private static func time(_ nanoseconds: UInt64) -> String {
        guard nanoseconds > 0 else { return "0001-01-01T00:00:00Z" }
        return CivilTime(unix: Int(nanoseconds / 1_000_000_000))
            .rfc3339(nanoseconds: Int(nanoseconds % 1_000_000_000))
    }

    private static func array(_ elements: [[UInt8]]) -> [UInt8] {
        [UInt8(ascii: "[")] + elements.joined(separator: [UInt8(ascii: ",")]) + [UInt8(ascii: "]")]
    }
}

/// A JSON object being written, members in the order they are added.
private struct JSONObject {
    private var members: [UInt8] = []

    var text: [UInt8] { [UInt8(ascii: "{")] + members + [UInt8(ascii: "}")] }

    mutating func add(_ name: String, _ value: String) { add(name, raw: JSONText.quote(value)) }
    mutating func add(_ name: String, _ value: Int) { add(name, raw: Array(String(value).utf8)) }

    mutating func add(_ name: String, raw value: [UInt8]) {
        if !members.isEmpty { members.append(UInt8(ascii: ",")) }
        JSONText.append(name, to: &members)
        members.append(UInt8(ascii: ":"))
        members.append(contentsOf: value)
    }
}
