/// How the tools, resources and prompts of many backends become one list.
///
/// The `aggregation` section of the vMCP configuration document, as values.
package struct AggregationSettings: Sendable, Equatable {
    /// How tools that share a name are told apart.
    package enum Strategy: String, Sendable, CaseIterable { case prefix, priority, manual }

    /// When the prefix strategy prefixes.
    ///
    /// `always` is what ToolHive does; `onConflict` keeps a name bare while no other backend offers it.
    package enum PrefixMode: String, Sendable, CaseIterable { case always, onConflict }

    /// Whether tools of backends without a `tools` entry are shown.
    package enum Visibility: String, Sendable, CaseIterable { case allow, deny }

    /// New values for a tool's hints; `nil` keeps what the backend sent.
    package struct Annotations: Sendable, Equatable {
        package var title: String?
        package var readOnlyHint: Bool?
        package var destructiveHint: Bool?
        package var idempotentHint: Bool?
        package var openWorldHint: Bool?

        package init(
            title: String? = nil, readOnlyHint: Bool? = nil, destructiveHint: Bool? = nil, idempotentHint: Bool? = nil,
            openWorldHint: Bool? = nil
        ) {
            self.title = title
            self.readOnlyHint = readOnlyHint
            self.destructiveHint = destructiveHint
            self.idempotentHint = idempotentHint
            self.openWorldHint = openWorldHint
        }
    }

    /// What is changed about one tool before names are resolved; empty text counts as absent.
    package struct Override: Sendable, Equatable {
        package var name: String?
        package var description: String?
        package var annotations: Annotations?

        package init(name: String? = nil, description: String? = nil, annotations: Annotations? = nil) {
            self.name = name
            self.description = description
            self.annotations = annotations
        }
    }

    /// The settings of one backend's tools.
    package struct Workload: Sendable, Equatable {
        /// The backend's name.
        package var workload: String
        /// Names, after overrides and before prefixes, that are shown; empty shows all.
        package var filter: [String]
        /// Keyed by the tool's name at the backend.
        package var overrides: [String: Override]
        /// Hides every tool of the backend.
        package var excludeAll: Bool

        package init(
            workload: String, filter: [String] = [], overrides: [String: Override] = [:], excludeAll: Bool = false
        ) {
            self.workload = workload
            self.filter = filter
            self.overrides = overrides
            self.excludeAll = excludeAll
        }
    }

    package var strategy: Strategy
    package var prefixMode: PrefixMode
    /// The text put before a name; each `{workload}` in it stands for the backend's name. Default `{workload}_`.
    package var prefixFormat: String
    /// Backend names, highest priority first.
    package var priorityOrder: [String]
    package var defaultToolVisibility: Visibility
    /// Hides every backend tool; composite tools stay.
    package var excludeAllTools: Bool
    package var workloads: [Workload]
    /// Whether names that clients refuse are shortened: over 64 characters, or with characters outside
    /// `A-Za-z0-9_.-`. Default true.
    package var shortenNames: Bool

    package init(
        strategy: Strategy = .prefix, prefixMode: PrefixMode = .always, prefixFormat: String = "{workload}_",
        priorityOrder: [String] = [], defaultToolVisibility: Visibility = .allow, excludeAllTools: Bool = false,
        workloads: [Workload] = [], shortenNames: Bool = true
    ) {
        self.strategy = strategy
        self.prefixMode = prefixMode
        self.prefixFormat = prefixFormat
        self.priorityOrder = priorityOrder
        self.defaultToolVisibility = defaultToolVisibility
        self.excludeAllTools = excludeAllTools
        self.workloads = workloads
        self.shortenNames = shortenNames
    }
}
