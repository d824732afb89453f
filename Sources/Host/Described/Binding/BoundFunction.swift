import CFFI

/// A function of a library, ready to be called: what could be decided at load is decided.
///
/// `@unchecked Sendable`: constant after init, and the addresses are those of a library that is never unloaded.
final class BoundFunction: @unchecked Sendable {
    let description: FunctionDescription
    let interface: CallInterface
    let address: UnsafeMutableRawPointer
    /// Functions that free what the library made, by symbol.
    let frees: [String: FreeFunction]
    /// By argument; what its callbacks go through.
    let sites: [Int: CallbackSite]
    let constants: [String: Int64]
    /// Positions of arguments by name.
    let positions: [String: Int]
    /// Arguments whose value is the length of an array, with the array.
    let derived: [Int: Int]

    typealias FreeFunction = @convention(c) (UnsafeMutableRawPointer?) -> Void

    /// - Throws: ``DescriptionError`` naming the symbol that is missing, or why libffi cannot call it.
    init(
        _ description: FunctionDescription, of library: LibraryDescription, in image: LibraryImage, strays: StrayCounter
    ) throws(DescriptionError) {
        let path = "functions.\(description.name)"
        func problem(_ reason: DescriptionProblem.Reason, _ text: String) -> DescriptionError {
            DescriptionError([DescriptionProblem(reason, at: description.place, path: path, text)])
        }
        guard let address = image.symbol(description.symbol) else {
            throw problem(
                .missingSymbol,
                "'\(image.name)' does not define '\(description.symbol)': check the spelling (nm -D shows what there is), "
                    + "or name the library that does")
        }
        var frees: [String: FreeFunction] = [:]
        let owned = description.arguments.map(\.ownership) + [description.result.ownership]
        for case .free(let symbol)? in owned where frees[symbol] == nil {
            if let address = image.symbol(symbol) {
                frees[symbol] = unsafeBitCast(address, to: FreeFunction.self)
            } else if symbol == "free" {
                // The C library's, which every library uses.
                frees[symbol] = { vmcp_ffi_free($0) }
            } else {
                throw problem(
                    .missingSymbol, "'\(image.name)' does not define '\(symbol)', which is to free what it returns")
            }
        }
        var sites: [Int: CallbackSite] = [:]
        do {
            for (index, argument) in description.arguments.enumerated() {
                guard case .callback(let name) = argument.type.base, argument.binding == nil,
                    let callback = library.callbacks[name]
                else { continue }
                sites[index] = try CallbackSite(callback, constants: library.constants, strays: strays)
            }
            interface = try CallInterface(
                arguments: description.arguments.map(\.type), result: description.result.type)
        } catch {
            throw problem(.notCallable, error.message)
        }
        self.description = description
        self.address = address
        self.frees = frees
        self.sites = sites
        constants = library.constants
        positions = Dictionary(
            description.arguments.enumerated().map { ($0.element.name, $0.offset) },
            uniquingKeysWith: { first, _ in first })
        var derived: [Int: Int] = [:]
        for (index, argument) in description.arguments.enumerated() where description.isDerived(index) {
            derived[index] = description.arraysCounted(by: argument.name).first
        }
        self.derived = derived
    }

    /// Calls the function on this thread.
    /// - Parameters:
    ///   - arguments: What is exposed or filled from sources, by name.
    ///   - context: Handles, and what else lies outside of the function.
    /// - Returns: What it gave, the result first; and a new handle, for a function that opens one.
    func call(_ arguments: [Member], _ context: CallSurroundings) throws(CallFailure) -> CallAnswer {
        let call = FunctionCall(self, context)
        defer { call.end() }
        try call.prepare(arguments)
        call.perform()
        return try call.answer()
    }
}

/// What lies outside of a function and is needed for a call of it.
struct CallSurroundings {
    /// Open handles by name.
    var handles: [String: UnsafeMutableRawPointer] = [:]
    /// What a function that closes gets as its pointer.
    var closing: UnsafeMutableRawPointer?
    /// Floats of a vector, for functions that embed.
    var dimensions: Int64?
    /// Gets callbacks that outlive the call; each stays until the handle is closed.
    var keep: ((CallbackSite, ClosureCell) -> Void)?
    /// Gets a handle that came although the function failed: it is to be closed all the same.
    var leftover: ((UnsafeMutableRawPointer) -> Void)?
    /// What a callback that outlives its call tells.
    var onEvent: (@Sendable (_ callback: String, Value) -> Void)?
    /// The message of a failed call, from a function of the library.
    var message: ((_ function: String, _ code: Int64) -> String?)?
}

/// What a call gave.
struct CallAnswer {
    var members: [Member] = []
    var handle: UnsafeMutableRawPointer?
}
