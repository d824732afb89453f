/// Numbers between values and memory.
enum ScalarMemory {
    /// Writes a number.
    /// - Returns: What was expected, when the value does not fit; nothing is written then.
    static func write(_ value: Value, as type: ScalarType, to memory: UnsafeMutableRawPointer) -> String? {
        switch type {
        case .bool:
            let truth: Bool? =
                switch value {
                case .bool(let value): value
                case .text("true"): true
                case .text("false"): false
                default: nil
                }
            guard let truth else { return "true or false" }
            memory.storeBytes(of: truth ? 1 : 0, as: UInt8.self)
        case .float32, .float64:
            guard let number = real(value) else { return "a number" }
            if type == .float64 {
                memory.storeBytes(of: number, as: Double.self)
            } else {
                let narrow = Float(number)
                guard narrow.isFinite else { return "a number that fits float32" }
                memory.storeBytes(of: narrow, as: Float.self)
            }
        case .uint64:
            guard let number = unsigned(value) else { return "a whole number of type uint64" }
            memory.storeBytes(of: number, as: UInt64.self)
        default:
            guard let number = signed(value), store(number, type, memory) else {
                return "a whole number of type \(type.rawValue)"
            }
        }
        return nil
    }

    static func signed(_ value: Value) -> Int64? {
        switch value {
        case .integer(let value): value
        case .real(let value): Int64(exactly: value)
        case .text(let text): Int64(text)
        default: nil
        }
    }

    private static func unsigned(_ value: Value) -> UInt64? {
        switch value {
        case .integer(let value): UInt64(exactly: value)
        case .unsigned(let value): value
        case .real(let value): UInt64(exactly: value)
        case .text(let text): UInt64(text)
        default: nil
        }
    }

    private static func real(_ value: Value) -> Double? {
        let number: Double? =
            switch value {
            case .integer(let value): Double(value)
            case .unsigned(let value): Double(value)
            case .real(let value): value
            case .text(let text): Double(text)
            default: nil
            }
        guard let number, number.isFinite else { return nil }
        return number
    }

    private static func store(_ number: Int64, _ type: ScalarType, _ memory: UnsafeMutableRawPointer) -> Bool {
        func put<Number: FixedWidthInteger & BitwiseCopyable>(_: Number.Type) -> Bool {
            guard let fitting = Number(exactly: number) else { return false }
            memory.storeBytes(of: fitting, as: Number.self)
            return true
        }
        return switch type {
        case .int8: put(Int8.self)
        case .uint8: put(UInt8.self)
        case .int16: put(Int16.self)
        case .uint16: put(UInt16.self)
        case .int32: put(Int32.self)
        case .uint32: put(UInt32.self)
        case .int64: put(Int64.self)
        case .uint64: put(UInt64.self)
        case .bool, .float32, .float64: false
        }
    }

    static func read(_ type: ScalarType, from memory: UnsafeRawPointer) -> Value {
        switch type {
        case .bool: .bool(memory.loadUnaligned(as: UInt8.self) != 0)
        case .int8: .integer(Int64(memory.loadUnaligned(as: Int8.self)))
        case .uint8: .integer(Int64(memory.loadUnaligned(as: UInt8.self)))
        case .int16: .integer(Int64(memory.loadUnaligned(as: Int16.self)))
        case .uint16: .integer(Int64(memory.loadUnaligned(as: UInt16.self)))
        case .int32: .integer(Int64(memory.loadUnaligned(as: Int32.self)))
        case .uint32: .integer(Int64(memory.loadUnaligned(as: UInt32.self)))
        case .int64: .integer(memory.loadUnaligned(as: Int64.self))
        case .uint64: Value(memory.loadUnaligned(as: UInt64.self))
        case .float32: .real(Double(memory.loadUnaligned(as: Float.self)))
        case .float64: .real(memory.loadUnaligned(as: Double.self))
        }
    }

    /// A whole number as one of 64 bits; what is above its range counts as the largest.
    static func integer(_ type: ScalarType, from memory: UnsafeRawPointer) -> Int64 {
        switch read(type, from: memory) {
        case .integer(let value): value
        case .bool(let value): value ? 1 : 0
        case .unsigned: .max
        default: 0
        }
    }
}
