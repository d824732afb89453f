/// A type as it is written, before its names are looked up.
///
/// ```
/// type  = [ "out" | "inout" ] [ "value" ] NAME [ "[" sum "]" ] [ "?" ]
/// ```
package struct TypeSyntax: Sendable, Equatable {
    package enum Direction: String, Sendable {
        /// The library reads it.
        case input
        /// The library writes it through a pointer.
        case output
        /// Both.
        case both
    }

    package var direction = Direction.input
    /// A structure that is passed itself and not by pointer.
    package var isByValue = false
    package var name: String
    /// Elements of an array or bytes of a buffer; `nil` when there are no brackets.
    package var count: Expression?
    /// May be NULL.
    package var isNullable = false

    init(parsing text: String) throws(Cursor.Misfit) {
        var cursor = Cursor(text)
        if cursor.take("...") {
            name = "..."
            try cursor.end()
            return
        }
        guard var word = cursor.name() else { throw cursor.misfit("a type") }
        if word == "out" || word == "inout" {
            direction = word == "out" ? .output : .both
            guard let next = cursor.name() else { throw cursor.misfit("a type after '\(word)'") }
            word = next
        }
        if word == "value" {
            isByValue = true
            guard let next = cursor.name() else { throw cursor.misfit("a structure after 'value'") }
            word = next
        }
        name = word
        if cursor.take("[") {
            if cursor.take("]") { throw cursor.misfit("a length between '[' and ']'") }
            count = try Expression.sum(&cursor, depth: 0)
            guard cursor.take("]") else { throw cursor.misfit("']'") }
        }
        isNullable = cursor.take("?")
        try cursor.end()
    }
}
