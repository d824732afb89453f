/// What the backends offer together, as far as it is known.
struct Offering: Sendable {
    /// What the backends that are ready said of themselves.
    let servers: [BackendServer]
    /// Whether every backend is ready. One that is not may offer anything, so nothing is refused for its absence.
    let isComplete: Bool
    /// Whether the gateway has tools of its own.
    var hasOwnTools = false

    private func offers(_ what: KeyPath<BackendServer, Bool>) -> Bool {
        !isComplete || servers.contains { $0[keyPath: what] }
    }

    func offers(_ kind: OfferKind) -> Bool {
        switch kind {
        case .tools: hasOwnTools || offers(\.offersTools)
        case .resources, .resourceTemplates: offers(\.offersResources)
        case .prompts: offers(\.offersPrompts)
        }
    }

    func offers(_ method: StatelessMethod) -> Bool {
        switch method {
        case .discover, .listen: true
        case .listTools, .callTool: offers(.tools)
        case .listResources, .listTemplates, .readResource: offers(.resources)
        case .listPrompts, .getPrompt: offers(.prompts)
        case .complete: offers(\.offersCompletions)
        case .getTask, .updateTask, .cancelTask: !isComplete || makesTasks
        }
    }

    /// Whether some backend makes tasks of calls; an extension is not declared before that is known.
    var makesTasks: Bool { servers.contains { $0.tasks.contains(.decided) } }

    /// The raw `capabilities` of `server/discover`. Changes of lists are always told, whether backends do or not.
    var capabilities: [UInt8] {
        var parts: [String] = []
        if offers(\.offersCompletions) { parts.append("\"completions\":{}") }
        if makesTasks { parts.append(TasksExtension.declaration) }
        if offers(\.offersLogging) { parts.append("\"logging\":{}") }
        if offers(.prompts) { parts.append("\"prompts\":{\"listChanged\":true}") }
        if offers(.resources) {
            let subscribes = servers.contains(where: \.offersSubscriptions)
            parts.append("\"resources\":{\"listChanged\":true\(subscribes ? ",\"subscribe\":true" : "")}")
        }
        if offers(.tools) { parts.append("\"tools\":{\"listChanged\":true}") }
        return Array("{\(parts.joined(separator: ","))}".utf8)
    }
}
