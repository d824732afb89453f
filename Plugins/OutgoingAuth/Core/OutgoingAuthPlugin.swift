package import PluginKit

/// The strategies of outgoing authentication, in one library: all but the fixed headers ask an endpoint on the caller's
/// behalf and share how that is done. An instance is one strategy of one backend; `kind` of its configuration says which.
package enum OutgoingAuthPlugin {
    /// What the library exports.
    package static let definition = PluginDefinition(id: "outgoing-auth", version: "0.1.0", provides: [.auth]) {
        configuration, host throws(PluginError) in
        try make(configuration, host)
    }

    /// Makes the strategy that `kind` names.
    ///
    /// - Parameter now: Unix time in milliseconds.
    /// - Throws: ``PluginError`` that names the field.
    package static func make(
        _ configuration: PluginConfiguration, _ host: HostServices,
        now: @escaping @Sendable () -> UInt64 = WallClock.now
    ) throws(PluginError) -> any AuthStrategy {
        let settings = StrategySettings(configuration, secrets: host.secrets)
        let tokens = TokenClient(http: host.http, now: now)
        switch configuration.kind {
        case "header_injection": return try FixedHeader(injection: settings)
        case "bearer_token": return try FixedHeader(bearer: settings)
        case "client_credentials": return try ClientCredentials(settings, tokens, host.log)
        case "token_exchange": return try TokenExchange(settings, tokens, host)
        case "obo": return try OnBehalfOf(settings, tokens, host.identity)
        case "xaa": return try CrossApplication(settings, tokens, host)
        case "aws_sts": return try WebIdentityRole(settings, host, now: now)
        case "upstream_inject": return try UpstreamInject(settings, host.identity)
        default:
            throw PluginError(.unsupported, "expected a strategy of this plugin, found '\(configuration.kind)'")
        }
    }
}
