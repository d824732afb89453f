/// Where something stands in a YAML file, counted from 1.
package struct Place: Sendable, Equatable, CustomStringConvertible {
    package var line: Int
    package var column: Int

    package init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }

    package var description: String { "line \(line), column \(column)" }
}

/// One thing that keeps a description from being bound.
package struct DescriptionProblem: Sendable, Equatable, CustomStringConvertible {
    /// Why; docs/described-libraries.md lists them with what to do.
    package enum Reason: String, Sendable, CaseIterable {
        // The text.
        case notYAML, wrongKind, missingKey, unknownKey, duplicateName, badName, badType, badExpression, badValue, limit
        // References inside the description.
        case unknownType, unknownArgument, unknownFunction, unknownHandle, unknownSource, circular
        // What C can do and a description cannot bind.
        case varargs, structByValue, unknownLength, callbackKeptForEver, unboundPointer, ownershipMissing
        case unsupportedElement, wrongDirection, wrongRole
        // The library.
        case notLoadable, missingSymbol, notCallable
    }

    package var reason: Reason
    /// `nil` for what has no place in the file, such as a library that cannot be opened.
    package var place: Place?
    /// Keys from the top, such as `functions.crc32.arguments.data`.
    package var path: String
    /// What was expected and found, and what to do.
    package var text: String

    package init(_ reason: Reason, at place: Place?, path: String, _ text: String) {
        self.reason = reason
        self.place = place
        self.path = path
        self.text = text
    }

    package var description: String {
        let where_ = place.map { "\($0): " } ?? ""
        let what = path.isEmpty ? "" : "\(path): "
        return "\(where_)\(what)\(text) (\(reason.rawValue))"
    }
}

/// All that keeps a description from being bound.
package struct DescriptionError: Error, Sendable, Equatable, CustomStringConvertible {
    /// In the order of the file; at least one.
    package var problems: [DescriptionProblem]

    package init(_ problems: [DescriptionProblem]) { self.problems = problems }
    package var description: String { problems.map(\.description).joined(separator: "; ") }
}

/// What was found wrong so far. Reading goes on after an error, so that one look at the file shows all of them.
final class ProblemList {
    /// More help nobody.
    static let limit = 50
    private(set) var all: [DescriptionProblem] = []

    func add(_ reason: DescriptionProblem.Reason, at place: Place?, path: String, _ text: String) {
        if all.count < Self.limit { all.append(DescriptionProblem(reason, at: place, path: path, text)) }
    }
}
