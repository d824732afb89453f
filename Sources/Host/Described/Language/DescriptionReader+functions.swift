extension DescriptionReader {
    func readFunction(_ name: String, _ field: Field) -> FunctionDescription {
        var function = FunctionDescription(name: name, symbol: name, place: field.place)
        field.check(keys: ["symbol", "arguments", "returns", "threads", "tool", "probe"], "a function")
        if let symbol = field["symbol"], let text = symbol.text {
            if Name.isValid(text) {
                function.symbol = text
            } else {
                symbol.problem(.badName, "'\(text)' is no symbol of C: expected \(Name.rule)")
            }
        }
        for element in field["arguments"]?.elements("a list of arguments, such as [data: 'bytes[size]', size: uint32]")
            ?? []
        {
            guard let (name, body) = named(element), let argument = readArgument(name, body) else { continue }
            if function.index(of: name) != nil { element.problem(.duplicateName, "'\(name)' is there twice") }
            function.arguments.append(argument)
        }
        if let returns = field["returns"] { function.result = readResult(returns) }
        if let threads = field["threads"], let choice = threads.choice(LibraryDescription.Threads.self) {
            if choice == .any {
                function.mayOverlap = true
            } else {
                threads.problem(
                    .badValue, "a function may be 'any'; serial and dedicated are rules of the whole library")
            }
        }
        function.tool = field["tool"].flatMap { readTool(name, $0) }
        if let probe = field["probe"] {
            let fields = probe.isSequence ? probe.elements("probes") : [probe]
            function.probes = fields.map(readProbe)
        }
        return function
    }

    func readArgument(_ name: String, _ field: Field) -> ArgumentDescription? {
        if name == "result" { field.problem(.badName, "'result' is what the function returns; take another name") }
        let typeField = field.isMapping ? field.required("type") : field
        if field.isMapping {
            field.check(
                keys: [
                    "type", "value", "description", "minimum", "maximum", "encoding", "used", "hide", "ownership",
                    "free",
                    "scope",
                ], "an argument")
        }
        guard let typeField, let type = type(typeField) else { return nil }
        var argument = ArgumentDescription(name: name, type: type, place: field.place)
        guard field.isMapping else { return argument }
        argument.description = field["description"]?.text ?? ""
        argument.minimum = field["minimum"]?.number
        argument.maximum = field["maximum"]?.number
        if let choice = field["encoding"]?.choice(ArgumentDescription.Encoding.self) { argument.encoding = choice }
        argument.used = field["used"]?.text
        argument.isHidden = field["hide"]?.bool ?? false
        argument.ownership = readOwnership(field)
        if let choice = field["scope"]?.choice(ArgumentDescription.Scope.self) { argument.scope = choice }
        argument.binding = field["value"].flatMap { readBinding($0, type) }
        return argument
    }

    private func readOwnership(_ field: Field) -> Ownership? {
        if let free = field["free"], let name = free.text {
            if Name.isValid(name) { return .free(name) }
            free.problem(.badName, "'\(name)' is no symbol of C: expected \(Name.rule)")
            return nil
        }
        guard let ownership = field["ownership"] else { return nil }
        switch ownership.scalar {
        case "borrowed": return .borrowed
        case "static": return .static
        default:
            ownership.problem(.badValue, "expected borrowed or static, or 'free: SYMBOL', found \(ownership.kind)")
            return nil
        }
    }

    /// What fills an argument; which kinds there are depends on its type.
    private func readBinding(_ field: Field, _ type: DescribedType) -> ArgumentDescription.Binding? {
        if field.isNull { return .null }
        guard let text = field.text else { return nil }
        func bad(_ expected: String) -> ArgumentDescription.Binding? {
            field.problem(.badValue, "expected \(expected), found '\(text)'")
            return nil
        }
        if type.isArray { return bad("no value: an array comes from whoever calls") }
        switch type.base {
        case .pointer:
            if let name = Self.call("handle", text) { return .handle(name) }
            if let name = Self.call("context", text) { return .context(name) }
            return bad("handle(NAME), context(CALLBACK) or null")
        case .text, .bytes: return template(field, text)
        case .callback, .structure: return bad("no value for this type, except null")
        case .scalar(let scalar) where !text.contains("{"):
            switch scalar {
            case .bool: return text == "true" || text == "false" ? .bool(text == "true") : bad("true or false")
            case .float32, .float64:
                guard let value = Double(text), value.isFinite else { return bad("a number") }
                return .real(value)
            default: return expression(field, text, scalar)
            }
        case .enumeration(let enumeration) where !text.contains("{"):
            if let value = enumeration.value(of: text) { return .expression(.constant(value)) }
            return Int64(text) != nil
                ? expression(field, text, enumeration.type)
                : bad("one of \(enumeration.cases.map(\.name).joined(separator: ", "))")
        case .scalar, .enumeration: return template(field, text)
        }
    }

    private func expression(_ field: Field, _ text: String, _ scalar: ScalarType) -> ArgumentDescription.Binding? {
        if let value = UInt64(text), value > UInt64(Int64.max), scalar == .uint64 { return .unsigned(value) }
        do {
            let expression = try Expression(parsing: text)
            if case .constant(let value)? = expression.folded, let range = scalar.range, !range.contains(Double(value))
            {
                field.problem(.badValue, "\(value) does not fit \(scalar.rawValue)")
                return nil
            }
            return .expression(expression)
        } catch {
            field.problem(.badExpression, "'\(text)' is no expression: \(error)")
            return nil
        }
    }

    func template(_ field: Field, _ text: String) -> ArgumentDescription.Binding? {
        do {
            return .template(try Template(parsing: text))
        } catch {
            field.problem(.badExpression, "'\(text)' is no template: \(error)")
            return nil
        }
    }

    private static func call(_ word: String, _ text: String) -> String? {
        guard text.hasPrefix("\(word)("), text.hasSuffix(")") else { return nil }
        let name = String(text.dropFirst(word.count + 1).dropLast())
        return Name.isValid(name) ? name : nil
    }

    // MARK: Results

    private func readResult(_ field: Field) -> ResultDescription {
        var result = ResultDescription(place: field.place)
        let typeField = field.isMapping ? field.required("type") : field
        if field.isMapping {
            field.check(
                keys: ["type", "name", "description", "error", "message", "ownership", "free", "encoding", "hide"],
                "a result")
        }
        guard let typeField, typeField.scalar != "void" else { return readResultRules(field, &result) }
        result.type = type(typeField)
        return readResultRules(field, &result)
    }

    private func readResultRules(_ field: Field, _ result: inout ResultDescription) -> ResultDescription {
        guard field.isMapping else { return result }
        if let name = field["name"], let text = name.text {
            if Name.isValid(text) { result.name = text } else { name.problem(.badName, "expected \(Name.rule)") }
        }
        result.description = field["description"]?.text ?? ""
        result.failure = field["error"]?.choice(ResultDescription.Failure.self)
        if let message = field["message"]?.text { result.message = message == "errno" ? .errno : .function(message) }
        if result.failure == nil, let message = field["message"] {
            message.problem(.badValue, "a message needs an 'error' that tells when there is one")
        }
        result.ownership = readOwnership(field)
        if let choice = field["encoding"]?.choice(ArgumentDescription.Encoding.self) { result.encoding = choice }
        // A status says nothing once the call has succeeded.
        result.isHidden = field["hide"]?.bool ?? (result.failure == .nonzero)
        return result
    }

    // MARK: Callbacks

    func readCallback(_ name: String, _ field: Field) -> CallbackDescription {
        var callback = CallbackDescription(name: name)
        field.check(keys: ["arguments", "returns", "answer", "stop", "limit", "context"], "a callback")
        for element in field["arguments"]?.elements("a list of arguments") ?? [] {
            guard let (name, body) = named(element), let argument = readArgument(name, body) else { continue }
            if callback.arguments.contains(where: { $0.name == name }) {
                element.problem(.duplicateName, "'\(name)' is there twice")
            }
            callback.arguments.append(argument)
        }
        if let returns = field["returns"], let text = returns.text, text != "void" {
            callback.returns = ScalarType(name: text)
            if callback.returns?.isInteger != true {
                returns.problem(.badType, "a callback returns void or an integer type, found '\(text)'")
            }
        }
        for (key, path) in [("answer", \CallbackDescription.answerValue), ("stop", \CallbackDescription.stop)] {
            guard let value = field[key], let number = Self.integer(value) else { continue }
            if let range = callback.returns?.range, !range.contains(Double(number)) {
                value.problem(.badValue, "\(number) does not fit what the callback returns")
            }
            callback[keyPath: path] = number
        }
        if let limit = field["limit"]?.integer(in: 0...1_000_000) { callback.limit = limit }
        callback.context = field["context"]?.text
        return callback
    }
}

extension CallbackDescription {
    fileprivate var answerValue: Int64? {
        get { answer }
        set { answer = newValue ?? 0 }
    }
}

extension Expression {
    /// The same with what is constant worked out, where that can be done.
    var folded: Expression? {
        guard names.values.isEmpty, names.lengths.isEmpty else { return nil }
        do throws(Fault) {
            return .constant(try evaluate(value: { _ in nil }, length: { _ in nil }))
        } catch {
            return nil
        }
    }
}
