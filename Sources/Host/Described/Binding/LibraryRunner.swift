/// A library that calls can be made of: in this process, or in a child.
///
/// Every function may wait: it is called on threads that are made for it.
package protocol LibraryRunner: Sendable {
    /// Opens what an instance keeps open.
    /// - Parameter values: What the configuration gives to the functions that open and close, by function.
    /// - Returns: The number of the instance.
    func open(_ values: [String: [Member]]) throws(CallFailure) -> UInt64

    /// Calls a function.
    /// - Returns: Its result, if any, and its outputs in their order.
    func call(
        _ instance: UInt64, _ function: String, _ arguments: [Member], _ terms: CallTerms
    ) throws(CallFailure) -> [Member]

    /// Closes what the instance kept open. Unknown numbers are none.
    func close(_ instance: UInt64)

    /// Callbacks that came when nobody waited for them any more, since this was asked last.
    func takeStrays() -> Int
}

/// What a call needs to know besides its arguments.
package struct CallTerms: Sendable {
    /// Floats of a vector, for functions that embed.
    package var dimensions: Int64?
    /// Monotonic milliseconds, 0 = none.
    package var deadline: UInt64
    /// Whether nobody waits any more; asked just before the function is called.
    package var isAbandoned: @Sendable () -> Bool

    package init(
        dimensions: Int64? = nil, deadline: UInt64 = 0, isAbandoned: @escaping @Sendable () -> Bool = { false }
    ) {
        self.dimensions = dimensions
        self.deadline = deadline
        self.isAbandoned = isAbandoned
    }
}
