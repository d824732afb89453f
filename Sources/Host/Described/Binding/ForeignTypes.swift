import CFFI

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A prepared call interface with the type descriptors that it points to.
///
/// `@unchecked Sendable`: written in init only; libffi reads it from any thread.
final class CallInterface: @unchecked Sendable {
    let cif: UnsafeMutablePointer<ffi_cif>
    private let types: UnsafeMutablePointer<UnsafeMutablePointer<ffi_type>?>
    private var structures: [(UnsafeMutablePointer<ffi_type>, UnsafeMutablePointer<UnsafeMutablePointer<ffi_type>?>)] =
        []

    /// - Throws: The status of libffi.
    init(arguments: [DescribedType], result: DescribedType?) throws(CallFailure) {
        cif = .allocate(capacity: 1)
        cif.initialize(to: ffi_cif())
        types = .allocate(capacity: max(1, arguments.count))
        types.initialize(repeating: nil, count: max(1, arguments.count))
        for (index, argument) in arguments.enumerated() { types[index] = descriptor(argument) }
        let returned = result.map(descriptor) ?? vmcp_ffi_void()
        let status = vmcp_ffi_prepare(cif, UInt32(arguments.count), returned, types)
        guard status == 0 else {
            throw CallFailure(.badArgument, "libffi cannot call it on this machine (status \(status))")
        }
    }

    deinit {
        for (type, elements) in structures {
            free(type)
            elements.deallocate()
        }
        types.deallocate()
        cif.deallocate()
    }

    private func descriptor(_ type: DescribedType) -> UnsafeMutablePointer<ffi_type>? {
        if type.direction != .input || type.count != nil { return vmcp_ffi_pointer() }
        switch type.base {
        case .scalar(let scalar): return Self.descriptor(scalar)
        case .enumeration(let enumeration): return Self.descriptor(enumeration.type)
        case .structure(let structure) where type.isByValue: return make(structure)
        case .text, .bytes, .pointer, .structure, .callback: return vmcp_ffi_pointer()
        }
    }

    static func descriptor(_ scalar: ScalarType) -> UnsafeMutablePointer<ffi_type>? {
        switch scalar {
        case .bool: vmcp_ffi_integer(1, 0)
        case .float32, .float64: vmcp_ffi_float(Int32(scalar.size))
        default: vmcp_ffi_integer(Int32(scalar.size), scalar.rawValue.hasPrefix("u") ? 0 : 1)
        }
    }

    private func make(_ structure: StructDescription) -> UnsafeMutablePointer<ffi_type>? {
        var elements: [UnsafeMutablePointer<ffi_type>?] = []
        for field in structure.fields {
            switch field.kind {
            case .scalar(let scalar): elements.append(Self.descriptor(scalar))
            case .enumeration(let enumeration): elements.append(Self.descriptor(enumeration.type))
            case .text: elements.append(vmcp_ffi_pointer())
            case .array(let scalar, let count): elements += Array(repeating: Self.descriptor(scalar), count: count)
            }
        }
        let list = UnsafeMutablePointer<UnsafeMutablePointer<ffi_type>?>.allocate(capacity: elements.count + 1)
        list.initialize(from: elements, count: elements.count)
        (list + elements.count).initialize(to: nil)
        guard let type = vmcp_ffi_structure(list) else {
            list.deallocate()
            return nil
        }
        structures.append((type, list))
        return type
    }
}
