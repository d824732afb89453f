/// Tells an answer from a request or a notification without decoding the message.
package enum AnswerSign {
    /// Whether a JSON-RPC message is a response: an object with `result` or `error` and without `method` before it.
    ///
    /// Reads the names of the outermost object only, and stops at the first that decides; what is no object is no answer.
    package static func isAnswer(_ message: [UInt8]) -> Bool {
        var depth = 0
        var index = 0
        var expectsName = false
        while index < message.count {
            switch message[index] {
            case UInt8(ascii: "{"):
                depth += 1
                expectsName = depth == 1
                index += 1
            case UInt8(ascii: "["):
                if depth == 0 { return false }
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
                index = endOfString(message, start)
                guard depth == 1, expectsName, index < message.count else {
                    index += 1
                    continue
                }
                expectsName = false
                let name = message[start..<index]
                if name.elementsEqual("result".utf8) || name.elementsEqual("error".utf8) { return true }
                if name.elementsEqual("method".utf8) { return false }
                index += 1
            default: index += 1
            }
        }
        return false
    }

    /// The index of the closing quotation mark, or the end.
    private static func endOfString(_ message: [UInt8], _ start: Int) -> Int {
        var index = start
        while index < message.count, message[index] != UInt8(ascii: "\"") {
            index += message[index] == UInt8(ascii: "\\") ? 2 : 1
        }
        return index
    }
}
