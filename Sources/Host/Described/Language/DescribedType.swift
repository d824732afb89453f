/// A type with its names looked up.
package struct DescribedType: Sendable, Equatable {
    package enum Base: Sendable, Equatable {
        case scalar(ScalarType)
        case enumeration(EnumDescription)
        /// `cstring`: UTF-8 with a zero at its end.
        case text
        /// A pointer with a length in bytes.
        case bytes
        /// An opaque handle.
        case pointer
        case structure(StructDescription)
        /// A function pointer with the name of its callback.
        case callback(String)
    }

    package var direction: TypeSyntax.Direction
    package var base: Base
    /// Elements, or bytes of a buffer.
    package var count: Expression?
    package var isByValue: Bool
    package var isNullable: Bool

    /// Several values behind a pointer; a buffer of bytes is one value.
    package var isArray: Bool { count != nil && base != .bytes }

    /// A whole number, whose value can be a length.
    var isInteger: Bool {
        guard count == nil else { return false }
        switch base {
        case .scalar(let scalar): return scalar.isInteger
        case .enumeration: return true
        default: return false
        }
    }

    /// The scalar that elements and numbers have in memory.
    var scalar: ScalarType? {
        switch base {
        case .scalar(let scalar): scalar
        case .enumeration(let enumeration): enumeration.type
        default: nil
        }
    }
}

/// Names for whole numbers.
package struct EnumDescription: Sendable, Equatable {
    package var name: String
    package var type: ScalarType
    package var cases: [Case]

    package struct Case: Sendable, Equatable {
        package var name: String
        package var value: Int64
    }

    func value(of name: String) -> Int64? { cases.first { $0.name == name }?.value }
    func name(of value: Int64) -> String? { cases.first { $0.value == value }?.name }
}

/// A structure, laid out as C does: each field at the next multiple of its alignment.
package struct StructDescription: Sendable, Equatable {
    /// Largest that may be passed by value; libffi itself has no such limit, but what is larger is not meant that way.
    static let byValueLimit = 64

    package var name: String
    package var fields: [Field]

    package struct Field: Sendable, Equatable {
        package enum Kind: Sendable, Equatable {
            case scalar(ScalarType)
            case enumeration(EnumDescription)
            /// A pointer to text, borrowed for the call.
            case text
            case array(ScalarType, Int)
        }

        package var name: String
        package var kind: Kind
        package var description: String
        /// Bytes from the beginning.
        package var offset: Int

        var size: Int {
            switch kind {
            case .scalar(let scalar): scalar.size
            case .enumeration(let enumeration): enumeration.type.size
            case .text: MemoryLayout<UnsafeRawPointer>.size
            case .array(let scalar, let count): scalar.size * count
            }
        }

        // The scalars that are taken are aligned to their size on every machine that the gateway runs on
        // (64-bit x86 and ARM).
        var alignment: Int { if case .array(let scalar, _) = kind { scalar.size } else { size } }
    }

    package var alignment: Int { fields.map(\.alignment).max() ?? 1 }

    /// Bytes, with those at the end that keep an array of it aligned.
    package var size: Int {
        let end = fields.last.map { $0.offset + $0.size } ?? 0
        return (end + alignment - 1) / alignment * alignment
    }

    mutating func add(_ name: String, _ kind: Field.Kind, description: String) {
        var field = Field(name: name, kind: kind, description: description, offset: 0)
        let end = fields.last.map { $0.offset + $0.size } ?? 0
        field.offset = (end + field.alignment - 1) / field.alignment * field.alignment
        fields.append(field)
    }
}
