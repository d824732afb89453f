import Gateway
import HostServices

/// The tokens that upstream providers issued to a caller.
///
/// Without an authorization server of the gateway's own they can only come from the caller's token itself: its claim
/// `upstream_tokens`, `{"PROVIDER": {"access_token": …, "id_token": …}}`, which an issuer may put there.
struct UpstreamTokens: Sendable {
    static let claim = "upstream_tokens"
    private let tokens: JSONSlice?

    /// - Parameter claims: A JSON object.
    init(claims: [UInt8]) {
        do throws(JSONScanError) { tokens = try JSONSlice(validating: claims)[Self.claim] } catch { tokens = nil }
    }

    func token(provider: String, kind: String) -> Result<[UInt8], ServiceOutcome> {
        guard let token = tokens?[provider]?[kind]?.string, !token.isEmpty else {
            return .failure(ServiceOutcome(.notFound, "provider \"\(provider)\": upstream token not found"))
        }
        return .success(Array(token.utf8))
    }
}
