import Gateway

/// The tools of one catalogue, each with a position (its place in the catalogue) and a row of the keyword index.
struct IndexContent: Sendable {
    private(set) var tools: [Catalog.Tool] = []
    private(set) var rows: [Int64] = []
    /// The position by row; −1 for rows that are free.
    private var positions: [Int32] = []
    /// By the bytes of the name: strings are equal when they are canonically equivalent.
    private var known: [[UInt8]: (position: Int, hash: UInt64)] = [:]

    /// What has to happen to the keyword index.
    struct Change: Sendable {
        var removed: [Int64] = []
        /// Positions.
        var added: [Int] = []
        /// For each position, where the same tool was before.
        var origins: [Int?] = []
    }

    func position(of row: Int64) -> Int? {
        let index = Int(row)
        guard positions.indices.contains(index), positions[index] >= 0 else { return nil }
        return Int(positions[index])
    }

    /// The content for another catalogue; tools that are the same keep their rows.
    func replaced(by catalog: Catalog) -> (IndexContent, Change) {
        var change = Change()
        var next = IndexContent()
        next.tools = catalog.tools
        next.positions = positions
        var free = Set(rows)
        let hashes = catalog.tools.map { StableHash.fnv1a($0.backend.utf8) ^ StableHash.of($0.json.bytes) }
        for (position, tool) in catalog.tools.enumerated() {
            if let old = known[Array(tool.name.utf8)], old.hash == hashes[position] {
                change.origins.append(old.position)
                free.remove(rows[old.position])
                next.rows.append(rows[old.position])
            } else {
                change.origins.append(nil)
                change.added.append(position)
                next.rows.append(-1)
            }
            next.known[Array(tool.name.utf8)] = (position, hashes[position])
        }
        change.removed = free.sorted()
        for row in free { next.positions[Int(row)] = -1 }
        var vacant = next.positions.indices.filter { next.positions[$0] < 0 }.makeIterator()
        for position in change.added {
            let row = vacant.next() ?? next.positions.count
            if row == next.positions.count { next.positions.append(-1) }
            next.rows[position] = Int64(row)
        }
        for (position, row) in next.rows.enumerated() { next.positions[Int(row)] = Int32(position) }
        return (next, change)
    }
}
