/// Names that revision 2026-07-28 gives to things, and the revisions that this gateway serves.
package enum ModernProtocol {
    /// The one revision served without sessions.
    package static let revision = "2026-07-28"
    /// Every revision served, newest first: what `server/discover` answers and what an unsupported one is told.
    package static let supportedVersions = [revision] + ProtocolRevision.allCases.sorted(by: >).map(\.rawValue)

    /// Keys of a request's `_meta`.
    package static let versionKey = "io.modelcontextprotocol/protocolVersion"
    package static let clientInfoKey = "io.modelcontextprotocol/clientInfo"
    package static let capabilitiesKey = "io.modelcontextprotocol/clientCapabilities"
    static let logLevelKey = "io.modelcontextprotocol/logLevel"
    /// Keys of a result's and a notification's `_meta`.
    static let serverInfoKey = "io.modelcontextprotocol/serverInfo"
    static let subscriptionKey = "io.modelcontextprotocol/subscriptionId"

    /// Error codes of the revision (2026-07-28, basic protocol, Error codes).
    package static let headerMismatch = -32020
    package static let missingCapability = -32021
    package static let unsupportedVersion = -32022
}
