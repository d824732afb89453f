import Synchronization

/// The last lines that plugin instances logged, by the name of their resource. What a server that an instance runs has
/// written (the field `line`) is kept as it came, everything else with its fields.
package final class RecentLines: Sendable {
    /// Most lines kept of a resource.
    package static let most = 500

    private let lines = Mutex<[String: [String]]>([:])

    package init() {}

    /// Takes a line of a resource; text without control characters.
    package func take(_ line: String, of resource: String) {
        lines.withLock { lines in
            lines[resource, default: []].append(line)
            // A few at a time: an array's front is dear to take away.
            let excess = lines[resource, default: []].count - Self.most
            if excess >= Self.most / 4 { lines[resource]?.removeFirst(excess) }
        }
    }

    /// The lines of a resource, the oldest first.
    package func lines(of resource: String) -> [String] {
        lines.withLock { Array($0[resource, default: []].suffix(Self.most)) }
    }
}
