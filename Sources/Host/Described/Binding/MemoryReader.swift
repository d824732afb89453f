/// Reads what a library wrote: one place for results, outputs and the arguments of callbacks.
enum MemoryReader {
    /// Several numbers behind a pointer.
    static func array(_ base: DescribedType.Base, _ count: Int, at memory: UnsafeRawPointer) throws(CallFailure)
        -> Value
    {
        switch base {
        case .scalar(.float32):
            // Vectors come by the thousand: one copy, no value each.
            return .floats(
                [Float](unsafeUninitializedCapacity: count) { buffer, size in
                    UnsafeMutableRawBufferPointer(buffer).copyMemory(
                        from: UnsafeRawBufferPointer(start: memory, count: count * 4))
                    size = count
                })
        case .scalar(let scalar):
            return .list((0..<count).map { ScalarMemory.read(scalar, from: memory + $0 * scalar.size) })
        case .enumeration(let enumeration):
            return .list((0..<count).map { name(enumeration, at: memory + $0 * enumeration.type.size) })
        case .text:
            return .list(
                (0..<count).map { index in
                    let pointer = (memory + index * MemoryLayout<UnsafeRawPointer?>.size)
                        .loadUnaligned(as: UnsafePointer<CChar>?.self)
                    return pointer.map { .text(String(cString: $0)) } ?? .null
                })
        case .bytes, .pointer, .structure, .callback:
            throw CallFailure(.badResult, "an array of this type cannot be read")
        }
    }

    static func name(_ enumeration: EnumDescription, at memory: UnsafeRawPointer) -> Value {
        let value = ScalarMemory.read(enumeration.type, from: memory)
        // A number that has no name stays a number: newer libraries have more of them.
        if case .integer(let number) = value, let name = enumeration.name(of: number) { return .text(name) }
        return value
    }

    static func structure(_ structure: StructDescription, at memory: UnsafeRawPointer) -> Value {
        .record(
            structure.fields.map { field in
                let place = memory + field.offset
                let value: Value =
                    switch field.kind {
                    case .scalar(let scalar): ScalarMemory.read(scalar, from: place)
                    case .enumeration(let enumeration): name(enumeration, at: place)
                    case .text:
                        place.loadUnaligned(as: UnsafePointer<CChar>?.self).map { .text(String(cString: $0)) } ?? .null
                    case .array(let scalar, let count):
                        .list((0..<count).map { ScalarMemory.read(scalar, from: place + $0 * scalar.size) })
                    }
                return Member(field.name, value)
            })
    }

    static func bytes(_ count: Int, at memory: UnsafeRawPointer) -> Value {
        .bytes([UInt8](UnsafeRawBufferPointer(start: memory, count: count)))
    }

    /// A count that a library or a caller named, as one that can be used.
    static func checked(_ count: Int64, size: Int, _ what: String) throws(CallFailure) -> Int {
        guard count >= 0, count <= Int64(CallArena.limit / max(1, size)) else {
            throw CallFailure(
                .badResult, "\(what): expected a length of 0 to \(CallArena.limit / max(1, size)), found \(count)")
        }
        return Int(count)
    }
}
