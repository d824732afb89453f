/// Lays out values as C expects them.
enum ArgumentWriter {
    struct Misfit: Error {
        var expected = ""
        var failure: CallFailure?
    }

    struct Written {
        var memory: UnsafeMutableRawPointer
        /// Elements, or bytes of text and buffers.
        var length: Int?
    }

    static func write(_ value: Value, as type: DescribedType, into arena: CallArena) throws(Misfit) -> Written {
        if type.isArray { return try array(value, type, arena) }
        switch type.base {
        case .scalar(let scalar):
            let memory = try room(16, arena)
            if let expected = ScalarMemory.write(value, as: scalar, to: memory) { throw Misfit(expected: expected) }
            return Written(memory: memory)
        case .enumeration(let enumeration):
            let memory = try room(16, arena)
            try write(value, enumeration, memory)
            return Written(memory: memory)
        case .text: return try text(value, arena)
        case .bytes:
            let bytes: [UInt8]
            switch value {
            case .bytes(let value): bytes = value
            case .text(let value): bytes = Array(value.utf8)
            default: throw Misfit(expected: "bytes")
            }
            let memory = try room(bytes.count, arena)
            bytes.withUnsafeBytes {
                if let base = $0.baseAddress { memory.copyMemory(from: base, byteCount: $0.count) }
            }
            return Written(memory: memory, length: bytes.count)
        case .structure(let structure): return Written(memory: try write(value, structure, arena))
        case .pointer, .callback: throw Misfit(expected: "nothing: a pointer cannot be given")
        }
    }

    private static func room(_ size: Int, _ arena: CallArena) throws(Misfit) -> UnsafeMutableRawPointer {
        do throws(CallFailure) {
            return try arena.take(size)
        } catch {
            throw Misfit(failure: error)
        }
    }

    private static func write(
        _ value: Value, _ enumeration: EnumDescription, _ memory: UnsafeMutableRawPointer
    ) throws(Misfit) {
        let known: Int64? =
            switch value {
            case .text(let name): enumeration.value(of: name)
            case .integer(let number): enumeration.name(of: number) == nil ? nil : number
            default: nil
            }
        guard let known, ScalarMemory.write(.integer(known), as: enumeration.type, to: memory) == nil else {
            throw Misfit(expected: "one of \(enumeration.cases.map(\.name).joined(separator: ", "))")
        }
    }

    private static func text(_ value: Value, _ arena: CallArena) throws(Misfit) -> Written {
        let bytes: [UInt8]
        switch value {
        case .text(let text): bytes = Array(text.utf8)
        case .bytes(let value): bytes = value
        default: throw Misfit(expected: "a text")
        }
        // C would see the text end there, and whoever checked the text has seen more.
        guard !bytes.contains(0) else { throw Misfit(expected: "a text without the character U+0000") }
        let memory = try room(bytes.count + 1, arena)
        bytes.withUnsafeBytes { if let base = $0.baseAddress { memory.copyMemory(from: base, byteCount: $0.count) } }
        return Written(memory: memory, length: bytes.count)
    }

    private static func array(_ value: Value, _ type: DescribedType, _ arena: CallArena) throws(Misfit) -> Written {
        if case .floats(let floats) = value, type.base == .scalar(.float32) {
            let memory = try room(floats.count * 4, arena)
            floats.withUnsafeBytes {
                if let base = $0.baseAddress { memory.copyMemory(from: base, byteCount: $0.count) }
            }
            return Written(memory: memory, length: floats.count)
        }
        guard case .list(let values) = value else { throw Misfit(expected: "a list") }
        switch type.base {
        case .scalar(let scalar):
            let memory = try room(values.count * scalar.size, arena)
            for (index, value) in values.enumerated() {
                if let expected = ScalarMemory.write(value, as: scalar, to: memory + index * scalar.size) {
                    throw Misfit(expected: "a list where element \(index) is \(expected)")
                }
            }
            return Written(memory: memory, length: values.count)
        case .enumeration(let enumeration):
            let memory = try room(values.count * enumeration.type.size, arena)
            for (index, value) in values.enumerated() {
                try write(value, enumeration, memory + index * enumeration.type.size)
            }
            return Written(memory: memory, length: values.count)
        case .text:
            let stride = MemoryLayout<UnsafeRawPointer?>.size
            let memory = try room(values.count * stride, arena)
            for (index, value) in values.enumerated() {
                let text = try text(value, arena)
                (memory + index * stride).storeBytes(of: UnsafeRawPointer(text.memory), as: UnsafeRawPointer?.self)
            }
            return Written(memory: memory, length: values.count)
        case .bytes, .pointer, .structure, .callback: throw Misfit(expected: "nothing: such a list cannot be given")
        }
    }

    private static func write(
        _ value: Value, _ structure: StructDescription, _ arena: CallArena
    ) throws(Misfit) -> UnsafeMutableRawPointer {
        guard case .record(let members) = value else { throw Misfit(expected: "an object") }
        let memory = try room(structure.size, arena)
        for member in members where !structure.fields.contains(where: { $0.name == member.name }) {
            throw Misfit(expected: "an object without '\(member.name)'")
        }
        for field in structure.fields {
            let place = memory + field.offset
            guard let value = members[field.name] else { throw Misfit(expected: "an object with '\(field.name)'") }
            switch field.kind {
            case .scalar(let scalar):
                if let expected = ScalarMemory.write(value, as: scalar, to: place) {
                    throw Misfit(expected: "an object where '\(field.name)' is \(expected)")
                }
            case .enumeration(let enumeration): try write(value, enumeration, place)
            case .text:
                if value == .null { continue }
                place.storeBytes(of: UnsafeRawPointer(try text(value, arena).memory), as: UnsafeRawPointer?.self)
            case .array(let scalar, let count):
                guard case .list(let values) = value, values.count == count else {
                    throw Misfit(expected: "an object where '\(field.name)' is a list of \(count)")
                }
                for (index, value) in values.enumerated() {
                    if let expected = ScalarMemory.write(value, as: scalar, to: place + index * scalar.size) {
                        throw Misfit(expected: "an object where '\(field.name)' has \(expected) at \(index)")
                    }
                }
            }
        }
        return memory
    }
}
