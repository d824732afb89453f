/// The members of the object that a JSON-RPC message is, one after the other, without decoding what is in them. A message
/// that is no object has none.
struct OutermostMembers: Sequence, IteratorProtocol {
    /// One member.
    struct Member {
        /// As it is written, without the quotation marks.
        let name: ArraySlice<UInt8>
        fileprivate let message: [UInt8]

        /// The value as it is written, when it is a string, a number or a word; the opening bracket of any other.
        var scalar: ArraySlice<UInt8> {
            var start = name.endIndex + 1
            while start < message.count, Self.spaces.contains(message[start]) || message[start] == UInt8(ascii: ":") {
                start += 1
            }
            guard start < message.count else { return [] }
            if message[start] == UInt8(ascii: "\"") {
                return message[start..<Swift.min(endOfString(message, start + 1) + 1, message.count)]
            }
            let end = message[start...].firstIndex { Self.ends.contains($0) || Self.spaces.contains($0) }
            return message[start..<(end ?? message.count)]
        }

        private static let spaces = Array(" \t\r\n".utf8)
        private static let ends = Array(",}]".utf8)
    }

    private let message: [UInt8]
    private var index = 0
    private var depth = 0
    private var expectsName = false

    init(_ message: [UInt8]) { self.message = message }

    mutating func next() -> Member? {
        while index < message.count {
            switch message[index] {
            case UInt8(ascii: "{"):
                depth += 1
                expectsName = depth == 1
                index += 1
            case UInt8(ascii: "["):
                if depth == 0 { return nil }
                depth += 1
                index += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth -= 1
                index += 1
            case UInt8(ascii: ","):
                expectsName = depth == 1
                index += 1
            case UInt8(ascii: "\""):
                let start = index + 1
                let end = endOfString(message, start)
                index = end + 1
                guard depth == 1, expectsName, end < message.count else { continue }
                expectsName = false
                return Member(name: message[start..<end], message: message)
            default: index += 1
            }
        }
        return nil
    }

    /// The value of a member; `nil` when there is none of that name.
    static func scalar(_ name: String, in message: [UInt8]) -> [UInt8]? {
        OutermostMembers(message).first { $0.name.elementsEqual(name.utf8) }.map { Array($0.scalar) }
    }
}

/// The index of the closing quotation mark, or the end.
private func endOfString(_ message: [UInt8], _ start: Int) -> Int {
    var index = start
    while index < message.count, message[index] != UInt8(ascii: "\"") {
        index += message[index] == UInt8(ascii: "\\") ? 2 : 1
    }
    return index
}
