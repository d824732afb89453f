/// Checks what a function returns, and how it says that it failed.
struct ResultChecker {
    let checker: DescriptionChecker
    let function: FunctionDescription
    let path: String

    private var result: ResultDescription { function.result }

    private func problem(_ reason: DescriptionProblem.Reason, _ text: String) {
        checker.problem(reason, result.place ?? function.place, path, text)
    }

    func check() {
        if let type = result.type { check(type) }
        checkFailure()
        if case .function(let name)? = result.message { checkMessage(name) }
    }

    private func check(_ type: DescribedType) {
        if type.direction != .input { return problem(.wrongDirection, "a result has no direction") }
        switch type.base {
        case .scalar, .enumeration:
            if type.count != nil { checkOwned(type) }
        case .text:
            if type.count != nil {
                return problem(.unsupportedElement, "a list of texts cannot be freed by a rule: write a wrapper in C")
            }
            checkOwned(type)
        case .bytes: checkOwned(type)
        case .structure: if !type.isByValue { checkOwned(type) }
        case .callback: problem(.unsupportedElement, "a function pointer cannot be returned to anybody")
        case .pointer:
            let isOpen = checker.library.handles.contains { $0.open == function.name }
            if !isOpen, !result.isHidden {
                problem(
                    .unboundPointer,
                    "nothing keeps this pointer: declare a handle that '\(function.name)' opens, or 'hide: true'")
            }
        }
    }

    private func checkOwned(_ type: DescribedType) {
        if result.ownership == nil {
            problem(
                .ownershipMissing,
                "who frees what it returns? 'ownership: borrowed', 'ownership: static' or 'free: SYMBOL'")
        }
        guard let count = type.count else { return }
        for name in count.names.values where checker.library.constants[name] == nil {
            if name == "dimensions", checker.library.embedding != nil { continue }
            let other = function.arguments.first { $0.name == name }
            if other?.type.isInteger != true { problem(.unknownLength, "'\(name)' is no integer of this function") }
        }
        if !count.names.lengths.isEmpty { problem(.unknownLength, "the length of a result is an argument or a number") }
    }

    private func checkFailure() {
        guard let failure = result.failure else { return }
        let isNumber = result.type?.isInteger == true
        let isPointer =
            result.type.map { !$0.isInteger && $0.scalar == nil && !$0.isByValue || $0.count != nil } ?? false
        switch failure {
        case .nonzero, .negative, .zero:
            if !isNumber { problem(.badValue, "'\(failure.rawValue)' is said of an integer result") }
            if failure == .negative, let range = result.type?.scalar?.range, range.lowerBound == 0 {
                problem(.badValue, "an unsigned result is never negative")
            }
        case .null: if !isPointer { problem(.badValue, "'null' is said of a result that is a pointer") }
        case .errno: break
        }
    }

    /// The function that gives the words for an error gets the code, handles, and nothing else.
    private func checkMessage(_ name: String) {
        guard let message = checker.find(name, at: path, result.place) else { return }
        if message.result.type?.base != .text {
            problem(.wrongRole, "'\(name)' returns no text that could be a message")
        }
        if message.result.failure != nil { problem(.wrongRole, "'\(name)' gives messages and may not fail itself") }
        checker.refuseExposed(message, "what gives the message", at: path, result.place)
        for handle in checker.handles(of: message) where !checker.handles(of: function).contains(handle) {
            problem(.unknownHandle, "'\(name)' needs the handle '\(handle)', which '\(function.name)' does not use")
        }
        let needsMore = message.arguments.contains { argument in
            if case .callback = argument.type.base { return argument.binding != .null }
            return false
        }
        if needsMore { problem(.wrongRole, "'\(name)' gives messages and takes no callback") }
    }
}
