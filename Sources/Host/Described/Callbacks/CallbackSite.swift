import Synchronization

/// The place of a function where it takes a callback: hands out closures and takes them back.
///
/// Closures are made as they are needed and used again in the order they came back, so that one whose call is over rests
/// before it serves another: a library that calls late is then found out rather than mixed up.
final class CallbackSite: Sendable {
    /// Closures that rest before one is used again.
    private static let rest = 8

    let callback: CallbackDescription
    private let layout: CallbackLayout
    private let idle = Mutex<[ClosureCell]>([])

    init(_ callback: CallbackDescription, constants: [String: Int64], strays: StrayCounter) throws(CallFailure) {
        self.callback = callback
        layout = try CallbackLayout(callback, constants: constants, count: strays)
    }

    func cell(for run: CallbackRun) throws(CallFailure) -> ClosureCell {
        let rested = idle.withLock { $0.count > Self.rest ? $0.removeFirst() : nil }
        let cell: ClosureCell
        if let rested { cell = rested } else { cell = try ClosureCell(layout) }
        cell.begin(run)
        return cell
    }

    /// The scope of a closure is over.
    func retire(_ cell: ClosureCell) {
        cell.end()
        idle.withLock { $0.append(cell) }
    }
}

/// How the arguments of a callback are read; worked out once.
final class CallbackLayout: Sendable {
    /// What is passed as a context.
    static let contextNumber: UInt32 = 0x564D_4350

    let callback: CallbackDescription
    let interface: CallInterface
    let count: StrayCounter
    private let constants: [String: Int64]

    init(_ callback: CallbackDescription, constants: [String: Int64], count: StrayCounter) throws(CallFailure) {
        self.callback = callback
        self.constants = constants
        self.count = count
        let result = callback.returns.map {
            DescribedType(direction: .input, base: .scalar($0), count: nil, isByValue: false, isNullable: false)
        }
        interface = try CallInterface(arguments: callback.arguments.map(\.type), result: result)
    }

    /// The arguments of one call as an object; pointers say nothing and are left out.
    func read(_ arguments: UnsafeMutablePointer<UnsafeMutableRawPointer?>?) -> Result<Value, CallFailure> {
        guard let arguments else { return .failure(CallFailure(.badResult, "a callback without arguments")) }
        var integers: [String: Int64] = constants
        for (index, argument) in callback.arguments.enumerated() where argument.type.isInteger {
            if let scalar = argument.type.scalar, let memory = arguments[index] {
                integers[argument.name] = ScalarMemory.integer(scalar, from: memory)
            }
        }
        var members: [Member] = []
        do throws(CallFailure) {
            for (index, argument) in callback.arguments.enumerated() {
                guard argument.type.base != .pointer, !argument.isHidden, let memory = arguments[index] else {
                    continue
                }
                members.append(Member(argument.name, try read(argument, memory, integers)))
            }
        } catch {
            return .failure(error)
        }
        return .success(.record(members))
    }

    private func read(
        _ argument: ArgumentDescription, _ memory: UnsafeMutableRawPointer, _ integers: [String: Int64]
    ) throws(CallFailure) -> Value {
        let type = argument.type
        if type.count == nil {
            switch type.base {
            case .scalar(let scalar): return ScalarMemory.read(scalar, from: memory)
            case .enumeration(let enumeration): return MemoryReader.name(enumeration, at: memory)
            default: break
            }
        }
        guard let target = memory.load(as: UnsafeMutableRawPointer?.self) else { return .null }
        switch type.base {
        case .text where type.count == nil: return .text(String(cString: target.assumingMemoryBound(to: CChar.self)))
        case .structure(let structure): return MemoryReader.structure(structure, at: target)
        default: break
        }
        guard let expression = type.count else { return .null }
        let wanted: Int64
        do throws(Expression.Fault) {
            wanted = try expression.evaluate(value: { integers[$0] }, length: { _ in nil })
        } catch {
            throw CallFailure(.badResult, "\(callback.name): the length of '\(argument.name)' cannot be worked out")
        }
        let count = try MemoryReader.checked(wanted, size: type.scalar?.size ?? 8, "\(callback.name).\(argument.name)")
        return type.base == .bytes
            ? MemoryReader.bytes(count, at: target) : try MemoryReader.array(type.base, count, at: target)
    }
}
