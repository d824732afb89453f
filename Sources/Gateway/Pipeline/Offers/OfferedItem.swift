/// One item of a backend's list, read just far enough to be named, routed and rewritten.
struct OfferedItem: Sendable {
    /// The backend that listed it.
    let backend: String
    /// What the backend calls it: a name, a URI or a URI template.
    let originalName: String
    /// The name after overrides and before prefixes; that of ``originalName`` at first.
    var name: String
    /// The item as it was listed.
    let object: JSONSlice
    /// Where the value of the naming member stands, with its quotation marks.
    let nameRange: Range<Int>
    /// Where the value of `description` stands, if there is one.
    let descriptionRange: Range<Int>?
    /// Where the value of `annotations` stands, if there is one.
    let annotationsRange: Range<Int>?
    /// Whether a tool can be called as a task only (2025-11-25, Tasks).
    let requiresTask: Bool
    /// How a tool can be called, given what its backend offers.
    var taskUse = TaskUse.forbidden
    /// What the configuration changes about it.
    var override: AggregationSettings.Override?
}

/// An item with the name that clients see.
struct NamedItem: Sendable {
    let item: OfferedItem
    /// The name, URI or URI template towards clients.
    let name: String
    /// Whether clients see it; workflows use hidden tools too.
    var isVisible = true
    /// Whether it is hidden only from clients that cannot ask for tasks.
    var isTaskOnly = false
}
