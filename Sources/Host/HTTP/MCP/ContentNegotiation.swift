import Gateway

/// Checks what a client sends and what it takes (RFC 9110, sections 8.3, 8.4 and 12.5.1).
enum ContentNegotiation {
    static let json = "application/json"
    static let eventStream = "text/event-stream"
    /// What nearly all clients send, letter by letter: known without being taken apart.
    private static let usualAccept = "application/json, text/event-stream"

    /// The refusal of a POST that is not JSON, or whose client does not take both kinds of answer; `nil` = fine.
    static func fault(post request: HTTPRequest) -> HTTPResponse? {
        let field = request.headers["content-type"] ?? ""
        let type = field == json ? json : mediaType(field)
        guard type == json else {
            let found = type.isEmpty ? "none" : "\"\(type.prefix(100))\""
            return EndpointFault.answer(415, "Unsupported Media Type: expected Content-Type \(json), found \(found)")
        }
        if let coding = request.headers["content-encoding"], coding.lowercased() != "identity" {
            return EndpointFault.answer(
                415, "Unsupported Media Type: expected no Content-Encoding, found \"\(coding.prefix(100))\"")
        }
        let accept = request.headers.all("accept")
        guard accepts(json, accept), accepts(eventStream, accept) else {
            return EndpointFault.answer(406, "Not Acceptable: the client must accept \(json) and \(eventStream)")
        }
        return nil
    }

    /// The refusal of a GET whose client does not take a stream; `nil` = fine.
    static func fault(get request: HTTPRequest) -> HTTPResponse? {
        if accepts(eventStream, request.headers.all("accept")) { return nil }
        return EndpointFault.answer(406, "Not Acceptable: the client must accept \(eventStream)")
    }

    /// Whether one of the ranges in `Accept` covers a type. Without the field nothing is accepted: the protocol obliges
    /// clients to send it.
    private static func accepts(_ type: String, _ fields: [String]) -> Bool {
        if fields.first == usualAccept { return true }
        let anySubtype = type.prefix { $0 != "/" } + "/*"
        for field in fields {
            for range in field.split(separator: ",") {
                let name = mediaType(range)
                if name == type || name == "*/*" || name == anySubtype, !isRefused(range) { return true }
            }
        }
        return false
    }

    /// Type and subtype without parameters, in lower case.
    private static func mediaType(_ text: some StringProtocol) -> String {
        let end = text.firstIndex(of: ";") ?? text.endIndex
        return trimmed(text[..<end]).lowercased()
    }

    /// Whether the range has the weight 0.
    private static func isRefused(_ range: Substring) -> Bool {
        for parameter in range.split(separator: ";").dropFirst() {
            let parameter = trimmed(parameter).lowercased()
            if parameter.hasPrefix("q="), let weight = Double(parameter.dropFirst(2)), weight == 0 { return true }
        }
        return false
    }

    private static func trimmed(_ text: some StringProtocol) -> String {
        var rest = text[text.startIndex...]
        while let first = rest.first, first == " " || first == "\t" { rest.removeFirst() }
        while let last = rest.last, last == " " || last == "\t" { rest.removeLast() }
        return String(rest)
    }
}
