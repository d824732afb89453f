/// An MCPServer as `vmcp run` writes it.
package struct ServerDocument: Sendable {
    /// A folder or file of this machine inside a container.
    package struct Volume: Sendable {
        package var source: String
        package var target: String
        package var isReadOnly: Bool

        package init(source: String, target: String, isReadOnly: Bool) {
            (self.source, self.target, self.isReadOnly) = (source, target, isReadOnly)
        }
    }

    package var name: String
    package var group: String
    package var image: String
    package var transport: String
    package var arguments: [String] = []
    /// Variables, in the order given.
    package var environment: [(name: String, value: String)] = []
    /// Variables whose values are kept apart, as Secrets.
    package var secrets: [(name: String, value: String)] = []
    package var volumes: [Volume] = []
    /// Where it listens, with an HTTP transport.
    package var port: Int?
    /// `none` or `network`.
    package var profile: String?

    package init(name: String, group: String, image: String, transport: String) {
        (self.name, self.group, self.image, self.transport) = (name, group, image, transport)
    }

    /// The name that an image suggests: `ghcr.io/example/fetch-server:1.2` is `fetch-server`.
    package static func name(of image: String) -> String {
        var text = image.lowercased()[...]
        for scheme in ["uvx://", "npx://", "exec:"] where text.hasPrefix(scheme) { text = text.dropFirst(scheme.count) }
        let last = text.split(separator: "/").last ?? ""
        let base = last.prefix { $0 != "@" && $0 != ":" && $0 != "[" }
        let letters = base.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "-" }
        return String(letters.drop { $0 == "-" }.reversed().drop { $0 == "-" }.reversed().prefix(63))
    }

    /// The text of its file.
    package var text: String {
        var lines = [
            "apiVersion: \(ResourceSchema.versions[0])", "kind: MCPServer", "metadata:", "  name: \(quoted(name))",
            "spec:",
            "  groupRef:", "    name: \(quoted(group))", "  image: \(quoted(image))", "  transport: \(transport)",
        ]
        if let port { lines.append("  mcpPort: \(port)") }
        if !arguments.isEmpty { lines.append("  args: [\(arguments.map(quoted).joined(separator: ", "))]") }
        if let profile { lines += ["  permissionProfile:", "    type: builtin", "    name: \(profile)"] }
        if !environment.isEmpty {
            lines.append("  env:")
            for variable in environment {
                lines += ["  - name: \(quoted(variable.name))", "    value: \(quoted(variable.value))"]
            }
        }
        if !secrets.isEmpty {
            lines.append("  secrets:")
            for secret in secrets {
                lines += ["  - name: \(quoted(holder(of: secret.name)))", "    key: \(quoted(secret.name))"]
            }
        }
        if !volumes.isEmpty {
            lines.append("  volumes:")
            for (index, volume) in volumes.enumerated() {
                lines += [
                    "  - name: volume-\(index + 1)", "    hostPath: \(quoted(volume.source))",
                    "    mountPath: \(quoted(volume.target))", "    readOnly: \(volume.isReadOnly)",
                ]
            }
        }
        for secret in secrets {
            lines += [
                "---", "apiVersion: v1", "kind: Secret", "metadata:", "  name: \(quoted(holder(of: secret.name)))",
                "stringData:", "  \(quoted(secret.name)): \(quoted(secret.value))",
            ]
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// A Secret of its own for each: an MCPServer names each Secret once.
    private func holder(of variable: String) -> String {
        "\(name)-\(variable.lowercased().replacing("_", with: "-"))"
    }
}
