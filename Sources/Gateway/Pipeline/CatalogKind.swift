/// The four things that a server lists.
package enum CatalogKind: String, Sendable, CaseIterable {
    /// The raw value is both the member that holds the items in a list result and the kind in a cursor.
    case tools, resources, resourceTemplates, prompts

    /// The method that lists this kind (MCP 2025-11-25, Server Features).
    package var listMethod: String {
        self == .resourceTemplates ? "resources/templates/list" : "\(rawValue)/list"
    }

    /// The member of an item that names it.
    package var keyMember: String {
        switch self {
        case .tools, .prompts: "name"
        case .resources: "uri"
        case .resourceTemplates: "uriTemplate"
        }
    }
}
