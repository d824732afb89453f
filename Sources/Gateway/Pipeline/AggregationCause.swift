/// Why an item is not shown as its backend listed it, or a setting has no effect.
package enum AggregationCause: Sendable, Equatable {
    /// What happened, for tables and filters.
    package enum What: String, Sendable, CaseIterable {
        /// Shown under another name, URI or template, or with other contents.
        case renamed, overridden, shortened, rewritten
        /// Not shown, but there for workflows.
        case hidden
        /// Not there.
        case dropped, malformed, conflicting, failed
        /// A setting without effect.
        case ignored
    }

    /// How much it matters to the operator.
    package enum Severity: String, Sendable, CaseIterable {
        /// As configured.
        case info
        /// Something is missing or has no effect.
        case warning
        /// Something is withheld until the configuration is changed.
        case error
    }

    // Names and contents
    /// The strategy put a prefix before the name.
    case prefixed
    /// An override changed these members.
    case overridden(members: [String])
    /// The name would have been this one, which clients refuse.
    case shortened(from: String)

    /// A backend that sorts first has the URI or template, so this one is shown under a ``RewrittenURI``.
    case sharedURI(with: String)
    /// The URI or template has the form of a ``RewrittenURI`` itself, and those are the gateway's own.
    case reservedURI

    // Visibility
    /// What the settings of these names, or their absence, hide.
    case excludeAllTools, excludeAll, notInFilter, defaultDeny
    /// The tool runs as a task only, and the gateway does not offer tasks.
    case requiresTask

    // Losers
    /// The backend listed the name before.
    case repeatedInBackend
    /// A backend that stands higher in `priorityOrder` has the name.
    case lostPriority(to: String)
    /// The complete result has the name already.
    case nameTaken(by: String)
    /// Prompts under the priority strategy: not every claimant is in `priorityOrder`, so all lose.
    case unrankable(backends: [String])
    /// Manual strategy: these backends claim the name.
    case unresolved(name: String, backends: [String])

    // Composite tools
    /// A backend's tool has the name.
    case compositeNameTaken(by: String)
    /// A step needs a tool that is not there now.
    case compositeLacksTool(step: String, tool: String)
    /// Its annotations claim more safety than its tools have.
    case compositeClaimsSafety(hint: String)
    /// A step's arguments do not fit its tool, or may not when a template decides; the composite tool stays.
    case compositeArguments(String, isCertain: Bool)

    // The optimizer
    /// `optimizer.pinned` names a tool that is not there now.
    case pinnedMissing

    // Bad input
    /// The item has no usable name; with what was expected and found.
    case malformed(String)
    /// The backend did not answer the list method; with its reason.
    case listFailed(String)
    /// The backend answered the list method, but not to its end; with why.
    case listUnended(String)
    /// The template is not RFC 6570; it routes by its exact text alone.
    case unreadableTemplate(String)

    // Settings without effect
    /// `aggregation.tools` has an entry for a backend that does not exist, or several for one.
    case unknownWorkload, repeatedWorkload
    /// `priorityOrder` has a backend that does not exist.
    case unknownInPriorityOrder
    /// Several offers carry this backend's name.
    case repeatedBackend
    /// The override would give the tool a name that another tool of the backend has.
    case overrideCollides(name: String)
    /// The backend does not have the tool that an override names.
    case overrideOfUnknownTool
    /// The backend does not have, after overrides, the tool that its filter lists.
    case filterOfUnknownTool

    /// The cause's class.
    package var what: What {
        switch self {
        case .prefixed: .renamed
        case .overridden: .overridden
        case .shortened: .shortened
        case .sharedURI, .reservedURI: .rewritten
        case .excludeAllTools, .excludeAll, .notInFilter, .defaultDeny, .requiresTask: .hidden
        case .repeatedInBackend, .lostPriority, .nameTaken, .compositeNameTaken, .compositeLacksTool,
            .compositeClaimsSafety:
            .dropped
        case .unrankable, .unresolved: .conflicting
        case .malformed, .unreadableTemplate, .compositeArguments, .listUnended: .malformed
        case .listFailed: .failed
        case .unknownWorkload, .repeatedWorkload, .unknownInPriorityOrder, .repeatedBackend, .overrideCollides,
            .overrideOfUnknownTool, .filterOfUnknownTool, .pinnedMissing:
            .ignored
        }
    }

    /// Whether an operator should look at it.
    package var severity: Severity {
        switch self {
        case .unrankable, .unresolved: .error
        case .prefixed, .overridden, .sharedURI, .reservedURI, .excludeAllTools, .excludeAll, .notInFilter,
            .defaultDeny:
            .info
        default: .warning
        }
    }
}

extension AggregationCause: CustomStringConvertible {
    /// The reason in words; never a secret.
    package var description: String {
        switch self {
        case .prefixed: "conflictResolution puts the prefix before the name"
        case .overridden(let members): "an override changes \(members.joined(separator: ", "))"
        case .shortened(let name): "clients refuse \"\(name)\": at most 64 characters of A-Z a-z 0-9 _ . - are safe"
        case .excludeAllTools: "excludeAllTools hides every backend tool"
        case .excludeAll: "excludeAll hides the backend's tools"
        case .notInFilter: "the backend's filter does not list it (the filter has the names after overrides)"
        case .defaultDeny: "the backend has no tools entry and defaultToolVisibility is deny"
        case .requiresTask:
            "it can be called as a task only: shown to clients of 2025-11-25 alone, and if its backend offers tasks"
        case .repeatedInBackend: "the backend lists this name more than once; the first stays"
        case .lostPriority(let winner): "backend \(winner) comes first in priorityOrder"
        case .nameTaken(let owner): "backend \(owner) has a tool or prompt of that name already"
        case .sharedURI(let owner): "backend \(owner) offers the same and sorts first"
        case .reservedURI: "it begins as only the gateway's own rewritten URIs do"
        case .unrankable(let backends):
            "\(backends.joined(separator: ", ")) claim the name and priorityOrder does not rank them all"
        case .unresolved(let name, let backends):
            "\(backends.joined(separator: ", ")) offer \"\(name)\" and no overrides tell them apart"
        case .compositeNameTaken(let owner): "backend \(owner) has a tool of that name; rename the composite tool"
        case .compositeLacksTool(let step, let tool): "its step \(step) needs the tool \(tool), which is not there"
        case .compositeClaimsSafety(let hint): "its annotations say \(hint), which its tools are not; remove the hint"
        case .compositeArguments(let problem, _): problem
        case .pinnedMissing: "optimizer.pinned names a tool that is not there"
        case .malformed(let problem): problem
        case .listFailed(let reason): reason
        case .listUnended(let reason): "\(reason); what it listed before is there"
        case .unreadableTemplate(let problem): "\(problem); it matches its own text only"
        case .unknownWorkload: "aggregation.tools names a backend that does not exist"
        case .repeatedWorkload: "aggregation.tools has several entries for this backend; the first counts"
        case .unknownInPriorityOrder: "priorityOrder names a backend that does not exist"
        case .repeatedBackend: "several backends have this name; the first one counts"
        case .overrideCollides(let name):
            "the override is skipped: another tool of the backend would be called \"\(name)\" too"
        case .overrideOfUnknownTool: "an override names a tool that the backend does not have"
        case .filterOfUnknownTool: "the filter names a tool that the backend does not have (after overrides)"
        }
    }
}
