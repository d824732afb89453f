// What functions ask of lists, without a value for each of their elements.
extension TemplateValue {
    /// How many elements a list or members an object has; `nil` for anything else.
    var count: Int? {
        guard case .json(let slice) = self, slice.kind == .array else {
            if case .list(let items) = self { return items.count }
            return members?.count
        }
        var count = 0
        JSONScanner.eachElement(of: slice) { _ in count += 1 }
        return count
    }

    /// The elements of a list at these positions, and how many it has; none of anything else.
    func elements(in positions: Range<Int>) -> (found: [TemplateValue], count: Int) {
        switch self {
        case .list(let items): return (Array(items[positions.clamped(to: items.indices)]), items.count)
        case .json(let slice) where slice.kind == .array:
            var found: [TemplateValue] = []
            var count = 0
            JSONScanner.eachElement(of: slice) { range in
                if positions.contains(count) {
                    found.append(TemplateValue(JSONSlice(base: slice.base, range: range)))
                }
                count += 1
            }
            return (found, count)
        default: return ([], 0)
        }
    }

    var isList: Bool {
        switch self {
        case .list: true
        case .json(let slice): slice.kind == .array
        default: false
        }
    }
}
