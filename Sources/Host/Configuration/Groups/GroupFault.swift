/// Why a command about a group could not do its work: what was expected, what was found, what to do.
package struct GroupFault: Error, CustomStringConvertible, Equatable {
    package let description: String

    package init(_ description: String) { self.description = description }
}
