extension JSONSlice {
    /// Whether objects and arrays stand in each other on more than so many levels, itself included.
    func isNested(deeperThan levels: Int) -> Bool {
        // Each level takes two bytes at least.
        guard range.count > 2 * levels else { return false }
        return base.withUnsafeBufferPointer { bytes in
            var (depth, position) = (0, range.lowerBound)
            while position < range.upperBound {
                switch bytes[position] {
                case UInt8(ascii: "\""):
                    position += 1
                    while bytes[position] != UInt8(ascii: "\"") {
                        position += bytes[position] == UInt8(ascii: "\\") ? 2 : 1
                    }
                case UInt8(ascii: "{"), UInt8(ascii: "["):
                    depth += 1
                    if depth > levels { return true }
                case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
                default: break
                }
                position += 1
            }
            return false
        }
    }
}
