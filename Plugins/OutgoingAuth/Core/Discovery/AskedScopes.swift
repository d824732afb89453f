import PluginKit

/// The scopes that tokens for a backend are asked with, where the settings leave them to the backend: those of the challenge, else
/// of the metadata; and with each 403 for want of scopes those of its challenge besides (MCP 2025-11-25, Authorization, scope
/// selection and step-up).
///
/// For each caller by itself, since not everybody may have what another has asked for.
struct AskedScopes: Sendable {
    /// Most callers whose scopes are remembered; beyond, all are forgotten, and a challenge tells anew.
    static let capacity = 10_000

    private struct Asked {
        var scopes: [String]
        /// A backend's 403 has made them more.
        var isWidened: Bool
    }

    private var asked: [UInt64: Asked] = [:]

    /// What to ask with.
    /// - Parameters:
    ///   - owner: Whose token it will be; 0 = the gateway's.
    ///   - supported: Those of the backend's metadata.
    mutating func scopes(
        _ owner: UInt64, challenge: BearerChallenge?, isStepUp: Bool, supported: [String]
    ) -> [String] {
        let (before, wanted) = (asked[owner], challenge?.scopes ?? [])
        var base = wanted.isEmpty ? supported : []
        if isStepUp { base = before?.scopes ?? supported }
        if let before, before.isWidened { base = before.scopes }
        let scopes = base + wanted.filter { !base.contains($0) }
        if asked.count >= Self.capacity, before == nil { asked = [:] }
        asked[owner] = Asked(scopes: scopes, isWidened: isStepUp || before?.isWidened == true)
        return scopes
    }

    /// What was asked for is not to be had: the next token is asked for as the first was.
    mutating func refused(_ owner: UInt64) { asked[owner] = nil }
}

extension AuthRequest {
    /// Whether a token was refused for want of scopes (RFC 6750, section 3.1).
    var isStepUp: Bool { attempt > 1 && BearerChallenge(challenge)?.error == "insufficient_scope" }
}
