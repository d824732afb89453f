/// Expands a template over data, within limits.
struct TemplateEvaluator {
    /// Longest output, and longest text that a function makes, in bytes: 10 MiB, as the reference.
    static let maximumOutput = 10 << 20
    /// Most work: an action, a turn of a loop, 64 bytes looked at, or 8 bytes that a function makes, count one each. About two
    /// seconds at worst, whatever the data are.
    static let maximumSteps = 4_000_000
    /// Deepest nesting of `template`.
    static let maximumDepth = 100

    /// Why a block ended.
    private enum Flow { case through, leave, next }

    private let definitions: [String: [TemplateNode]]
    private var variables: [(name: String, value: TemplateValue)]
    private var output: [UInt8] = []
    private let limit: Int
    private var steps = 0
    private var depth = 0

    /// - Parameter limit: Most work.
    init(definitions: [String: [TemplateNode]], root: TemplateValue, limit: Int = maximumSteps) {
        self.definitions = definitions
        self.limit = limit
        variables = [("", root)]
    }

    mutating func text(_ nodes: [TemplateNode]) throws(TemplateFault) -> [UInt8] {
        _ = try expand(nodes, dot: variables[0].value)
        return output
    }

    mutating func value(_ pipeline: TemplatePipeline) throws(TemplateFault) -> TemplateValue {
        try evaluate(pipeline, dot: variables[0].value)
    }

    // MARK: - Nodes

    private mutating func expand(_ nodes: [TemplateNode], dot: TemplateValue) throws(TemplateFault) -> Flow {
        let scope = variables.count
        defer { variables.removeLast(variables.count - scope) }
        for node in nodes {
            try spend(1)
            switch node {
            case .text(let text): try emit(text)
            case .output(let pipeline):
                let value = try evaluate(pipeline, dot: dot)
                guard pipeline.variables.isEmpty else { continue }
                try spend(value.size / 64)
                try emit(GoText.print(try present(value, at: pipeline.valueOffset)))
            case .choice(let pipeline, let then, let otherwise):
                let scope = variables.count
                defer { variables.removeLast(variables.count - scope) }
                let isTrue = try decide(try evaluate(pipeline, dot: dot))
                let flow = try expand(isTrue ? then : otherwise, dot: dot)
                if flow != .through { return flow }
            case .with(let pipeline, let then, let otherwise):
                let scope = variables.count
                defer { variables.removeLast(variables.count - scope) }
                let value = try evaluate(pipeline, dot: dot)
                let flow = try decide(value) ? expand(then, dot: value) : expand(otherwise, dot: dot)
                if flow != .through { return flow }
            case .range(let pipeline, let then, let otherwise):
                let flow = try range(pipeline, then, otherwise, dot: dot)
                if flow != .through { return flow }
            case .call(let name, let pipeline, let offset): try call(name, pipeline, at: offset, dot: dot)
            case .leave: return .leave
            case .next: return .next
            }
        }
        return .through
    }

    private mutating func range(
        _ pipeline: TemplatePipeline, _ then: [TemplateNode], _ otherwise: [TemplateNode], dot: TemplateValue
    ) throws(TemplateFault) -> Flow {
        let scope = variables.count
        defer { variables.removeLast(variables.count - scope) }
        let value = try present(try evaluate(pipeline, dot: dot, binds: false), at: pipeline.valueOffset)
        try spend(value.size / 64)
        let first = variables.count
        // Variables declared here live outside of the turns, so that a turn sets them anew.
        if !pipeline.isAssignment { variables += pipeline.variables.map { ($0, TemplateValue.null) } }
        func turn(
            _ key: TemplateValue, _ item: TemplateValue, in evaluator: inout TemplateEvaluator
        ) throws(TemplateFault) -> Flow {
            for (index, name) in pipeline.variables.enumerated() {
                let value = index == 0 && pipeline.variables.count == 2 ? key : item
                if pipeline.isAssignment {
                    evaluator.assign(name, value)
                } else {
                    evaluator.variables[first + index].value = value
                }
            }
            return try evaluator.expand(then, dot: item)
        }
        // All are looked at before the first turn, so they count although a turn may be the last.
        if let elements = value.elements {
            try spend(elements.count)
            for (index, element) in elements.enumerated() {
                if try turn(.integer(index), element, in: &self) == .leave { return .through }
            }
            if !elements.isEmpty { return .through }
        } else if let members = value.members {
            try spend(members.count * 4)
            for member in members {
                if try turn(.string(member.key), member.value, in: &self) == .leave { return .through }
            }
            if !members.isEmpty { return .through }
        } else if case .number(let number) = value, let count = number.integer {
            var index = 0
            while index < count {
                try spend(1)
                if try turn(.integer(index), .integer(index), in: &self) == .leave { return .through }
                index += 1
            }
            if count > 0 { return .through }
        } else if case .null = value {
        } else {
            throw TemplateFault(
                "expected a list, an object or a whole number after `range`, found \(value.kind)",
                at: pipeline.valueOffset)
        }
        return try expand(otherwise, dot: dot)
    }

    private mutating func call(
        _ name: String, _ pipeline: TemplatePipeline?, at offset: Int, dot: TemplateValue
    ) throws(TemplateFault) {
        guard depth < Self.maximumDepth else {
            throw TemplateFault(
                "expected at most \(Self.maximumDepth) templates inside each other, found more", at: offset)
        }
        let value = try pipeline.map { (pipeline) throws(TemplateFault) in try evaluate(pipeline, dot: dot) } ?? .null
        let outer = variables
        variables = [("", value)]
        depth += 1
        _ = try expand(definitions[name] ?? [], dot: value)
        depth -= 1
        variables = outer
    }

    // MARK: - Values

    private mutating func evaluate(
        _ pipeline: TemplatePipeline, dot: TemplateValue, binds: Bool = true
    ) throws(TemplateFault) -> TemplateValue {
        var result: TemplateValue?
        for command in pipeline.commands {
            do throws(TemplateFault) {
                if case .function(let function, let operands) = command.value {
                    result = try apply(function, operands, piped: result, dot: dot)
                } else {
                    result = try evaluate(command.value, dot: dot)
                }
            } catch {
                throw TemplateFault(error.message, at: error.offset ?? command.offset)
            }
        }
        let value = result ?? .null
        guard binds, let name = pipeline.variables.first else { return value }
        if pipeline.isAssignment { assign(name, value) } else { variables.append((name, value)) }
        return value
    }

    private mutating func evaluate(
        _ expression: TemplateExpression, dot: TemplateValue
    ) throws(TemplateFault) -> TemplateValue {
        switch expression {
        case .constant(let value): return value
        case .field(let names): return try follow(names, from: dot, as: "")
        case .variable(let name, let names):
            let value = variables.last { $0.name == name }?.value ?? .null
            return try follow(names, from: value, as: "$\(name)")
        case .pipeline(let pipeline, let names):
            let scope = variables.count
            defer { variables.removeLast(variables.count - scope) }
            return try follow(names, from: try evaluate(pipeline, dot: dot), as: "(…)")
        case .function(let function, let operands): return try apply(function, operands, piped: nil, dot: dot)
        }
    }

    private mutating func follow(
        _ names: [String], from start: TemplateValue, as prefix: String
    ) throws(TemplateFault) -> TemplateValue {
        var value = start
        for (index, name) in names.enumerated() {
            try spend(1 + value.size / 64)
            let path = { prefix + names[...index].map { ".\($0)" }.joined() }
            switch value {
            // What is missing below something missing is named by the first.
            case .missing: return value
            case .null: return .missing(path())
            case .map, .json:
                guard value.isObject else { fallthrough }
                value = value.member(name) ?? .missing(path())
            default: throw TemplateFault("expected an object to read `\(path())` of, found \(value.kind)")
            }
        }
        return value
    }

    private mutating func apply(
        _ function: TemplateFunction, _ operands: [TemplateExpression], piped: TemplateValue?, dot: TemplateValue
    ) throws(TemplateFault) -> TemplateValue {
        if function == .and || function == .or {
            // The rest is not evaluated once the answer is known.
            var value = TemplateValue.null
            for operand in operands {
                value = try evaluate(operand, dot: dot)
                if try decide(value) != (function == .and) { return value }
            }
            return piped ?? value
        }
        var arguments: [TemplateValue] = []
        for operand in operands { arguments.append(try evaluate(operand, dot: dot)) }
        if let piped { arguments.append(piped) }
        if !function.takesMissing { for argument in arguments { _ = try present(argument, at: nil) } }
        let size = arguments.reduce(0) { $0 + $1.size }
        try spend(1 + size / 64)
        // None of these makes less text than it gets.
        if [.print, .println, .html, .js, .urlquery, .quote].contains(function) { try fits(size) }
        let value = try TemplateFunctions.apply(function, arguments)
        if case .string(let text) = value {
            try spend(text.utf8.count / 8)
            try fits(text.utf8.count)
        } else if function == .len, case .number(let count) = value, arguments[0].isObject {
            try spend((count.integer ?? 0) * 4)
        }
        return value
    }

    /// Whether a value is true; to tell takes time where there is nothing but space or digits.
    private mutating func decide(_ value: TemplateValue) throws(TemplateFault) -> Bool {
        switch value {
        case .json(let slice): try spend(slice.leadingSpace / 64)
        case .number: try spend(value.size / 64)
        default: break
        }
        return value.isTrue
    }

    private mutating func assign(_ name: String, _ value: TemplateValue) {
        if let index = variables.lastIndex(where: { $0.name == name }) { variables[index].value = value }
    }

    /// What is there; an error that names what is not.
    private func present(_ value: TemplateValue, at offset: Int?) throws(TemplateFault) -> TemplateValue {
        guard case .missing(let path) = value else { return value }
        throw TemplateFault("`\(path)` is missing; use `default` where it may be", at: offset)
    }

    // MARK: - Limits

    private mutating func spend(_ count: Int) throws(TemplateFault) {
        steps += count
        if steps > limit {
            throw TemplateFault("takes more than \(limit) steps; loop over less")
        }
    }

    private mutating func emit(_ text: String) throws(TemplateFault) {
        try fits(output.count + text.utf8.count)
        output += text.utf8
    }

    private func fits(_ count: Int) throws(TemplateFault) {
        if count > Self.maximumOutput { throw TemplateFault("makes more than \(Self.maximumOutput >> 20) MiB of text") }
    }
}
