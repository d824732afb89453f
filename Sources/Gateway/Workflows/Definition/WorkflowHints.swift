/// The annotations of a composite tool: what it says of itself, on top of what its tools are known to be.
struct WorkflowHints {
    /// `nil` when no step calls a tool.
    private let readOnly, destructive, openWorld: Bool?
    private let own: AggregationSettings.Annotations

    init(_ workflow: ResolvedWorkflow) {
        own = workflow.definition.annotations
        let hints = workflow.calls.values.map { $0.tool.json["annotations"] }
        guard !hints.isEmpty else {
            (readOnly, destructive, openWorld) = (nil, nil, nil)
            return
        }
        // What a tool does not say counts as the protocol's default (2025-03-26, ToolAnnotations).
        readOnly = hints.allSatisfy { $0?["readOnlyHint"]?.bool ?? false }
        destructive = hints.contains { $0?["destructiveHint"]?.bool ?? true }
        openWorld = hints.contains { $0?["openWorldHint"]?.bool ?? true }
    }

    /// A hint by which it claims to be safer than its tools are.
    var unsafeClaim: String? {
        if own.readOnlyHint == true, readOnly == false { return "readOnlyHint: true" }
        if own.destructiveHint == false, destructive == true { return "destructiveHint: false" }
        if own.openWorldHint == false, openWorld == true { return "openWorldHint: false" }
        return nil
    }

    var json: [UInt8] {
        let hints: [(String, Bool?)] = [
            ("readOnlyHint", own.readOnlyHint ?? readOnly), ("destructiveHint", own.destructiveHint ?? destructive),
            ("idempotentHint", own.idempotentHint), ("openWorldHint", own.openWorldHint ?? openWorld),
        ]
        var members = hints.compactMap { name, value in value.map { Array("\"\(name)\":\($0)".utf8) } }
        if let title = own.title { members.insert(Array("\"title\":".utf8) + JSONText.quote(title), at: 0) }
        return [UInt8(ascii: "{")] + Array(members.joined(separator: [UInt8(ascii: ",")])) + [UInt8(ascii: "}")]
    }
}
