/// The life of a plugin instance: a value, and the only place that says which step may follow which.
///
/// ```
/// state \ step   create   refuse     start    succeed  fail       quiesce    destroy    abandon
/// loaded         created  destroyed
/// created                            started           quiescing  quiescing
/// started                                     running  quiescing  quiescing
/// running                                                         quiescing
/// quiescing                                                                  destroyed  leaked
/// ```
package struct InstanceLife: Sendable, Equatable {
    package enum State: String, Sendable, CaseIterable {
        /// The image is there, the instance is not.
        case loaded
        /// `create` succeeded.
        case created
        /// `start` was called and has not resolved.
        case started
        /// Calls are taken.
        case running
        /// No new calls; what runs is awaited.
        case quiescing
        /// `destroy` returned, or `create` was refused.
        case destroyed
        /// The plugin never resolved a call, so that freeing the instance would pull it from under running code.
        case leaked
    }

    package enum Step: String, Sendable, CaseIterable {
        case create, refuse, start, succeed, fail, quiesce, destroy, abandon
    }

    package private(set) var state: State = .loaded

    package init() {}

    private static let table: [State: [Step: State]] = [
        .loaded: [.create: .created, .refuse: .destroyed],
        .created: [.start: .started, .fail: .quiescing, .quiesce: .quiescing],
        .started: [.succeed: .running, .fail: .quiescing, .quiesce: .quiescing],
        .running: [.quiesce: .quiescing],
        .quiescing: [.destroy: .destroyed, .abandon: .leaked],
    ]

    /// Goes a step.
    /// - Returns: False when the step does not follow the state, which then stays as it is.
    @discardableResult
    package mutating func go(_ step: Step) -> Bool {
        guard let next = Self.table[state]?[step] else { return false }
        state = next
        return true
    }
}
