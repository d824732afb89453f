import Gateway
import HostAuthentication
import HostConfiguration
import HostHTTP
import HostServices
import Logging

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Makes the gate that the configuration asks for.
enum Gates {
    static func gate(_ configuration: GatewayConfiguration, hub: ServiceHub, log: Logger) -> any RequestGate {
        let identities = Identities(store: hub.identities)
        switch configuration.incomingAuth {
        case .oidc:
            // Without settings nobody is let in: no token is of an issuer without a name.
            let settings = OIDCSettings(configuration.oidc ?? OIDCConfiguration())
            return TokenEntrance(gate: TokenGate(settings, engine: hub.http, identities: identities, log: log))
        case .local:
            let user = ProcessInfo.processInfo.userName
            let subject = user.isEmpty ? "local" : user
            return OpenEntrance(principal: identities.anonymous(subject: subject, name: "Local User: \(subject)"))
        case .anonymous:
            return OpenEntrance(principal: identities.anonymous(subject: "anonymous", name: "Anonymous User"))
        }
    }
}

extension OIDCSettings {
    init(_ oidc: OIDCConfiguration) {
        self.init(issuer: oidc.issuer, audience: oidc.audience)
        (clientID, clientSecret) = (oidc.clientID, oidc.clientSecret?.bytes ?? [])
        clientSecretPath = oidc.clientSecret?.file ?? ""
        (resource, scopes) = (oidc.resource, oidc.scopes)
        (jwksURL, introspectionURL) = (oidc.jwksURL, oidc.introspectionURL)
        (allowsPrivate, allowsLoopback, allowsHTTP) = (oidc.allowsPrivate, oidc.allowsLoopback, oidc.allowsHTTP)
        (caBundle, tokenPath) = (oidc.caBundle, oidc.tokenPath)
    }
}
