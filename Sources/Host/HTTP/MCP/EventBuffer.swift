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
    /// The first ``gone`` places are empty: moving the rest up for each event that goes would cost as many moves as events
    /// are held.
    private var places: [[UInt8]] = []
    private var gone = 0
    private var held: ArraySlice<[UInt8]> { places[gone...] }

    /// Events held.
    var count: Int { places.count - gone }

    /// Keeps an event.
    /// - Returns: False when it is larger than the bound: then it is not held, nor is anything before it.
    mutating func append(_ event: [UInt8], limits: Limits) -> Bool {
        next += 1
        guard limits.events > 0, event.count <= limits.bytes else {
            clear()
            return false
        }
        places.append(event)
        bytes += event.count
        while count > limits.events || bytes > limits.bytes { dropOldest() }
        return true
    }

    mutating func dropOldest() {
        guard count > 0 else { return }
        bytes -= places[gone].count
        places[gone] = []
        gone += 1
        guard gone * 2 >= places.count else { return }
        places.removeFirst(gone)
        gone = 0
    }

    mutating func clear() {
        (places, gone, bytes) = ([], 0, 0)
    }

    /// What of the events after an index is still held, in order.
    func events(after index: Int) -> ArraySlice<[UInt8]> {
        let first = next - count
        return held.dropFirst(max(0, min(index, next) + 1 - first))
    }
}
