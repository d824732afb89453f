package import PluginKit

/// What a MCPServer says about its container, checked.
package struct ContainerSettings: Sendable, Equatable {
    /// A folder or file of this machine inside the container.
    package struct Mount: Sendable, Equatable {
        /// Empty for a volume of the container's own, which goes with it.
        package let source: String
        package let target: String
        package let isReadOnly: Bool
    }

    /// The reference of the image, as written.
    package let image: String
    package let group: String
    package let namespace: String
    package let name: String
    package let mounts: [Mount]
    /// Whether the container reaches anything but itself.
    package let hasNetwork: Bool
    /// Bytes; nil for no limit.
    package let memory: Int?
    /// Billionths of a core; nil for no limit.
    package let cpu: Int?
    /// Where the server listens inside, with an HTTP transport.
    package let port: Int

    /// - Throws: ``PluginError`` that names the field.
    package init(_ image: String, _ configuration: PluginConfiguration) throws(PluginError) {
        self.image = image
        group = try configuration.string("groupRef.name") ?? ""
        namespace = configuration.namespace
        name = configuration.name
        port = try configuration.integer("mcpPort", in: 1...65_535) ?? 8_080
        memory = try Self.limit("memory", configuration)?.bytes
        cpu = try Self.limit("cpu", configuration)?.billionths
        let profile = try PermissionProfile(configuration)
        hasNetwork = profile.hasNetwork
        var mounts = profile.mounts
        for (index, item) in try configuration.array("volumes").enumerated() {
            // Without a folder of this machine it is one of the container's own; an MCPServer always has one.
            let source = item["hostPath"]?.string
            guard let target = item["mountPath"]?.string, target.hasPrefix("/"), source != "" else {
                throw PluginError(
                    .invalid, "spec.volumes[\(index)]: expected hostPath and mountPath, the latter absolute")
            }
            mounts.append(
                Mount(
                    source: source.map { Self.absolute($0, configuration) } ?? "", target: target,
                    isReadOnly: item["readOnly"]?.bool ?? false))
        }
        self.mounts = mounts
    }

    /// A path relative to the file that names it.
    static func absolute(_ path: String, _ configuration: PluginConfiguration) -> String {
        path.hasPrefix("/") || configuration.baseDirectory.isEmpty ? path : "\(configuration.baseDirectory)/\(path)"
    }

    private static func limit(_ name: String, _ configuration: PluginConfiguration) throws(PluginError) -> Quantity? {
        guard let value = configuration.spec["resources"]?["limits"]?[name], value != .null else { return nil }
        let text: String? = if case .number(let number) = value { number } else { value.string }
        guard let text, let quantity = Quantity(text), quantity.thousandths > 0 else {
            throw PluginError(
                .invalid, "spec.resources.limits.\(name): expected an amount such as 512Mi or 500m, found another value"
            )
        }
        return quantity
    }
}

/// What a server may reach: `spec.permissionProfile`, builtin or from a ConfigMap.
struct PermissionProfile: Sendable, Equatable {
    var hasNetwork = true
    var mounts: [ContainerSettings.Mount] = []

    init(_ configuration: PluginConfiguration) throws(PluginError) {
        guard let name = try configuration.string("permissionProfile.name") else { return }
        guard try configuration.string("permissionProfile.type") == "configmap" else {
            guard name == "none" || name == "network" else {
                throw PluginError(.invalid, "spec.permissionProfile.name: expected none or network, found '\(name)'")
            }
            hasNetwork = name == "network"
            return
        }
        let key = try configuration.string("permissionProfile.key") ?? ""
        guard let text = configuration.configMapText(name: name, key: key) else {
            throw PluginError(.invalid, "spec.permissionProfile: expected ConfigMap '\(name)' with key '\(key)'")
        }
        let profile: JSONValue
        do { profile = try JSONValue(json: Array(text.utf8)) } catch {
            throw PluginError(.invalid, "spec.permissionProfile: the profile '\(name)' is no JSON: \(error.message)")
        }
        let outbound = profile["network"]?["outbound"]
        hasNetwork = outbound?["insecure_allow_all"]?.bool ?? false
        let lists = [outbound?["allow_host"], outbound?["allow_port"]].compactMap { $0?.array }
        if !hasNetwork, lists.contains(where: { !$0.isEmpty }) {
            // Less than what is asked for would break the server, more would break the profile.
            throw PluginError(
                .unsupported,
                "spec.permissionProfile: the profile '\(name)' allows some hosts or ports only, which a container engine "
                    + "cannot enforce; allow all (insecure_allow_all) or none")
        }
        for (list, isReadOnly) in [("read", true), ("write", false)] {
            for item in profile[list]?.array ?? [] {
                guard let text = item.string, !text.isEmpty else {
                    throw PluginError(.invalid, "spec.permissionProfile: \(list) of '\(name)': expected paths")
                }
                let parts = text.split(separator: ":", maxSplits: 1).map(String.init)
                let source = ContainerSettings.absolute(parts[0], configuration)
                mounts.append(
                    .init(source: source, target: parts.count > 1 ? parts[1] : source, isReadOnly: isReadOnly))
            }
        }
    }
}
