#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

extension FunctionCall {
    /// What the function gave.
    /// - Throws: ``CallFailure`` with the library's words when it says that it failed.
    func answer() throws(CallFailure) -> CallAnswer {
        let description = function.description
        let isFailure = hasFailed
        // Also after a failure: what the library made is ours to free.
        let (value, handle) = try readResult(skip: isFailure)
        var answer = CallAnswer(members: [], handle: handle)
        if let value, !description.result.isHidden { answer.members.append(Member(description.result.name, value)) }
        for (index, argument) in description.arguments.enumerated() {
            if case .callback = argument.type.base, let run = runs[index] {
                answer.members += run.members(argument.name)
                continue
            }
            guard argument.type.direction != .input else { continue }
            if argument.type.base == .pointer {
                if !argument.isHidden {
                    answer.handle = data[index].flatMap { $0.load(as: UnsafeMutableRawPointer?.self) }
                }
                continue
            }
            if let value = try readOutput(index, isFailure), !argument.isHidden {
                answer.members.append(Member(argument.name, value))
            }
        }
        if isFailure {
            let code = numericResult
            if let handle = answer.handle { context.leftover?(handle) }
            throw CallFailure(.failed, message(code), code: code)
        }
        return answer
    }

    private var numericResult: Int64? {
        guard let result, let scalar = function.description.result.type.flatMap({ $0.isInteger ? $0.scalar : nil })
        else {
            return nil
        }
        return Self.word(scalar, result)
    }

    /// An integer that libffi widened to a word.
    private static func word(_ scalar: ScalarType, _ memory: UnsafeRawPointer) -> Int64 {
        guard scalar.size < MemoryLayout<UInt>.size else { return ScalarMemory.integer(scalar, from: memory) }
        let word = memory.load(as: UInt.self)
        return switch scalar {
        case .int8: Int64(Int8(truncatingIfNeeded: word))
        case .uint8: Int64(UInt8(truncatingIfNeeded: word))
        case .int16: Int64(Int16(truncatingIfNeeded: word))
        case .uint16: Int64(UInt16(truncatingIfNeeded: word))
        case .int32: Int64(Int32(truncatingIfNeeded: word))
        case .uint32: Int64(UInt32(truncatingIfNeeded: word))
        case .bool: UInt8(truncatingIfNeeded: word) == 0 ? 0 : 1
        case .int64, .uint64, .float32, .float64: 0
        }
    }

    private var hasFailed: Bool {
        guard let failure = function.description.result.failure, let result else { return false }
        // We told it to stop; that it says so is no failure.
        if runs.values.contains(where: \.wasStopped) { return false }
        return switch failure {
        case .nonzero: numericResult != 0
        case .zero: numericResult == 0
        case .negative: (numericResult ?? 0) < 0
        case .null: result.load(as: UnsafeRawPointer?.self) == nil
        case .errno: systemError != 0
        }
    }

    private func message(_ code: Int64?) -> String {
        let name = function.description.name
        let number = code.map { " with \($0)" } ?? ""
        switch function.description.result.message {
        case .function(let messenger):
            if let words = context.message?(messenger, code ?? 0) { return "\(name) failed\(number): \(words)" }
        case .errno:
            return "\(name) failed\(number): \(String(cString: strerror(systemError)))"
        case nil:
            if function.description.result.failure == .errno {
                return "\(name) failed: \(String(cString: strerror(systemError)))"
            }
        }
        return "\(name) failed\(number)"
    }

    // MARK: The result

    private func readResult(skip isFailure: Bool) throws(CallFailure) -> (Value?, UnsafeMutableRawPointer?) {
        let description = function.description.result
        guard let type = description.type, let result else { return (nil, nil) }
        if type.count == nil {
            switch type.base {
            case .scalar(let scalar): return (try read(scalar, result), nil)
            case .enumeration(let enumeration):
                let number = Self.word(enumeration.type, result)
                return (enumeration.name(of: number).map(Value.text) ?? .integer(number), nil)
            case .structure(let structure) where type.isByValue:
                return (MemoryReader.structure(structure, at: result), nil)
            case .pointer: return (nil, result.load(as: UnsafeMutableRawPointer?.self))
            case .text, .bytes, .structure, .callback: break
            }
        }
        guard let memory = result.load(as: UnsafeMutableRawPointer?.self) else {
            if isFailure || type.isNullable { return (.null, nil) }
            throw CallFailure(
                .badResult, "\(function.description.name) returned NULL; write its type with '?' if it may")
        }
        defer { free(memory, description.ownership) }
        return (isFailure ? .null : try readMemory(type, memory), nil)
    }

    private func read(_ scalar: ScalarType, _ memory: UnsafeRawPointer) throws(CallFailure) -> Value {
        switch scalar {
        case .float32, .float64: ScalarMemory.read(scalar, from: memory)
        case .bool: .bool(Self.word(.bool, memory) != 0)
        case .uint64: ScalarMemory.read(scalar, from: memory)
        default: .integer(Self.word(scalar, memory))
        }
    }

    /// What a pointer that the function returned leads to.
    private func readMemory(_ type: DescribedType, _ memory: UnsafeMutableRawPointer) throws(CallFailure) -> Value {
        let name = function.description.name
        switch type.base {
        case .text where type.count == nil: return .text(String(cString: memory.assumingMemoryBound(to: CChar.self)))
        case .structure(let structure): return MemoryReader.structure(structure, at: memory)
        default: break
        }
        guard let expression = type.count else { throw CallFailure(.badResult, "\(name): its result cannot be read") }
        let wanted: Int64
        do throws(Expression.Fault) {
            wanted = try expression.evaluate(
                value: { self.written($0) ?? ($0 == "dimensions" ? context.dimensions : function.constants[$0]) },
                length: { _ in nil })
        } catch {
            throw CallFailure(.badResult, "\(name): the length of its result cannot be worked out")
        }
        let count = try MemoryReader.checked(wanted, size: type.scalar?.size ?? 1, name)
        return type.base == .bytes
            ? MemoryReader.bytes(count, at: memory) : try MemoryReader.array(type.base, count, at: memory)
    }

    private func free(_ memory: UnsafeMutableRawPointer, _ ownership: Ownership?) {
        if case .free(let symbol)? = ownership { function.frees[symbol]?(memory) }
    }

    // MARK: Outputs

    private func readOutput(_ index: Int, _ isFailure: Bool) throws(CallFailure) -> Value? {
        let argument = function.description.arguments[index]
        guard let memory = data[index] else { return .null }
        if argument.type.count != nil { return isFailure ? nil : try readFilled(index, memory) }
        switch argument.type.base {
        case .scalar(let scalar): return ScalarMemory.read(scalar, from: memory)
        case .enumeration(let enumeration): return MemoryReader.name(enumeration, at: memory)
        case .structure(let structure): return isFailure ? nil : MemoryReader.structure(structure, at: memory)
        case .text:
            guard let text = memory.load(as: UnsafeMutableRawPointer?.self) else { return .null }
            defer { free(text, argument.ownership) }
            return .text(String(cString: text.assumingMemoryBound(to: CChar.self)))
        case .bytes, .pointer, .callback: return nil
        }
    }

    /// An array of outputs, as far as the library says it filled it.
    private func readFilled(_ index: Int, _ memory: UnsafeMutableRawPointer) throws(CallFailure) -> Value {
        let argument = function.description.arguments[index]
        var count = capacities[index]
        if let used = argument.used ?? impliedCount(argument) {
            let told = used == "result" ? numericResult ?? 0 : written(used) ?? 0
            // A library that says it wrote more than there was room for has overrun the buffer, or counts otherwise.
            guard told >= 0, told <= Int64(count) else {
                throw CallFailure(
                    .badResult,
                    "\(function.description.name): it says that '\(argument.name)' has \(told) elements, with room for \(count)"
                )
            }
            count = Int(told)
        }
        return argument.type.base == .bytes
            ? MemoryReader.bytes(count, at: memory) : try MemoryReader.array(argument.type.base, count, at: memory)
    }

    /// `out bytes[size]` with `size: inout ulong`: the library says there how much it wrote.
    private func impliedCount(_ argument: ArgumentDescription) -> String? {
        guard case .name(let name)? = argument.type.count, let position = function.positions[name],
            function.description.arguments[position].type.direction == .both
        else { return nil }
        return name
    }
}
