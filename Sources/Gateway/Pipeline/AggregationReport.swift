/// What became of the backends' items and why, apart from those that are shown as they are.
///
/// Feeds the warnings at start, the `tools` command and the status page. Entries stand in the order of the stages,
/// inside a stage by backend name.
package struct AggregationReport: Sendable, Equatable {
    /// One thing that happened to one item, backend or setting.
    package struct Entry: Sendable, Equatable {
        /// What kind of item it is about; `nil` for a backend or a setting as a whole.
        package let kind: OfferKind?
        /// The backend's name.
        package let backend: String
        /// The backend's own name, URI or template; empty when the entry is about no single item.
        package let originalName: String
        /// The name towards clients (and, for hidden tools, workflows); `nil` when there is none.
        package let advertisedName: String?
        /// What happened and why.
        package let cause: AggregationCause

        /// An entry as it stands; see the properties.
        package init(
            kind: OfferKind?, backend: String, originalName: String, advertisedName: String?, cause: AggregationCause
        ) {
            self.kind = kind
            self.backend = backend
            self.originalName = originalName
            self.advertisedName = advertisedName
            self.cause = cause
        }
    }

    /// A name that several backends claim and that the configuration does not settle.
    package struct NameConflict: Sendable, Equatable, CustomStringConvertible {
        /// The name that all of them would have.
        package let name: String
        /// The claimants, sorted.
        package let backends: [String]

        /// - Parameter backends: Sorted.
        package init(name: String, backends: [String]) {
            self.name = name
            self.backends = backends
        }

        /// The conflict and what settles it.
        package var description: String {
            "tool \"\(name)\" is offered by \(backends.joined(separator: ", ")): rename it with an override in "
                + "aggregation.tools for each of them but one, or choose another conflictResolution"
        }
    }

    /// All of it.
    package private(set) var entries: [Entry] = []

    /// A report of nothing.
    package init() {}

    /// The entries that an operator should look at.
    package var warnings: [Entry] { entries.filter { $0.cause.severity != .info } }

    /// The unsettled conflicts of the manual strategy, each once. A start or a validation reports them as errors; a
    /// running gateway withholds their tools.
    package var conflicts: [NameConflict] {
        var seen = Set<CatalogKey>()
        return entries.compactMap { entry in
            guard case .unresolved(let name, let backends) = entry.cause, seen.insert(CatalogKey(name)).inserted else {
                return nil
            }
            return NameConflict(name: name, backends: backends)
        }
    }

    mutating func add(
        _ cause: AggregationCause, kind: OfferKind? = nil, backend: String, originalName: String = "",
        advertisedName: String? = nil
    ) {
        entries.append(
            Entry(
                kind: kind, backend: backend, originalName: originalName, advertisedName: advertisedName, cause: cause))
    }

    mutating func add(_ cause: AggregationCause, kind: OfferKind, _ item: OfferedItem, as name: String? = nil) {
        add(cause, kind: kind, backend: item.backend, originalName: item.originalName, advertisedName: name)
    }
}

extension AggregationReport.Entry: CustomStringConvertible {
    /// One line for people: where, what and why.
    package var description: String {
        var text = "backend \(backend)"
        if let kind { text += ", \(kind.rawValue)" }
        if !originalName.isEmpty { text += " \"\(originalName)\"" }
        if let advertisedName, advertisedName != originalName { text += " as \"\(advertisedName)\"" }
        return "\(text): \(cause.what.rawValue): \(cause)"
    }
}
