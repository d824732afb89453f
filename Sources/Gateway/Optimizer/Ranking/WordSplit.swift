/// Takes names and texts apart into words, so that `createPullRequest`, `create_pull_request` and "create pull request" are
/// the same to a search.
package enum WordSplit {
    private enum Class { case lower, upper, letter, digit, mark, other }

    /// The words with one space between: camelCase and letters beside digits are parted, and everything that is neither
    /// letter nor digit parts too. Upper and lower case stay.
    package static func split(_ text: String) -> String {
        var out = String.UnicodeScalarView()
        var previous = Class.other
        for scalar in text.unicodeScalars {
            let current = kind(scalar)
            switch current {
            case .other:
                previous = .other
                continue
            // An accent of its own belongs to its letter.
            case .mark where previous != .other:
                out.append(scalar)
                continue
            default: break
            }
            if parts(previous, current), !out.isEmpty { out.append(" ") }
            out.append(scalar)
            previous = current
        }
        return String(out)
    }

    private static func parts(_ left: Class, _ right: Class) -> Bool {
        switch (left, right) {
        case (.other, _), (.lower, .upper): true
        case (.digit, .digit): false
        case (.digit, _), (_, .digit): true
        default: false
        }
    }

    private static func kind(_ scalar: Unicode.Scalar) -> Class {
        if scalar.isASCII {
            return switch UInt8(scalar.value) {
            case UInt8(ascii: "a")...UInt8(ascii: "z"): .lower
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): .upper
            case UInt8(ascii: "0")...UInt8(ascii: "9"): .digit
            default: .other
            }
        }
        return switch scalar.properties.generalCategory {
        case .lowercaseLetter: .lower
        case .uppercaseLetter, .titlecaseLetter: .upper
        case .otherLetter, .modifierLetter: .letter
        case .decimalNumber, .letterNumber, .otherNumber: .digit
        case .nonspacingMark, .spacingMark, .enclosingMark: .mark
        default: .other
        }
    }
}
