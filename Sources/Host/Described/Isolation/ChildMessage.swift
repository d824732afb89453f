/// What the gateway asks of a child.
enum ChildRequest: Sendable, Equatable {
    /// First: the description's text, and the library.
    case load(text: String, library: String)
    case open(id: UInt64, values: [String: [Member]])
    case call(id: UInt64, instance: UInt64, function: String, arguments: [Member], dimensions: Int64?)
    case close(id: UInt64, instance: UInt64)

    var frame: [UInt8] {
        var writer = FrameWriter()
        switch self {
        case .load(let text, let library):
            writer.byte(1)
            writer.text(text)
            writer.text(library)
        case .open(let id, let values):
            writer.byte(2)
            writer.number(id)
            writer.number(UInt64(values.count))
            for (name, members) in values.sorted(by: { $0.key < $1.key }) {
                writer.text(name)
                writer.members(members)
            }
        case .call(let id, let instance, let function, let arguments, let dimensions):
            writer.byte(3)
            writer.number(id)
            writer.number(instance)
            writer.text(function)
            writer.members(arguments)
            writer.value(dimensions.map(Value.integer) ?? .null)
        case .close(let id, let instance):
            writer.byte(4)
            writer.number(id)
            writer.number(instance)
        }
        return writer.bytes
    }

    init?(frame: [UInt8]) {
        var reader = FrameReader(frame)
        switch reader.byte() {
        case 1:
            guard let text = reader.text(), let library = reader.text() else { return nil }
            self = .load(text: text, library: library)
        case 2:
            guard let id = reader.number(), let count = reader.count() else { return nil }
            var values: [String: [Member]] = [:]
            for _ in 0..<count {
                guard let name = reader.text(), let members = reader.members() else { return nil }
                values[name] = members
            }
            self = .open(id: id, values: values)
        case 3:
            guard let id = reader.number(), let instance = reader.number(), let function = reader.text(),
                let arguments = reader.members(), let dimensions = reader.value()
            else { return nil }
            if case .integer(let count) = dimensions {
                self = .call(id: id, instance: instance, function: function, arguments: arguments, dimensions: count)
            } else {
                self = .call(id: id, instance: instance, function: function, arguments: arguments, dimensions: nil)
            }
        case 4:
            guard let id = reader.number(), let instance = reader.number() else { return nil }
            self = .close(id: id, instance: instance)
        default: return nil
        }
    }
}

/// What a child says.
enum ChildReply: Sendable, Equatable {
    /// The library is bound, or why not.
    case loaded([DescriptionProblem])
    case opened(id: UInt64, instance: UInt64)
    case answer(id: UInt64, [Member])
    case failure(id: UInt64, CallFailure)
    case event(callback: String, Value)
    case closed(id: UInt64)
    /// It begins a function of the library in order to load, open or close.
    case entered(String)
    /// Callbacks that came after their time.
    case strays(Int)

    var frame: [UInt8] {
        var writer = FrameWriter()
        switch self {
        case .loaded(let problems):
            writer.byte(1)
            writer.number(UInt64(problems.count))
            for problem in problems {
                writer.text(problem.reason.rawValue)
                writer.number(UInt64(problem.place?.line ?? 0))
                writer.number(UInt64(problem.place?.column ?? 0))
                writer.text(problem.path)
                writer.text(problem.text)
            }
        case .opened(let id, let instance):
            writer.byte(2)
            writer.number(id)
            writer.number(instance)
        case .answer(let id, let members):
            writer.byte(3)
            writer.number(id)
            writer.members(members)
        case .failure(let id, let failure):
            writer.byte(4)
            writer.number(id)
            writer.byte(failure.kind.rawValue)
            writer.text(failure.message)
            writer.value(failure.code.map(Value.integer) ?? .null)
        case .event(let callback, let value):
            writer.byte(5)
            writer.text(callback)
            writer.value(value)
        case .closed(let id):
            writer.byte(6)
            writer.number(id)
        case .entered(let function):
            writer.byte(7)
            writer.text(function)
        case .strays(let count):
            writer.byte(8)
            writer.number(UInt64(count))
        }
        return writer.bytes
    }

    init?(frame: [UInt8]) {
        var reader = FrameReader(frame)
        switch reader.byte() {
        case 1:
            guard let count = reader.count() else { return nil }
            var problems: [DescriptionProblem] = []
            for _ in 0..<count {
                guard let reason = reader.text().flatMap(DescriptionProblem.Reason.init(rawValue:)),
                    let line = reader.number(), let column = reader.number(), let path = reader.text(),
                    let text = reader.text()
                else { return nil }
                let place = line == 0 ? nil : Place(line: Int(clamping: line), column: Int(clamping: column))
                problems.append(DescriptionProblem(reason, at: place, path: path, text))
            }
            self = .loaded(problems)
        case 2:
            guard let id = reader.number(), let instance = reader.number() else { return nil }
            self = .opened(id: id, instance: instance)
        case 3:
            guard let id = reader.number(), let members = reader.members() else { return nil }
            self = .answer(id: id, members)
        case 4:
            guard let id = reader.number(), let kind = reader.byte().flatMap(CallFailure.Kind.init(rawValue:)),
                let message = reader.text(), let code = reader.value()
            else { return nil }
            self = .failure(id: id, CallFailure(kind, message, code: ScalarMemory.signed(code)))
        case 5:
            guard let callback = reader.text(), let value = reader.value() else { return nil }
            self = .event(callback: callback, value)
        case 6:
            guard let id = reader.number() else { return nil }
            self = .closed(id: id)
        case 7:
            guard let function = reader.text() else { return nil }
            self = .entered(function)
        case 8:
            guard let count = reader.number() else { return nil }
            self = .strays(Int(clamping: count))
        default: return nil
        }
    }
}
