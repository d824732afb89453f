package import Gateway

/// The header fields of a request: names in lower case, in the order they came, repeated ones kept apart.
package struct HTTPFields: Sendable, Equatable {
    package let list: [Header]

    /// - Parameter list: Names must be in lower case already.
    package init(_ list: [Header]) {
        self.list = list
    }

    /// The first field of this name; `name` in lower case.
    package subscript(_ name: String) -> String? {
        for field in list where Self.same(field.name, name) { return field.value }
        return nil
    }

    /// Every field of this name; `name` in lower case.
    package func all(_ name: String) -> [String] {
        var found: [String] = []
        for field in list where Self.same(field.name, name) { found.append(field.value) }
        return found
    }

    /// How often a field of this name stands in the request.
    package func count(_ name: String) -> Int {
        var count = 0
        for field in list where Self.same(field.name, name) { count += 1 }
        return count
    }

    /// The lengths first: most names differ in it.
    private static func same(_ one: String, _ other: String) -> Bool {
        one.utf8.count == other.utf8.count && one == other
    }
}
