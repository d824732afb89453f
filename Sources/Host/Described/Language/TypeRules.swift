/// What of C's types cannot be bound at all, wherever it stands.
enum TypeRules {
    /// - Returns: Whether the type can be bound; otherwise the reason was noted at `field`.
    static func check(_ type: DescribedType, _ field: Field) -> Bool {
        func refuse(_ reason: DescriptionProblem.Reason, _ text: String) -> Bool {
            field.problem(reason, text)
            return false
        }
        if type.isByValue {
            guard case .structure(let structure) = type.base else {
                return refuse(.badType, "'value' stands before a structure")
            }
            guard type.direction == .input, type.count == nil, !type.isNullable else {
                return refuse(.badType, "a structure by value has no direction, no length, and is not nullable")
            }
            guard structure.size <= StructDescription.byValueLimit else {
                return refuse(
                    .structByValue,
                    "'\(structure.name)' has \(structure.size) bytes; by value at most \(StructDescription.byValueLimit) are "
                        + "passed: pass it by pointer, or write a wrapper in C")
            }
        }
        switch type.base {
        case .scalar, .enumeration:
            if type.isNullable, type.count == nil {
                return refuse(.badType, "a number is never NULL; only what is behind a pointer is nullable")
            }
        case .text:
            if type.direction == .both {
                return refuse(.wrongDirection, "text is read or written, not both: use 'inout bytes[…]'")
            }
            if type.count != nil, type.direction == .output {
                return refuse(
                    .unsupportedElement, "texts in an output array cannot be freed by a rule: write a wrapper in C")
            }
        case .bytes:
            if type.count == nil {
                return refuse(
                    .unknownLength,
                    "bytes have a length: 'bytes[size]', where size is an argument, a number or an expression")
            }
        case .pointer, .callback:
            if type.count != nil {
                return refuse(.unsupportedElement, "an array of pointers cannot be described: write a wrapper in C")
            }
            if type.direction == .both || isCallback(type) && type.direction != .input {
                return refuse(.wrongDirection, "a pointer is given, or comes as 'out pointer'; a callback is given")
            }
        case .structure:
            if type.count != nil {
                return refuse(.unsupportedElement, "an array of structures cannot be described: write a wrapper in C")
            }
        }
        return true
    }

    private static func isCallback(_ type: DescribedType) -> Bool {
        if case .callback = type.base { true } else { false }
    }
}
