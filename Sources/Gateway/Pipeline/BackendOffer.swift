/// What an MCP server offers, by kind.
package enum OfferKind: String, Sendable, CaseIterable {
    case tools, resources, resourceTemplates, prompts

    /// The method that lists it.
    package var listMethod: String {
        switch self {
        case .tools: "tools/list"
        case .resources: "resources/list"
        case .resourceTemplates: "resources/templates/list"
        case .prompts: "prompts/list"
        }
    }

    /// The notification that tells of a change; templates share that of resources.
    package var changedMethod: String {
        switch self {
        case .tools: "notifications/tools/list_changed"
        case .resources, .resourceTemplates: "notifications/resources/list_changed"
        case .prompts: "notifications/prompts/list_changed"
        }
    }
}

/// Everything one backend offers, as it sent it: the input of the pipeline.
package struct BackendOffer: Sendable {
    /// The backend's name.
    package let backend: String
    /// The raw items of each kind in the backend's order; a kind that is missing is not offered.
    package var items: [OfferKind: [JSONSlice]]
    /// Why a kind could not be listed; it takes away that kind alone.
    package var failures: [OfferKind: String]

    package init(backend: String, items: [OfferKind: [JSONSlice]] = [:], failures: [OfferKind: String] = [:]) {
        self.backend = backend
        self.items = items
        self.failures = failures
    }
}
