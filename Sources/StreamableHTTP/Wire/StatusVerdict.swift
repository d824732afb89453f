package import PluginKit

/// What an HTTP status that is an error means for a call.
package enum StatusVerdict {
    /// The outcome of an exchange that ended with this status.
    ///
    /// - Parameter inSession: The request named a session that the server had given us: 404 then means that the session
    ///   is gone and that the request was not carried out (MCP 2025-11-25, transports, session management).
    package static func outcome(
        status: Int, inSession: Bool, retryAfter: UInt64 = 0, challenge: String = ""
    ) -> Outcome {
        var outcome = Outcome(.invalid, httpStatus: status, retryAfter: retryAfter, challenge: challenge)
        (outcome.status, outcome.message) =
            switch status {
            case 401:
                (
                    .unauthenticated,
                    "the server asks for a credential or refuses the one it got (401)" + wanted(challenge)
                )
            case 403: (.forbidden, "the credential does not suffice (403)" + lacked(challenge))
            case 404 where inSession: (.notFound, "the server has ended the session (404)")
            case 404: (.notFound, "nothing is served at this URL (404)")
            case 405, 501: (.unsupported, "the server does not offer this method here (\(status))")
            case 408, 504: (.timeout, "the server gave up waiting (\(status))")
            case 413: (.exhausted, "the message is too large for the server (413)")
            case 429: (.exhausted, "the server limits the rate of requests (429)")
            case 500...: (.unavailable, "the server failed (\(status))")
            case 300..<400:
                (.protocolError, "the server redirects to another origin, which is not followed (\(status))")
            default: (.invalid, "the server refuses the request (\(status))")
            }
        if status == 404, inSession {
            outcome.sessionLost = true
            outcome.notSent = true
        }
        return outcome
    }

    /// What a challenge says about the token that would do, and who issues it. The server wrote it: it is shortened, and
    /// what terminals obey is left out.
    private static func wanted(_ challenge: String) -> String {
        guard let challenge = BearerChallenge(challenge) else { return "" }
        var text = "; it wants a bearer token"
        if !challenge.scopes.isEmpty { text += " with scope \"\(shown(challenge.scopes.joined(separator: " ")))\"" }
        if let metadata = challenge.resourceMetadata { text += "; who issues it is said at \(shown(metadata))" }
        return text
    }

    /// What a challenge says about the scopes that the token would need (RFC 6750, section 3.1).
    private static func lacked(_ challenge: String) -> String {
        guard let challenge = BearerChallenge(challenge), challenge.error == "insufficient_scope" else { return "" }
        guard !challenge.scopes.isEmpty else { return "; its token lacks a scope, the server does not say which" }
        return "; it needs a token with scope \"\(shown(challenge.scopes.joined(separator: " ")))\""
    }

    private static func shown(_ text: String) -> String {
        String(decoding: text.utf8.prefix(200).map { $0 >= 0x20 && $0 < 0x7F ? $0 : UInt8(ascii: "?") }, as: UTF8.self)
    }
}
