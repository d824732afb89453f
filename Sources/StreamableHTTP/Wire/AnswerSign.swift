/// Tells an answer from a request or a notification without decoding the message.
package enum AnswerSign {
    /// Whether a JSON-RPC message is a response: an object with `result` or `error` and without `method` before it.
    ///
    /// Reads the names of the outermost object only, and stops at the first that decides; what is no object is no answer.
    package static func isAnswer(_ message: [UInt8]) -> Bool {
        for member in OutermostMembers(message) {
            if member.name.elementsEqual("result".utf8) || member.name.elementsEqual("error".utf8) { return true }
            if member.name.elementsEqual("method".utf8) { return false }
        }
        return false
    }
}
