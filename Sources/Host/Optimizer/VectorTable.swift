/// The vectors of the tools, by position, in one piece of memory; of unit length, so that a dot product is their cosine.
struct VectorTable: Sendable {
    let dimensions: Int
    private(set) var count: Int
    private var values: [Float]
    private var isKnown: [Bool]

    /// - Parameter count: Tools.
    init(dimensions: Int, count: Int) {
        self.dimensions = dimensions
        self.count = count
        values = [Float](repeating: 0, count: dimensions * count)
        isKnown = [Bool](repeating: false, count: count)
    }

    func has(_ position: Int) -> Bool { isKnown[position] }

    var known: Int { isKnown.count { $0 } }

    /// Puts a vector of any length but zero; one of other dimensions is left out.
    mutating func set(_ vector: some Collection<Float>, at position: Int) {
        guard vector.count == dimensions, position < count else { return }
        let unit = Self.unit(vector)
        for (offset, value) in unit.enumerated() { values[position * dimensions + offset] = value }
        isKnown[position] = true
    }

    /// Takes over a vector of another table.
    mutating func copy(_ origin: Int, of other: VectorTable, to position: Int) {
        guard other.dimensions == dimensions, other.isKnown[origin] else { return }
        let (from, to) = (origin * dimensions, position * dimensions)
        values.replaceSubrange(to..<(to + dimensions), with: other.values[from..<(from + dimensions)])
        isKnown[position] = true
    }

    /// The vector of length one in the same direction; a zero vector stays one, and is like nothing.
    static func unit(_ vector: some Collection<Float>) -> [Float] {
        let length = vector.reduce(Double(0)) { $0 + Double($1) * Double($1) }.squareRoot()
        guard length > 0, length.isFinite else { return Array(repeating: 0, count: vector.count) }
        return vector.map { Float(Double($0) / length) }
    }

    /// Cosines of all tools to each of some unit vectors; NaN for tools without a vector.
    ///
    /// Tools are the outer loop: each vector comes from memory once, however many queries there are.
    func similarities(to queries: [[Float]]) -> [[Float]] {
        var found = queries.map { _ in [Float](repeating: .nan, count: count) }
        values.withUnsafeBufferPointer { values in
            for position in 0..<count where isKnown[position] {
                let row = UnsafeBufferPointer(rebasing: values[(position * dimensions)..<((position + 1) * dimensions)])
                for index in queries.indices {
                    found[index][position] = queries[index].withUnsafeBufferPointer { Self.dot(row, $0) }
                }
            }
        }
        return found
    }

    /// Sixteen lanes, which the compiler spreads over the registers there are.
    private static func dot(_ left: UnsafeBufferPointer<Float>, _ right: UnsafeBufferPointer<Float>) -> Float {
        typealias Lanes = SIMD16<Float>
        let (a, b) = (UnsafeRawBufferPointer(left), UnsafeRawBufferPointer(right))
        let whole = left.count / Lanes.scalarCount
        var sum = Lanes.zero
        for index in 0..<whole {
            let offset = index * MemoryLayout<Lanes>.size
            sum +=
                a.loadUnaligned(fromByteOffset: offset, as: Lanes.self)
                * b.loadUnaligned(fromByteOffset: offset, as: Lanes.self)
        }
        var total = sum.sum()
        for index in (whole * Lanes.scalarCount)..<left.count { total += left[index] * right[index] }
        return total
    }
}
