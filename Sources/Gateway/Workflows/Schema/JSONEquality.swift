/// Whether two values of JSON are equal as JSON Schema has it (2020-12 Core, section 4.2.2): numbers by value, objects
/// without regard to order.
enum JSONEquality {
    static func areEqual(_ left: JSONSlice, _ right: JSONSlice) -> Bool {
        guard left.kind == right.kind else { return false }
        switch left.kind {
        case .null: return true
        case .bool: return left.bool == right.bool
        case .string: return left.string?.utf8.elementsEqual((right.string ?? "").utf8) == true
        case .number:
            if left.bytes.elementsEqual(right.bytes) { return true }
            return TemplateNumber(text: String(decoding: left.bytes, as: UTF8.self))
                .compared(to: TemplateNumber(text: String(decoding: right.bytes, as: UTF8.self))) == 0
        case .array:
            let (first, second) = (left.elements, right.elements)
            return first.count == second.count && zip(first, second).allSatisfy(areEqual)
        case .object:
            let (first, second) = (left.members, right.members)
            guard first.count == second.count else { return false }
            return first.allSatisfy { key, value in right[key].map { areEqual(value, $0) } ?? false }
        }
    }
}
