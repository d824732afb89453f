/// The methods of 2026-07-28 that are served; every other one is unknown, also those that earlier revisions had.
enum StatelessMethod: String, Sendable, CaseIterable {
    case discover = "server/discover"
    case listTools = "tools/list"
    case callTool = "tools/call"
    case listResources = "resources/list"
    case listTemplates = "resources/templates/list"
    case readResource = "resources/read"
    case listPrompts = "prompts/list"
    case getPrompt = "prompts/get"
    case complete = "completion/complete"
    case listen = "subscriptions/listen"
    case getTask = "tasks/get"
    case updateTask = "tasks/update"
    case cancelTask = "tasks/cancel"

    /// What a list method lists.
    var listed: OfferKind? { OfferKind.allCases.first { $0.listMethod == rawValue } }

    /// Whether results carry hints for caches.
    var caching: ResultStamp.Caching {
        switch self {
        case .discover, .listTools, .listResources, .listTemplates, .readResource, .listPrompts: .hints
        case .callTool, .getPrompt, .complete, .listen, .getTask, .updateTask, .cancelTask: .none
        }
    }

    /// Whether the server may answer that it needs input first, so that a retry carries state of ours.
    var takesInput: Bool { self == .callTool || self == .readResource || self == .getPrompt }

    /// Whether it is about one task.
    var isOfTask: Bool { self == .getTask || self == .updateTask || self == .cancelTask }
}
