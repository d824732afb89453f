/// A shared library as its description has it, checked: everything in it can be bound, if the library is what it says.
package struct LibraryDescription: Sendable {
    package enum Isolation: String, Sendable, CaseIterable {
        /// In the gateway's own process.
        case none
        /// In a child process, at the price of a copy.
        case process
    }

    package enum Threads: String, Sendable, CaseIterable {
        /// Several calls at a time.
        case any
        /// One call at a time, on any thread.
        case serial
        /// All calls on one thread, which makes no other.
        case dedicated
    }

    package var id = ""
    package var version = ""
    /// A name for the dynamic linker, or a path inside the description's folder.
    package var library = ""
    package var provides: [String] = []
    package var isolation = Isolation.none
    package var threads = Threads.serial
    package var constants: [String: Int64] = [:]
    package var callbacks: [String: CallbackDescription] = [:]
    /// In the order of the file.
    package var functions: [FunctionDescription] = []
    package var handles: [HandleDescription] = []
    /// Called once, before everything else.
    package var initializer: String?
    package var configuration: [ConfigurationField] = []
    package var embedding: EmbeddingDescription?
    package var auth: AuthDescription?

    package func function(_ name: String) -> FunctionDescription? { functions.first { $0.name == name } }
    func handle(_ name: String) -> HandleDescription? { handles.first { $0.name == name } }
}

package struct FunctionDescription: Sendable {
    package var name: String
    package var symbol: String
    package var arguments: [ArgumentDescription] = []
    package var result = ResultDescription()
    /// May run beside others although the library's rule is `serial`.
    package var mayOverlap = false
    package var tool: ToolDescription?
    package var probes: [ProbeDescription] = []
    package var place: Place?

    func index(of argument: String) -> Int? { arguments.firstIndex { $0.name == argument } }

    /// The input arrays whose length this argument is.
    func arraysCounted(by name: String) -> [Int] {
        arguments.indices.filter {
            arguments[$0].type.direction != .output && arguments[$0].type.count == .name(name)
        }
    }

    /// Whether the argument's value is the length of an input array.
    func isDerived(_ index: Int) -> Bool {
        let argument = arguments[index]
        return argument.binding == nil && argument.type.isInteger && argument.type.direction != .output
            && !arraysCounted(by: argument.name).isEmpty
    }

    /// The arguments that whoever calls must give.
    package var exposed: [ArgumentDescription] {
        arguments.indices.filter { index in
            let argument = arguments[index]
            if case .callback = argument.type.base { return false }
            return argument.type.direction != .output && argument.binding == nil && !isDerived(index)
        }.map { arguments[$0] }
    }
}

package struct ArgumentDescription: Sendable {
    package enum Encoding: String, Sendable, CaseIterable {
        case base64, hex, utf8
        /// UTF-8 up to the first zero byte, for buffers that C ends so.
        case text
    }

    package enum Scope: String, Sendable, CaseIterable {
        case call
        case untilClose = "until-close"
        case forever
    }

    /// What fills an argument that is not exposed.
    package enum Binding: Sendable, Equatable {
        case expression(Expression)
        case unsigned(UInt64)
        case real(Double)
        case bool(Bool)
        case template(Template)
        case null
        case handle(String)
        /// The context of the callback that is this argument.
        case context(String)
    }

    package var name: String
    package var type: DescribedType
    package var binding: Binding?
    package var description = ""
    package var minimum: Double?
    package var maximum: Double?
    /// Of bytes in JSON.
    package var encoding = Encoding.base64
    /// What tells how much of an output array was filled: an argument, or `result`.
    package var used: String?
    /// Left out of the result.
    package var isHidden = false
    /// Of text that the library makes.
    package var ownership: Ownership?
    /// Of a callback.
    package var scope = Scope.call
    package var place: Place?
}

/// Who frees what a library returns.
package enum Ownership: Sendable, Equatable {
    /// The library, some time after the call: it is copied at once.
    case borrowed
    /// Nobody.
    case `static`
    /// We, with this function of the library.
    case free(String)
}

package struct ResultDescription: Sendable {
    package enum Failure: String, Sendable, CaseIterable { case nonzero, negative, zero, null, errno }

    package enum Message: Sendable, Equatable {
        /// The system's words for `errno`.
        case errno
        case function(String)
    }

    /// `nil` = void.
    package var type: DescribedType?
    package var name = "result"
    package var description = ""
    package var failure: Failure?
    package var message: Message?
    package var ownership: Ownership?
    package var encoding = ArgumentDescription.Encoding.base64
    package var isHidden = false
    package var place: Place?
}

package struct CallbackDescription: Sendable {
    package var name: String
    package var arguments: [ArgumentDescription] = []
    /// `nil` = void.
    package var returns: ScalarType?
    /// What it answers to the library.
    package var answer: Int64 = 0
    /// What it answers when enough was collected; `nil` = as ever.
    package var stop: Int64?
    /// Most calls whose arguments are kept.
    package var limit = 1_000
    /// The argument that carries the context, if the library passes one.
    package var context: String?
}

package struct HandleDescription: Sendable {
    package enum Lifetime: String, Sendable, CaseIterable {
        /// Opened when the instance starts, closed when it ends.
        case instance
        /// Opened and closed around each call.
        case call
    }

    package var name: String
    package var open: String
    package var close: String?
    package var per = Lifetime.instance
    package var place: Place?
}

package struct ToolDescription: Sendable {
    package var name: String
    package var title: String?
    package var description: String
    package var isReadOnly = false
}

package struct ProbeDescription: Sendable {
    package var arguments: [Member] = []
    /// Members that the answer must have, compared as JSON values.
    package var expected: [Member] = []
    package var place: Place?
}

package struct ConfigurationField: Sendable {
    package enum Kind: String, Sendable, CaseIterable { case string, integer, number, boolean, secret }

    package var name: String
    package var kind: Kind
    package var description = ""
    package var defaultValue: Value?
}

package struct EmbeddingDescription: Sendable {
    package enum Dimensions: Sendable, Equatable {
        case fixed(Int)
        case function(String)
    }

    package var model: String
    package var dimensions: Dimensions
    package var single: String?
    package var batch: String?
    package var maximumBatch = 32
}

package struct AuthDescription: Sendable {
    package enum Cache: String, Sendable, CaseIterable { case none, backend, identity }

    package enum Expiry: Sendable, Equatable {
        /// Seconds after the call.
        case after(Int)
        /// An output with Unix time in seconds.
        case output(String)
    }

    package var function: String
    package var headers: [(name: String, value: Template)]
    package var cache = Cache.none
    package var expiry: Expiry?
}
