/// Checks one argument of a function.
struct ArgumentChecker {
    let checker: DescriptionChecker
    let function: FunctionDescription
    let index: Int
    let path: String

    private var argument: ArgumentDescription { function.arguments[index] }
    private var type: DescribedType { argument.type }

    private func problem(_ reason: DescriptionProblem.Reason, _ text: String) {
        checker.problem(reason, argument.place, path, text)
    }

    func check() {
        checkLimits()
        checkBinding()
        if let count = type.count {
            check(expression: count)
            checkUsed()
        } else if argument.used != nil {
            problem(.badValue, "'used' belongs to an array or to bytes that the library writes")
        }
        checkPointers()
        if type.base == .text, type.direction == .output, argument.ownership == nil {
            problem(
                .ownershipMissing, "who frees this text? 'ownership: borrowed', 'ownership: static' or 'free: SYMBOL'")
        } else if argument.ownership != nil, type.base != .text || type.direction == .input {
            problem(.badValue, "ownership is that of a text that the library makes")
        }
        if case .callback(let name) = type.base { checkCallback(name) }
    }

    private func checkLimits() {
        let isNumber = type.count == nil && type.scalar != nil && type.scalar != .bool
        if argument.minimum != nil || argument.maximum != nil, !isNumber {
            problem(.badValue, "'minimum' and 'maximum' belong to a number")
        }
        if let minimum = argument.minimum, let maximum = argument.maximum, minimum > maximum {
            problem(.badValue, "'minimum' is above 'maximum'")
        }
    }

    private func checkBinding() {
        guard let binding = argument.binding else { return }
        if type.direction == .output {
            return problem(.wrongDirection, "an output has no value: it comes from the library")
        }
        switch binding {
        case .expression(let expression): check(expression: expression)
        case .template(let template): checker.check(template, of: function, argument.place, path)
        case .null:
            if !type.isNullable, type.base != .pointer {
                if case .callback = type.base { return }
                problem(.badValue, "null is for what may be NULL: write the type with '?'")
            }
        case .handle(let name):
            if checker.library.handle(name) == nil {
                problem(.unknownHandle, "there is no handle '\(name)' in this file")
            }
        case .context(let name):
            guard let other = function.arguments.first(where: { $0.name == name }),
                case .callback(let callback) = other.type.base
            else { return problem(.unknownArgument, "'\(name)' is no callback among the arguments") }
            if checker.library.callbacks[callback]?.context == nil {
                problem(
                    .badValue, "the callback '\(callback)' says nothing of a context: add 'context: ARGUMENT' there")
            }
        case .unsigned, .real, .bool: break
        }
    }

    /// Every name must be an integer that is known before the call.
    func check(expression: Expression) {
        for name in expression.names.values {
            if let other = function.arguments.first(where: { $0.name == name }) {
                if !other.type.isInteger || other.type.direction == .output {
                    problem(.unknownLength, "'\(name)' is no integer that is known before the call")
                }
            } else if !isConstant(name) {
                problem(.unknownArgument, "'\(name)' is neither an argument nor a constant")
            }
        }
        for name in expression.names.lengths {
            let other = function.arguments.first { $0.name == name }
            let hasLength = other.map {
                $0.type.direction != .output && ($0.type.count != nil || $0.type.base == .text)
            }
            if hasLength != true { problem(.unknownArgument, "'\(name)' is no text, bytes or array that is given") }
        }
    }

    private func isConstant(_ name: String) -> Bool {
        checker.library.constants[name] != nil || name == "dimensions" && checker.library.embedding != nil
    }

    private func checkUsed() {
        guard let used = argument.used else { return }
        if type.direction == .input { return problem(.badValue, "'used' belongs to what the library writes") }
        if used == "result" {
            let isCount = function.result.type?.isInteger == true
            if !isCount { problem(.unknownArgument, "the result is no integer that could tell what was used") }
        } else {
            let other = function.arguments.first { $0.name == used }
            if other?.type.isInteger != true || other?.type.direction == .input {
                problem(.unknownArgument, "'\(used)' is no integer that the library writes: 'inout' or 'out'")
            }
        }
    }

    private func checkPointers() {
        guard type.base == .pointer else { return }
        if type.direction == .output {
            if !checker.library.handles.contains(where: { $0.open == function.name }), !argument.isHidden {
                problem(
                    .unboundPointer,
                    "nothing keeps this pointer: declare a handle that '\(function.name)' opens, or 'hide: true'")
            }
        } else if argument.binding == nil, !checker.library.handles.contains(where: { $0.close == function.name }) {
            problem(
                .unboundPointer,
                "nobody can give a pointer: 'value: handle(NAME)', 'value: context(CALLBACK)' or 'value: null'")
        }
    }

    private func checkCallback(_ name: String) {
        if argument.binding == .null { return }
        switch argument.scope {
        case .call: break
        case .forever:
            problem(
                .callbackKeptForEver,
                "a function pointer that the library keeps for ever can never be freed: use 'until-close' with a handle, or "
                    + "write a wrapper in C")
        case .untilClose:
            let isOpen = checker.library.handles.contains { $0.open == function.name && $0.per == .instance }
            let used = checker.handles(of: function).compactMap(checker.library.handle)
            if !isOpen, !used.contains(where: { $0.per == .instance }) {
                problem(
                    .callbackKeptForEver,
                    "nothing says when the library lets it go: 'until-close' needs a handle of the instance in this function"
                )
            }
        }
        guard checker.library.callbacks[name]?.context != nil else { return }
        let isPassed = function.arguments.contains { $0.binding == .context(argument.name) }
        if !isPassed {
            problem(
                .unboundPointer,
                "the callback '\(name)' expects its context: one argument of type pointer has 'value: context(\(argument.name))'"
            )
        }
    }
}
