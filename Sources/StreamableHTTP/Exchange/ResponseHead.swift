package import PluginKit

/// What the head of a response says about how its body is to be read.
package enum ResponseHead: Sendable, Equatable {
    /// One JSON message.
    case json
    /// A stream of events.
    case events
    /// Nothing to read.
    case empty
    /// A success whose body should not be there: tolerable as long as it is empty.
    case unexpected(contentType: String)
    /// An error; `isJSON` says whether the body may be a JSON-RPC error.
    case failure(Outcome, isJSON: Bool)

    /// Decides by status and headers.
    package init(
        status: Int, contentType: String?, retryAfter: String?, date: String?, challenge: String?, inSession: Bool
    ) {
        // Parameters such as charset say nothing about the kind.
        let type =
            contentType == "application/json"
            ? "application/json" : (contentType ?? "").prefix { $0 != ";" }.filter { $0 != " " }.lowercased()
        switch status {
        case 202, 204, 205: self = .empty
        case 200..<300 where type == "application/json": self = .json
        case 200..<300 where type == "text/event-stream": self = .events
        case 200..<300: self = .unexpected(contentType: type)
        default:
            let wait = RetryAfter.milliseconds(retryAfter, date: date)
            // The body of a 401 is whoever asks for the credential's (RFC 6750, section 3), and no answer to the message.
            self = .failure(
                StatusVerdict.outcome(
                    status: status, inSession: inSession, retryAfter: wait, challenge: challenge ?? ""),
                isJSON: status != 401 && (type == "application/json" || type.hasSuffix("+json")))
        }
    }

    init(_ head: borrowing HTTPHead, inSession: Bool) {
        if (200..<300).contains(head.status) {
            self.init(
                status: head.status, contentType: head["content-type"], retryAfter: nil, date: nil, challenge: nil,
                inSession: inSession)
            return
        }
        self.init(
            status: head.status, contentType: head["content-type"], retryAfter: head["retry-after"],
            date: head["date"], challenge: head["www-authenticate"], inSession: inSession)
    }

    /// The outcome for a success with a body of the wrong kind.
    static func wrongType(_ type: String) -> Outcome {
        let found = type.isEmpty ? "none" : "'\(type.prefix(80))'"
        return Outcome(
            .protocolError, "expected a body of application/json or text/event-stream, found content type \(found)")
    }
}
