package import PluginKit

/// What a MCPServer says, checked.
package struct ServerSettings: Sendable {
    /// How the server itself speaks.
    package enum Transport: String, Sendable, CaseIterable {
        case stdio
        case sse
        case streamableHTTP = "streamable-http"

        /// The path of the endpoint below the server's port; `nil` for pipes.
        package var path: String? {
            switch self {
            case .stdio: nil
            case .sse: "/sse"
            case .streamableHTTP: "/mcp"
            }
        }
    }

    /// An environment variable whose value is a secret.
    package struct SecretVariable: Sendable, Equatable {
        package let name: String
        package let handle: String
        /// `NAME/KEY`, for error messages.
        package let reference: String
    }

    package let image: ImageReference
    package let arguments: [String]
    package let environment: [Header]
    package let secrets: [SecretVariable]
    package let transport: Transport
    /// The port of the HTTP transports; `nil` takes a free one.
    package let port: Int?
    /// Where relative paths start, and the working directory of the server; may be empty.
    package let baseDirectory: String
    /// Handle of the credential for the HTTP transports, 0 = none.
    package let auth: UInt64
    /// Most bytes of one event or line of the server; `nil` leaves the default.
    package let eventLimit: Int?

    /// - Throws: ``PluginError`` that names the field.
    package init(_ configuration: PluginConfiguration) throws(PluginError) {
        guard let image = try configuration.string("image") else {
            throw PluginError(.invalid, "spec.image: expected uvx://PACKAGE, npx://PACKAGE or exec:PATH, found nothing")
        }
        self.image = try ImageReference(image)
        let transport = try configuration.string("transport") ?? Transport.stdio.rawValue
        guard let known = Transport(rawValue: transport) else {
            throw PluginError(
                .invalid, "spec.transport: expected stdio, sse or streamable-http, found '\(transport)'")
        }
        self.transport = known
        var arguments: [String] = []
        for (index, argument) in try configuration.array("args").enumerated() {
            guard let text = argument.string, !text.utf8.contains(0) else {
                throw PluginError(.invalid, "spec.args[\(index)]: expected a string, found \(argument.kind)")
            }
            arguments.append(text)
        }
        self.arguments = arguments
        environment = try Self.environment(configuration)
        secrets = try Self.secrets(configuration)
        port = try configuration.integer("mcpPort", in: 1...65_535)
        baseDirectory = configuration.baseDirectory
        auth = configuration.auth
        eventLimit = configuration.eventLimit
    }

    private static func environment(_ configuration: PluginConfiguration) throws(PluginError) -> [Header] {
        var variables: [Header] = []
        for (index, item) in try configuration.array("env").enumerated() {
            guard let name = item["name"]?.string, isName(name), let value = item["value"]?.string,
                !value.utf8.contains(0)
            else {
                throw PluginError(.invalid, "spec.env[\(index)]: expected a name and a value, both strings")
            }
            variables.append(Header(name, value))
        }
        return variables
    }

    private static func secrets(_ configuration: PluginConfiguration) throws(PluginError) -> [SecretVariable] {
        var variables: [SecretVariable] = []
        for (index, item) in try configuration.array("secrets").enumerated() {
            guard let name = item["name"]?.string, let key = item["key"]?.string else {
                throw PluginError(.invalid, "spec.secrets[\(index)]: expected name and key, both strings")
            }
            guard let handle = configuration.secretHandle(name: name, key: key) else {
                throw PluginError(
                    .invalid, "spec.secrets[\(index)]: expected Secret '\(name)' with key '\(key)', found none")
            }
            let target = item["targetEnvName"]?.string ?? ""
            let variable = target.isEmpty ? key : target
            guard isName(variable) else {
                throw PluginError(
                    .invalid, "spec.secrets[\(index)]: expected the name of a variable, found '\(variable)'")
            }
            variables.append(SecretVariable(name: variable, handle: handle, reference: "\(name)/\(key)"))
        }
        return variables
    }

    private static func isName(_ name: String) -> Bool {
        !name.isEmpty && !name.contains("=") && !name.utf8.contains(0)
    }
}
