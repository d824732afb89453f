/// What a backend said of itself in its answer to `initialize` or `server/discover`.
package struct BackendServer: Sendable, Equatable {
    package let revision: BackendRevision
    package let offersTools: Bool
    package let offersResources: Bool
    package let offersSubscriptions: Bool
    package let offersPrompts: Bool
    package let offersCompletions: Bool
    package let offersLogging: Bool
    /// The lists whose changes it tells of.
    package let tellsChanges: Set<OfferKind>
    package let tasks: TaskSupport
    /// A claim, for display only.
    package let name: String
    package let version: String

    package init(
        revision: BackendRevision, offersTools: Bool, offersResources: Bool, offersSubscriptions: Bool,
        offersPrompts: Bool, offersCompletions: Bool, offersLogging: Bool, tellsChanges: Set<OfferKind> = [],
        tasks: TaskSupport = [], name: String, version: String
    ) {
        self.revision = revision
        self.offersTools = offersTools
        self.offersResources = offersResources
        self.offersSubscriptions = offersSubscriptions
        self.offersPrompts = offersPrompts
        self.offersCompletions = offersCompletions
        self.offersLogging = offersLogging
        self.tellsChanges = tellsChanges
        self.tasks = tasks
        self.name = name
        self.version = version
    }

    /// Whether it has no sessions (2026-07-28).
    package var isModern: Bool { revision == .modern }

    /// - Parameters:
    ///   - capabilities: The raw object, `nil` when absent.
    ///   - info: `serverInfo`, likewise.
    init(revision: BackendRevision, capabilities: JSONSlice?, info: JSONSlice?) {
        func offers(_ name: String) -> Bool { capabilities?[name]?.kind == .object }
        func tells(_ name: String) -> Bool { capabilities?[name]?["listChanged"]?.bool == true }
        var tellsChanges: Set<OfferKind> = tells("resources") ? [.resources, .resourceTemplates] : []
        if tells("tools") { tellsChanges.insert(.tools) }
        if tells("prompts") { tellsChanges.insert(.prompts) }
        self.init(
            revision: revision, offersTools: offers("tools"), offersResources: offers("resources"),
            offersSubscriptions: capabilities?["resources"]?["subscribe"]?.bool == true,
            offersPrompts: offers("prompts"), offersCompletions: offers("completions"),
            offersLogging: offers("logging"), tellsChanges: tellsChanges,
            tasks: TaskSupport(revision, capabilities), name: info?["name"]?.string ?? "",
            version: info?["version"]?.string ?? "")
    }
}
