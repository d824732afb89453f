/// What an MCP server offers, by kind.
///
/// The raw value is both the member that holds the items in a list result and the kind in a cursor.
package enum OfferKind: String, Sendable, CaseIterable {
    case tools, resources, resourceTemplates, prompts

    /// The member of an item that names it.
    package var keyMember: String {
        switch self {
        case .tools, .prompts: "name"
        case .resources: "uri"
        case .resourceTemplates: "uriTemplate"
        }
    }

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
    /// The backend's name, as prefixes, settings and routes use it. Unique: the configuration sees to that.
    package let backend: String
    /// The raw items of each kind in the backend's order; a kind that is missing is not offered.
    package var items: [OfferKind: [JSONSlice]]
    /// Why a kind could not be listed; it takes away that kind alone. A backend that cannot be reached at all has a
    /// note for every kind, so that its settings are not taken for those of an unknown backend. For people; without
    /// secrets.
    package var failures: [OfferKind: String]
    /// Why a kind that was listed may lack items. For people; without secrets.
    package var doubts: [OfferKind: String] = [:]
    /// What the backend says of caching, of each kind that it says something of.
    package var hints: [OfferKind: CacheHint] = [:]
    /// Whether it speaks 2026-07-28, whose rules then hold for what it lists.
    package var isModern = false
    /// Whether clients may ask for tasks (2025-11-25, Tasks).
    package var servesTasks = false

    package init(backend: String, items: [OfferKind: [JSONSlice]] = [:], failures: [OfferKind: String] = [:]) {
        self.backend = backend
        self.items = items
        self.failures = failures
    }

    /// What the lists of several backends together say of caching: nothing, as soon as one that has a part says nothing.
    static func hint(_ kind: OfferKind, of offers: [BackendOffer]) -> CacheHint {
        let parts = offers.filter { $0.items[kind] != nil || $0.failures[kind] != nil }.map { offer in
            offer.failures[kind] == nil ? offer.hints[kind] ?? .none : .none
        }
        return parts.dropFirst().reduce(parts.first ?? .none) { $0.merged(with: $1) }
    }
}
