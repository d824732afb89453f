/// What is due when: a binary heap whose entries can be crossed out.
struct Agenda<Item> {
    private struct Entry {
        let due: MonotonicInstant
        let number: UInt64
    }

    private var heap: [Entry] = []
    private var items: [UInt64: Item] = [:]
    private var nextNumber: UInt64 = 1

    /// How many items wait.
    var count: Int { items.count }

    /// When the first item is due; nil when none waits.
    mutating func firstDue() -> MonotonicInstant? {
        while let first = heap.first {
            if items[first.number] != nil { return first.due }
            removeFirst()
        }
        return nil
    }

    /// Puts an item down and returns its number, which is never 0. Items due at the same time come out in the order
    /// they were put down.
    mutating func insert(_ item: Item, due: MonotonicInstant) -> UInt64 {
        let number = nextNumber
        nextNumber += 1
        items[number] = item
        heap.append(Entry(due: due, number: number))
        siftUp(from: heap.count - 1)
        return number
    }

    /// Crosses an item out. The heap keeps its entry until that comes first or until most entries are crossed out.
    @discardableResult
    mutating func remove(_ number: UInt64) -> Item? {
        let item = items.removeValue(forKey: number)
        if heap.count > 64, heap.count > 2 * items.count {
            heap.removeAll { items[$0.number] == nil }
            for index in stride(from: heap.count / 2 - 1, through: 0, by: -1) { siftDown(from: index) }
        }
        return item
    }

    /// Takes the first item that is due by then.
    mutating func popDue(by now: MonotonicInstant) -> Item? {
        guard let due = firstDue(), due <= now else { return nil }
        let number = heap[0].number
        removeFirst()
        return items.removeValue(forKey: number)
    }

    private mutating func removeFirst() {
        heap.swapAt(0, heap.count - 1)
        heap.removeLast()
        if !heap.isEmpty { siftDown(from: 0) }
    }

    private func precedes(_ one: Int, _ other: Int) -> Bool {
        (heap[one].due, heap[one].number) < (heap[other].due, heap[other].number)
    }

    private mutating func siftUp(from start: Int) {
        var index = start
        while index > 0 {
            let parent = (index - 1) / 2
            guard precedes(index, parent) else { return }
            heap.swapAt(index, parent)
            index = parent
        }
    }

    private mutating func siftDown(from start: Int) {
        var index = start
        while true {
            var least = index
            for child in [2 * index + 1, 2 * index + 2] where child < heap.count && precedes(child, least) {
                least = child
            }
            guard least != index else { return }
            heap.swapAt(index, least)
            index = least
        }
    }
}
