/// Which `subscriptions/listen` stream a session has open with a backend of 2026-07-28, and which one it should have: a
/// value without I/O.
///
/// A filter cannot be changed while its stream is open. So another stream is opened with the new filter, and the old one is
/// closed once that is acknowledged: nothing is missed in between (2026-07-28, Subscriptions).
struct ListenPlan: Sendable {
    /// What is to be done, in this order.
    enum Action: Sendable, Equatable {
        case open(ListenFilter)
        case close(UInt64)
        /// Who waits for these resources is told whether the backend agreed.
        case settle([String], agreed: Bool)
        /// The stream is to be opened again after some time.
        case pause
        /// Changes may have been missed.
        case refresh
        /// It is known what the backend tells of, or that it tells nothing.
        case underWay
    }

    private struct Stream {
        /// The id of its request, which is the subscription's; 0 until it is sent.
        var id: UInt64 = 0
        var filter: ListenFilter
    }

    /// Notifications of lists that are wanted throughout.
    private let methods: Set<String>
    private var uris: [String] = []
    private var current: (stream: Stream, honoured: ListenFilter)?
    private var opening: Stream?
    private var isPaused = false
    /// The stream was lost: the next one is followed by a refresh.
    private var isLate = false
    /// The backend has no such streams.
    private var isRefused = false

    init(methods: Set<String>) { self.methods = methods }

    /// What the backend agreed to tell; `nil` while there is no stream.
    var honoured: ListenFilter? { current?.honoured }

    private var wanted: ListenFilter { ListenFilter(methods: methods, uris: uris) }

    // MARK: - What is wanted

    mutating func begin() -> [Action] {
        let actions = follow()
        return actions.isEmpty ? [.underWay] : actions
    }

    mutating func subscribe(_ uri: String) -> [Action] {
        if isRefused { return [.settle([uri], agreed: false)] }
        if current?.honoured.uris.contains(uri) == true, uris.contains(uri) { return [.settle([uri], agreed: true)] }
        if !uris.contains(uri) { uris.append(uri) }
        // While it is known to be unreachable nobody waits for it.
        if isPaused { return refuse([uri]) }
        return follow()
    }

    mutating func unsubscribe(_ uri: String) -> [Action] {
        uris.removeAll { $0 == uri }
        return isPaused ? [] : follow()
    }

    // MARK: - What happens

    /// The request that ``Action/open(_:)`` asked for has its id.
    mutating func sent(_ id: UInt64) { opening?.id = id }

    mutating func acknowledged(_ id: UInt64, _ honoured: ListenFilter) -> [Action] {
        guard let stream = opening, stream.id == id else { return [] }
        var actions: [Action] = []
        if let former = current { actions.append(.close(former.stream.id)) }
        let agreed = stream.filter.uris.filter { honoured.uris.contains($0) }
        let refused = stream.filter.uris.filter { !honoured.uris.contains($0) }
        // What was refused is not asked for again: the stream is as good as one without it.
        (current, opening) = ((Stream(id: id, filter: ListenFilter(methods: methods, uris: agreed)), honoured), nil)
        actions.append(.settle(agreed, agreed: true))
        actions += refuse(refused)
        actions.append(.underWay)
        if isLate { actions.append(.refresh) }
        isLate = false
        return actions + follow()
    }

    /// A stream has ended, or could not be opened.
    /// - Parameter isUnknown: The backend knows no such method.
    mutating func ended(_ id: UInt64, isUnknown: Bool) -> [Action] {
        if let stream = opening, stream.id == id {
            opening = nil
            isRefused = isUnknown && current == nil
            let kept = current?.stream.filter.uris ?? []
            var actions = refuse(stream.filter.uris.filter { !kept.contains($0) })
            actions.append(.underWay)
            // The older stream goes on with what it has.
            if current != nil || isRefused { return actions }
            isPaused = !wanted.isEmpty
            return isPaused ? actions + [.pause] : actions
        }
        guard let former = current, former.stream.id == id else { return [] }
        current = nil
        (isLate, isPaused) = (true, opening == nil)
        return isPaused ? [.pause] : []
    }

    /// The pause is over.
    mutating func resume() -> [Action] {
        isPaused = false
        return follow()
    }

    /// Whether a notification with this subscription id is of a stream of ours.
    func knows(_ id: UInt64) -> Bool { id != 0 && (current?.stream.id == id || opening?.id == id) }

    /// The streams there are, for closing them.
    var ids: [UInt64] { [current?.stream.id, opening?.id].compactMap { $0 } }

    private mutating func refuse(_ refused: [String]) -> [Action] {
        guard !refused.isEmpty else { return [] }
        uris.removeAll { refused.contains($0) }
        return [.settle(refused, agreed: false)]
    }

    private mutating func follow() -> [Action] {
        guard opening == nil, !isPaused, !isRefused else { return [] }
        if let current {
            if current.stream.filter == wanted { return [] }
            if wanted.isEmpty {
                self.current = nil
                return [.close(current.stream.id)]
            }
        } else if wanted.isEmpty {
            return []
        }
        opening = Stream(filter: wanted)
        return [.open(wanted)]
    }
}
