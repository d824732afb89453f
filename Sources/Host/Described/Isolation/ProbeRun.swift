import PluginKit

/// Binds a library in a child process and makes the calls that its description wants tried, so that a wrong signature
/// ends the child and names its function.
package struct ProbeRun {
    private let description: LibraryDescription
    private let launch: ChildLaunch
    /// Most milliseconds a call may take.
    private let limit: UInt64

    package init(_ description: LibraryDescription, launch: ChildLaunch, limit: UInt64 = 30_000) {
        self.description = description
        self.launch = launch
        self.limit = limit
    }

    /// - Returns: A line for each probe.
    /// - Throws: ``DescriptionError`` with what cannot be bound, or with every probe that went wrong.
    package func run() throws(DescriptionError) -> [String] {
        try bind()
        var lines: [String] = []
        var problems: [DescriptionProblem] = []
        for function in description.functions {
            for probe in function.probes {
                do throws(CallFailure) {
                    try self.probe(function, probe)
                    lines.append("\(function.name): as expected")
                } catch {
                    // What only a resource configures cannot be tried without one.
                    if error.kind == .abandoned {
                        lines.append("\(function.name): skipped, \(error.message)")
                        continue
                    }
                    problems.append(
                        DescriptionProblem(
                            .notCallable, at: probe.place, path: "functions.\(function.name).probe", error.message))
                }
            }
        }
        guard problems.isEmpty else { throw DescriptionError(problems) }
        return lines
    }

    private func bind() throws(DescriptionError) {
        let problems: [DescriptionProblem]
        do throws(CallFailure) {
            let (child, found) = try ChildProcess.start(launch) { _, _ in }
            child.stop()
            problems = found
        } catch {
            problems = [DescriptionProblem(.notLoadable, at: nil, path: "library", error.message)]
        }
        guard problems.isEmpty else { throw DescriptionError(problems) }
    }

    /// Each in a child of its own: one that went wrong may have spoilt what the next would see.
    private func probe(_ function: FunctionDescription, _ probe: ProbeDescription) throws(CallFailure) {
        var values: [String: [Member]] = [:]
        for name in description.handles.flatMap({ [$0.open, $0.close].compactMap(\.self) }) {
            if let function = description.function(name) { values[name] = try templates(function) }
        }
        var arguments = try templates(function)
        for member in probe.arguments {
            guard let argument = function.exposed.first(where: { $0.name == member.name }),
                argument.type.base == .bytes, case .text(let text) = member.value
            else {
                arguments.append(member)
                continue
            }
            guard let bytes = ByteText.decode(text, argument.encoding) else {
                throw CallFailure(.badArgument, "argument '\(member.name)': expected \(argument.encoding.rawValue)")
            }
            arguments.append(Member(member.name, .bytes(bytes)))
        }
        let library = ChildLibrary(launch: launch)
        let instance = try library.open(values)
        let answer: [Member]
        let dimensions: Int64? =
            if case .fixed(let count)? = description.embedding?.dimensions { Int64(count) } else { nil }
        do throws(CallFailure) {
            answer = try library.call(
                instance, function.name, arguments,
                CallTerms(dimensions: dimensions, deadline: ChildLibrary.monotonic() + limit))
        } catch {
            library.close(instance)
            throw error
        }
        try library.closing(instance)
        guard case .record(let found) = ValueJSON.plain(try ValueJSON.object(answer, of: function)) else { return }
        for member in probe.expected {
            guard let value = found[member.name] else {
                throw CallFailure(.badResult, "expected '\(member.name)' in the answer, found none")
            }
            guard Self.isEqual(value, member.value) else {
                throw CallFailure(
                    .badResult, "'\(member.name)': expected \(member.value.line), found \(value.line)")
            }
        }
    }

    /// Values of templates as far as defaults give them.
    private func templates(_ function: FunctionDescription) throws(CallFailure) -> [Member] {
        var members: [Member] = []
        for argument in function.arguments {
            guard case .template(let template)? = argument.binding, template.constant == nil else { continue }
            var text = ""
            for part in template.parts {
                switch part {
                case .text(let plain): text += plain
                case .source(let source):
                    let field = description.configuration.first { "config.\($0.name)" == source }
                    guard let value = field?.defaultValue else {
                        throw CallFailure(.abandoned, "'{\(source)}' is known only when a resource or a request is")
                    }
                    text += value.line
                }
            }
            members.append(Member(argument.name, .text(text)))
        }
        return members
    }

    private static func isEqual(_ one: Value, _ other: Value) -> Bool {
        switch (one, other) {
        case (.integer(let one), .real(let other)): Double(one) == other
        case (.real(let one), .integer(let other)): one == Double(other)
        case (.list(let one), .list(let other)): one.count == other.count && zip(one, other).allSatisfy(isEqual)
        case (.record(let one), .record(let other)):
            other.allSatisfy { member in one[member.name].map { isEqual($0, member.value) } ?? false }
        default: one == other
        }
    }
}

extension Value {
    /// One line for people; cut when long.
    package var line: String {
        let text: String =
            switch self {
            case .null: "null"
            case .bool(let value): "\(value)"
            case .integer(let value): "\(value)"
            case .unsigned(let value): "\(value)"
            case .real(let value): "\(value)"
            case .text(let text): text
            case .bytes(let bytes): "\(bytes.count) bytes"
            case .floats(let floats): "\(floats.count) floats"
            case .list(let values): "[" + values.prefix(16).map(\.line).joined(separator: ", ") + "]"
            case .record(let members): members.map { "\($0.name): \($0.value.line)" }.joined(separator: ", ")
            }
        return text.count > 512 ? text.prefix(512) + "…" : text
    }
}
