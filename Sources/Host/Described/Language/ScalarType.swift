/// A number or truth value of C, after names that depend on the machine were resolved.
package enum ScalarType: String, Sendable, CaseIterable {
    case int8, uint8, int16, uint16, int32, uint32, int64, uint64, float32, float64, bool

    /// Finds a type by its name in a description. `int`, `long` and `size` are those of this machine's C.
    init?(name: String) {
        switch name {
        case "int": self = .int32
        case "uint": self = .uint32
        case "long": self = MemoryLayout<CLong>.size == 8 ? .int64 : .int32
        case "ulong": self = MemoryLayout<CUnsignedLong>.size == 8 ? .uint64 : .uint32
        case "size": self = MemoryLayout<Int>.size == 8 ? .uint64 : .uint32
        case "ssize": self = MemoryLayout<Int>.size == 8 ? .int64 : .int32
        case "float": self = .float32
        case "double": self = .float64
        default: self.init(rawValue: name)
        }
    }

    /// Bytes.
    package var size: Int {
        switch self {
        case .int8, .uint8, .bool: 1
        case .int16, .uint16: 2
        case .int32, .uint32, .float32: 4
        case .int64, .uint64, .float64: 8
        }
    }

    package var isInteger: Bool { self != .float32 && self != .float64 && self != .bool }

    /// What fits, to the precision of a double; `nil` for floats and truth values.
    package var range: ClosedRange<Double>? {
        switch self {
        case .int8: -128...127
        case .uint8: 0...255
        case .int16: -32_768...32_767
        case .uint16: 0...65_535
        case .int32: -2_147_483_648...2_147_483_647
        case .uint32: 0...4_294_967_295
        case .int64: -0x1p63...0x1p63
        case .uint64: 0...0x1p64
        case .float32, .float64, .bool: nil
        }
    }
}
