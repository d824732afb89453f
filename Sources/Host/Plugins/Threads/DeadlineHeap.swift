/// Moments in their order: a binary heap with the earliest first.
struct DeadlineHeap: Sendable {
    struct Item: Sendable, Equatable {
        /// Milliseconds of the monotonic clock.
        var due: UInt64
        /// What is due: a number of a call, or of an action (``DeadlineThread``).
        var number: UInt64
    }

    private var items: [Item] = []

    var count: Int { items.count }
    var earliest: UInt64? { items.first?.due }

    /// - Returns: Whether the new item is the earliest now.
    mutating func push(_ item: Item) -> Bool {
        items.append(item)
        var child = items.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard items[child].due < items[parent].due else { return false }
            items.swapAt(child, parent)
            child = parent
        }
        return true
    }

    /// Takes the earliest item if it is due.
    mutating func pop(at now: UInt64) -> Item? {
        guard let first = items.first, first.due <= now else { return nil }
        let last = items.removeLast()
        if items.isEmpty { return first }
        items[0] = last
        sink(0)
        return first
    }

    /// Drops what is not needed any more.
    mutating func removeAll(where isStale: (UInt64) -> Bool) {
        items.removeAll { isStale($0.number) }
        for index in stride(from: items.count / 2 - 1, through: 0, by: -1) { sink(index) }
    }

    private mutating func sink(_ start: Int) {
        var parent = start
        while true {
            var smallest = parent
            for child in (2 * parent + 1)...(2 * parent + 2) where child < items.count {
                if items[child].due < items[smallest].due { smallest = child }
            }
            if smallest == parent { return }
            items.swapAt(parent, smallest)
            parent = smallest
        }
    }
}
