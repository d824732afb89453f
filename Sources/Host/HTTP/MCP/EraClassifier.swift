import Gateway

/// Which kind of protocol a POST speaks: with sessions (until 2025-11-25), or with everything in each request.
enum ProtocolEra: Sendable, Equatable {
    case legacy
    /// `requested` is the revision that the request names; empty when it names none.
    case modern(requested: String)
}

/// Decides it for each request; the first row that fits counts.
///
/// | sign | era |
/// | --- | --- |
/// | a session id of ours | legacy |
/// | modern `_meta` | modern |
/// | `initialize` | legacy |
/// | a version header that names a legacy revision, or none | legacy |
/// | any other version header, also an unknown one | modern |
enum EraClassifier {
    /// The reserved `_meta` keys that only requests of the modern era carry.
    private static let modernKeys = [
        ModernProtocol.versionKey, ModernProtocol.clientInfoKey, ModernProtocol.capabilitiesKey,
    ]

    /// - Parameters:
    ///   - hasSession: The request carries the id of a session that we issued and that lives.
    ///   - versionHeader: The value of `MCP-Protocol-Version`.
    ///   - meta: The member `_meta` of the params.
    static func era(hasSession: Bool, method: String, versionHeader: String?, meta: JSONSlice?) -> ProtocolEra {
        if hasSession { return .legacy }
        var isModern = false
        var bodyVersion: String?
        if let meta {
            JSONScanner.eachMember(of: meta) { key, value in
                guard let key = modernKeys.first(where: { JSONText.equals(meta.base[key], $0) }) else { return true }
                isModern = true
                if key == ModernProtocol.versionKey {
                    bodyVersion = JSONSlice(base: meta.base, range: value).string
                }
                return true
            }
        }
        if isModern { return .modern(requested: bodyVersion ?? versionHeader ?? "") }
        guard method != "initialize", let versionHeader else { return .legacy }
        return ProtocolRevision(rawValue: versionHeader) == nil ? .modern(requested: versionHeader) : .legacy
    }
}
