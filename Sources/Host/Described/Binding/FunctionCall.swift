import CFFI

/// One call under way: arguments laid out, the call itself.
///
/// Not thread-safe; belongs to the call that made it.
final class FunctionCall {
    let function: BoundFunction
    let context: CallSurroundings
    let arena = CallArena()
    /// Where each argument's data lies: a number itself, or what its pointer leads to; `nil` = NULL.
    var data: [UnsafeMutableRawPointer?]
    /// Values of integer arguments, once known.
    var integers: [Int64?]
    /// Elements or bytes of what was given, once known.
    var lengths: [Int?]
    /// Room that outputs have, in elements.
    var capacities: [Int]
    var runs: [Int: CallbackRun] = [:]
    var cells: [(CallbackSite, ClosureCell)] = []
    /// Large enough for every result; libffi widens small integers to a whole word.
    var result: UnsafeMutableRawPointer?
    private(set) var systemError: Int32 = 0

    init(_ function: BoundFunction, _ context: CallSurroundings) {
        self.function = function
        self.context = context
        let count = function.description.arguments.count
        data = Array(repeating: nil, count: count)
        integers = Array(repeating: nil, count: count)
        lengths = Array(repeating: nil, count: count)
        capacities = Array(repeating: 0, count: count)
    }

    var arguments: [ArgumentDescription] { function.description.arguments }

    static func resultSize(_ type: DescribedType) -> Int {
        if case .structure(let structure) = type.base, type.isByValue { return structure.size }
        return 16
    }

    // MARK: The call

    func perform() {
        let count = arguments.count
        guard let result else { return }
        withUnsafeTemporaryAllocation(of: UnsafeMutableRawPointer?.self, capacity: count * 2 + 1) { room in
            // The first half are libffi's pointers to arguments, the second half arguments that are pointers.
            for index in 0..<count {
                let type = arguments[index].type
                let isDirect = type.direction == .input && type.count == nil && (type.scalar != nil || type.isByValue)
                room[count + index] = data[index]
                room[index] =
                    isDirect ? data[index] : room.baseAddress.map { UnsafeMutableRawPointer($0 + count + index) }
            }
            vmcp_ffi_call(function.interface.cif, function.address, result, room.baseAddress, &systemError)
        }
    }

    // MARK: After

    /// What the library wrote into an integer that is an output.
    func written(_ name: String) -> Int64? {
        guard let index = function.positions[name], let memory = data[index], let scalar = arguments[index].type.scalar
        else { return nil }
        return ScalarMemory.integer(scalar, from: memory)
    }

    /// Ends callbacks that were for this call only.
    func end() {
        for (site, cell) in cells { site.retire(cell) }
        cells = []
    }
}
