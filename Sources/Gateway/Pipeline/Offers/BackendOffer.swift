/// What one backend has to offer, as it listed it.
package struct BackendOffer: Sendable {
    /// The backend's name, as prefixes, settings and routes use it.
    package var backend: String
    /// The backend's place in the configuration. Decides only which of two offers counts when both carry the same
    /// backend name: the one with the lower number.
    package var order: Int
    /// The items of `tools/list`, all pages, in the backend's order.
    package var tools: [JSONSlice]
    /// The items of `resources/list`.
    package var resources: [JSONSlice]
    /// The items of `resources/templates/list`.
    package var templates: [JSONSlice]
    /// The items of `prompts/list`.
    package var prompts: [JSONSlice]
    /// Why a kind could not be listed: one sentence for people, without secrets. Such a kind is left out, the others stay.
    /// A backend that cannot be reached at all has a note for every kind, so that its settings are not taken for those of
    /// an unknown backend.
    package var failures: [CatalogKind: String]

    package init(
        backend: String, order: Int = 0, tools: [JSONSlice] = [], resources: [JSONSlice] = [],
        templates: [JSONSlice] = [], prompts: [JSONSlice] = [], failures: [CatalogKind: String] = [:]
    ) {
        self.backend = backend
        self.order = order
        self.tools = tools
        self.resources = resources
        self.templates = templates
        self.prompts = prompts
        self.failures = failures
    }

    /// The items of one kind.
    package subscript(kind: CatalogKind) -> [JSONSlice] {
        switch kind {
        case .tools: tools
        case .resources: resources
        case .resourceTemplates: templates
        case .prompts: prompts
        }
    }
}
