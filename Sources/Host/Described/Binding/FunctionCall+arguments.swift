/// Before the call: what was given and what is bound is laid out, lengths are worked out, outputs get their room.
extension FunctionCall {
    private func bad(_ index: Int, _ text: String) -> CallFailure {
        CallFailure(.badArgument, "\(function.description.name): argument '\(arguments[index].name)': \(text)")
    }

    func prepare(_ given: [Member]) throws(CallFailure) {
        for member in given where function.positions[member.name] == nil {
            throw CallFailure(.badArgument, "\(function.description.name): there is no argument '\(member.name)'")
        }
        for index in arguments.indices where arguments[index].type.direction != .output {
            try take(index, given[arguments[index].name])
        }
        for index in arguments.indices
        where arguments[index].type.isInteger && arguments[index].type.direction != .output {
            try settle(index)
        }
        for index in arguments.indices where arguments[index].type.count != nil {
            try checkLength(index)
        }
        for index in arguments.indices where arguments[index].type.direction == .output { try makeRoom(index) }
        for (index, site) in function.sites { try install(site, index) }
        let size = function.description.result.type.map(Self.resultSize) ?? 16
        result = try arena.take(max(16, size))
    }

    /// Lays out what was given or bound; integers that are worked out come later.
    private func take(_ index: Int, _ given: Value?) throws(CallFailure) {
        let argument = arguments[index]
        switch argument.binding {
        case .expression: return
        case .unsigned(let value): return try write(.unsigned(value), index)
        case .real(let value): return try write(.real(value), index)
        case .bool(let value): return try write(.bool(value), index)
        case .null:
            lengths[index] = 0
            return
        case .handle(let name):
            guard let handle = context.handles[name] else { throw bad(index, "the handle '\(name)' is not open") }
            data[index] = handle
            return
        case .context: return
        case .template(let template):
            let value = given ?? template.constant.map(Value.text)
            guard let value else { throw bad(index, "its value is not known") }
            return try write(value, index)
        case nil: break
        }
        if case .callback = argument.type.base { return }
        if argument.type.base == .pointer {
            guard let closing = context.closing else { throw bad(index, "a pointer cannot be given") }
            data[index] = closing
            return
        }
        if function.derived[index] != nil {
            if given != nil { throw bad(index, "it is worked out and cannot be given") }
            return
        }
        guard let given, given != .null else {
            guard argument.type.isNullable else { throw bad(index, "missing") }
            lengths[index] = 0
            return
        }
        try write(given, index)
    }

    private func write(_ value: Value, _ index: Int) throws(CallFailure) {
        let argument = arguments[index]
        let written: ArgumentWriter.Written
        do throws(ArgumentWriter.Misfit) {
            written = try ArgumentWriter.write(value, as: argument.type, into: arena)
        } catch {
            if let failure = error.failure { throw failure }
            throw bad(index, "expected \(error.expected), found \(value.kind)")
        }
        data[index] = written.memory
        lengths[index] = written.length
        guard let scalar = argument.type.scalar, argument.type.count == nil else { return }
        let number = ScalarMemory.read(scalar, from: written.memory)
        if case .integer(let value) = number { integers[index] = value }
        let real: Double? =
            switch number {
            case .integer(let value): Double(value)
            case .unsigned(let value): Double(value)
            case .real(let value): value
            default: nil
            }
        if let real, let minimum = argument.minimum, real < minimum {
            throw bad(index, "expected at least \(Self.text(minimum))")
        }
        if let real, let maximum = argument.maximum, real > maximum {
            throw bad(index, "expected at most \(Self.text(maximum))")
        }
    }

    private static func text(_ number: Double) -> String { Int64(exactly: number).map(String.init) ?? "\(number)" }

    /// Works out an integer argument that was not given.
    private func settle(_ index: Int) throws(CallFailure) {
        guard data[index] == nil else { return }
        try write(.integer(try integer(index)), index)
    }

    private func integer(_ index: Int) throws(CallFailure) -> Int64 {
        if let value = integers[index] { return value }
        let value: Int64
        if let array = function.derived[index] {
            value = Int64(lengths[array] ?? 0)
        } else if case .expression(let expression)? = arguments[index].binding {
            // The checker has seen to it that this ends.
            value = try evaluate(expression, index)
        } else {
            throw bad(index, "its value does not fit a length")
        }
        integers[index] = value
        return value
    }

    /// - Parameter index: The argument that it is for, for messages.
    func evaluate(_ expression: Expression, _ index: Int) throws(CallFailure) -> Int64 {
        // Typed throws do not go through the expression's closures; what they could not answer is asked for before.
        for name in expression.names.values {
            if let position = function.positions[name], integers[position] == nil { _ = try integer(position) }
        }
        do throws(Expression.Fault) {
            return try expression.evaluate(
                value: { name in
                    if let position = function.positions[name] { return integers[position] }
                    return name == "dimensions"
                        ? context.dimensions ?? function.constants[name] : function.constants[name]
                },
                length: { name in function.positions[name].flatMap { lengths[$0] }.map(Int64.init) })
        } catch {
            switch error {
            case .overflow: throw bad(index, "its size does not fit 64 bits")
            case .division: throw bad(index, "its size is divided by zero")
            case .unknown(let name): throw bad(index, "'\(name)' is not known")
            }
        }
    }

    /// What was given must be as long as the library is told.
    private func checkLength(_ index: Int) throws(CallFailure) {
        guard arguments[index].type.direction != .output, let count = arguments[index].type.count, data[index] != nil,
            let length = lengths[index]
        else { return }
        let expected = try evaluate(count, index)
        let what = arguments[index].type.isArray ? "elements" : "bytes"
        guard Int64(length) == expected else { throw bad(index, "expected \(expected) \(what), found \(length)") }
        capacities[index] = length
    }

    private func makeRoom(_ index: Int) throws(CallFailure) {
        let type = arguments[index].type
        guard let count = type.count else {
            let size: Int =
                switch type.base {
                case .structure(let structure): structure.size
                default: 16
                }
            data[index] = try arena.take(size)
            return
        }
        let size = type.base == .bytes ? 1 : type.scalar?.size ?? 8
        let wanted = try evaluate(count, index)
        guard wanted >= 0, wanted <= Int64(CallArena.limit / size) else {
            throw bad(index, "expected room for 0 to \(CallArena.limit / size) elements, found \(wanted)")
        }
        capacities[index] = Int(wanted)
        data[index] = try arena.take(Int(wanted) * size)
    }

    private func install(_ site: CallbackSite, _ index: Int) throws(CallFailure) {
        let name = arguments[index].name
        let lives = arguments[index].scope == .untilClose
        let run = CallbackRun(site.callback, onEvent: lives ? context.onEvent : nil)
        let cell = try site.cell(for: run)
        data[index] = cell.code
        if let position = arguments.firstIndex(where: { $0.binding == .context(name) }) {
            data[position] = cell.context
        }
        if lives, let keep = context.keep {
            keep(site, cell)
        } else {
            runs[index] = run
            cells.append((site, cell))
        }
    }
}
