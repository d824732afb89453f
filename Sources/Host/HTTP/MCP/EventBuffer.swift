/// The latest events of one stream, for a client that comes back for them: a value without I/O.
///
/// Costs nothing until the first event. What is over the bounds makes the oldest events go.
struct EventBuffer: Sendable {
    /// The bounds of one stream.
    struct Limits: Sendable, Equatable {
        /// Events. Default 1,000.
        var events = 1_000
        /// Bytes of the events as they stand on the wire. Default 1 MiB.
        var bytes = 1 << 20
    }

    /// The index that the next event gets. That of the priming event, which is not held, is 0.
    private(set) var next = 1
    /// Bytes held.
    private(set) var bytes = 0
    private var held: [[UInt8]] = []

    /// Events held.
    var count: Int { held.count }

    /// Keeps an event.
    /// - Returns: False when it is larger than the bound: then it is not held, nor is anything before it.
    mutating func append(_ event: [UInt8], limits: Limits) -> Bool {
        next += 1
        guard limits.events > 0, event.count <= limits.bytes else {
            clear()
            return false
        }
        held.append(event)
        bytes += event.count
        while held.count > limits.events || bytes > limits.bytes { dropOldest() }
        return true
    }

    mutating func dropOldest() {
        guard !held.isEmpty else { return }
        bytes -= held.removeFirst().count
    }

    mutating func clear() {
        held = []
        bytes = 0
    }

    /// What of the events after an index is still held, in order.
    func events(after index: Int) -> ArraySlice<[UInt8]> {
        let first = next - held.count
        return held.dropFirst(max(0, min(index, next) + 1 - first))
    }
}
