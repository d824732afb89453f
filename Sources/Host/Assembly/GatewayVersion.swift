/// The version of the gateway: in `--version`, `serverInfo`, `/status` and towards plugins.
package enum GatewayVersion {
    package static let current = "0.1.0"
}
