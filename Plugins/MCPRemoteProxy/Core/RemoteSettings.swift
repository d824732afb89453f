import PluginKit
import StreamableHTTP

/// What a MCPRemoteProxy or MCPServerEntry says, checked.
struct RemoteSettings: Sendable {
    let address: WebAddress
    let transport: Endpoint.Transport
    let headers: StaticHeaders
    /// PEM text trusted in addition to the system's; empty when there is none.
    let caBundle: String
    /// The host allows private and loopback addresses.
    let allowPrivate: Bool

    /// - Throws: ``PluginError`` that names the field.
    init(_ configuration: PluginConfiguration) throws(PluginError) {
        guard let url = try configuration.string("remoteUrl") else {
            throw PluginError(.invalid, "spec.remoteUrl: expected the URL of an MCP server, found nothing")
        }
        do {
            address = try WebAddress(url)
        } catch {
            throw PluginError(.invalid, "spec.remoteUrl: \(error.message)")
        }
        if let transport = try configuration.string("transport") {
            self.transport = try Endpoint.Transport(configured: transport)
        } else if configuration.kind == "MCPServerEntry" {
            throw PluginError(.invalid, "spec.transport: expected streamable-http or sse, found nothing")
        } else {
            transport = .streamableHTTP
        }
        headers = try StaticHeaders(configuration)
        caBundle = try Self.caBundle(configuration)
        allowPrivate = configuration.resolved["allowPrivate"]?.bool ?? false
    }

    private static func caBundle(_ configuration: PluginConfiguration) throws(PluginError) -> String {
        if let text = configuration.resolved["caBundle"]?.string { return text }
        guard let name = try configuration.string("caBundleRef.configMapRef.name"), !name.isEmpty else { return "" }
        let key = try configuration.string("caBundleRef.configMapRef.key") ?? ""
        let found = key.isEmpty ? "ca.crt" : key
        guard let text = configuration.configMapText(name: name, key: found) else {
            throw PluginError(
                .invalid, "spec.caBundleRef: expected key '\(found)' in ConfigMap '\(name)', found no such text")
        }
        guard text.contains("-----BEGIN CERTIFICATE-----") else {
            throw PluginError(
                .invalid, "spec.caBundleRef: expected PEM certificates in key '\(found)' of ConfigMap '\(name)'")
        }
        return text
    }
}
