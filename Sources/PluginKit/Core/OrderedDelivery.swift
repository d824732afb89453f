/// Decides who hands over what, so that a receiver gets items one at a time and in order, and after them one end, however
/// many threads offer them. A value without I/O: its owner holds it under a lock and does what it answers.
struct OrderedDelivery<Item: Sendable, End: Sendable>: Sendable {
    /// What to do with what was offered.
    enum Verdict: Equatable, Sendable {
        /// Hand it over now, then ask ``next(after:)``.
        case now
        /// Somebody else is handing over and will take it.
        case later
        /// The end was given already.
        case never
    }

    /// What to hand over next.
    enum Step: Sendable {
        case item(Item)
        case end(End)
        case nothing
    }

    private var busy = false
    private var ended = false
    private var queue: [Item] = []
    private var end: End?
    /// What the receiver answered last.
    private(set) var flow = Flow.go

    /// Whether the end was given.
    var isEnded: Bool { ended }

    /// Offers an item; `copy` is asked for it only when it has to wait.
    mutating func offer(_ copy: () -> Item) -> Verdict {
        guard !ended else { return .never }
        guard !busy else {
            queue.append(copy())
            return .later
        }
        busy = true
        return .now
    }

    /// Offers the end; `copy` is asked for it only when it has to wait.
    mutating func finish(_ copy: () -> End) -> Verdict {
        guard !ended else { return .never }
        ended = true
        guard !busy else {
            end = copy()
            return .later
        }
        busy = true
        return .now
    }

    /// To be asked after each hand-over, until it answers `nothing`.
    mutating func next(after flow: Flow?) -> Step {
        if let flow { self.flow = flow }
        if !queue.isEmpty { return .item(queue.removeFirst()) }
        if let end {
            self.end = nil
            return .end(end)
        }
        busy = false
        return .nothing
    }
}

/// Bytes that are lent to a function, and may be looked at under a lock of that function.
struct Loan: @unchecked Sendable {
    // Never leaves the function that got the bytes: only copies do.
    let bytes: UnsafeRawBufferPointer
    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }
    var copy: [UInt8] { [UInt8](bytes) }
}
