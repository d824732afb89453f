/// The minimal vMCP document of the specification, section 16.4, with more lines after it.
func document(_ more: String = "", without fields: String...) -> String {
    let lines = [
        "name": "name: demo", "groupRef": "groupRef: demo", "incomingAuth": "incomingAuth: {type: anonymous}",
        "outgoingAuth": "outgoingAuth: {source: inline}",
        "aggregation": """
        aggregation:
          conflictResolution: prefix
          conflictResolutionConfig: {prefixFormat: "{workload}_"}
        """,
        "backends": """
        backends:
          - {name: fetch, url: "http://127.0.0.1:8081/mcp", transport: streamable-http}
        """,
    ]
    let order = ["name", "groupRef", "incomingAuth", "outgoingAuth", "aggregation", "backends"]
    return order.filter { !fields.contains($0) }.compactMap { lines[$0] }.joined(separator: "\n") + "\n" + more + "\n"
}
