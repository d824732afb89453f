package import PluginKit

/// What an engine is asked to create: as little power as a server can do with.
package struct ContainerSpecification: Sendable {
    /// Labels of our containers.
    package enum Label {
        package static let owner = "dev.vmcp.owner"
        package static let server = "dev.vmcp.server"
        package static let group = "dev.vmcp.group"
        package static let namespace = "dev.vmcp.namespace"
        package static let configuration = "dev.vmcp.configuration"
    }

    /// Most processes and threads in a container.
    package static let pidsLimit = 512
    /// Options of the one folder that can be written to.
    package static let temporary = "rw,nosuid,nodev,mode=1777,size=67108864"

    private let settings: ServerSettings
    private let container: ContainerSettings

    package init(_ settings: ServerSettings, _ container: ContainerSettings) {
        self.settings = settings
        self.container = container
    }

    private var speaksOverPipes: Bool { settings.transport == .stdio }
    private var portName: String { "\(container.port)/tcp" }

    /// The body of the request to create it.
    ///
    /// - Parameters:
    ///   - secrets: Variables whose values are secret.
    ///   - owner: The gateway it belongs to.
    package func json(secrets: [Header], owner: ContainerOwner) -> JSONValue {
        var members: [JSONValue.Member] = [
            .init("Image", .string(container.image)),
            .init("Env", .array((variables + secrets).map { .string("\($0.name)=\($0.value)") })),
            .init("Labels", labels(owner)),
            .init("Tty", false), .init("OpenStdin", .bool(speaksOverPipes)), .init("StdinOnce", .bool(speaksOverPipes)),
            .init("AttachStdin", .bool(speaksOverPipes)), .init("AttachStdout", true), .init("AttachStderr", true),
            .init("HostConfig", hostConfiguration),
        ]
        let arguments = settings.arguments.map(filled)
        if !arguments.isEmpty { members.append(.init("Cmd", .array(arguments.map { .string($0) }))) }
        if !speaksOverPipes { members.append(.init("ExposedPorts", .object([.init(portName, .object([]))]))) }
        return .object(members)
    }

    /// Tells configurations apart; secrets are not in it.
    package var fingerprint: String {
        var hash: UInt64 = 14_695_981_039_346_656_037  // FNV-1a
        let parts: JSONValue = [
            .string(container.image), hostConfiguration, .array(settings.arguments.map { .string($0) }),
            .array(variables.map { .string("\($0.name)=\($0.value)") }),
            .array(settings.secrets.map { .string("\($0.name)=\($0.reference)") }),
            .string(settings.transport.rawValue),
        ]
        for byte in parts.json { hash = (hash ^ UInt64(byte)) &* 1_099_511_628_211 }
        let text = String(hash, radix: 16)
        return String(repeating: "0", count: 16 - text.count) + text
    }

    private var variables: [Header] {
        var variables = settings.environment.map { Header($0.name, filled($0.value)) }
        guard !speaksOverPipes else { return variables }
        let told = [
            ("MCP_TRANSPORT", settings.transport.rawValue), ("MCP_PORT", String(container.port)),
            ("PORT", String(container.port)), ("FASTMCP_PORT", String(container.port)), ("MCP_HOST", "0.0.0.0"),
        ]
        // What the resource sets itself is not touched.
        for (name, value) in told where !variables.contains(where: { $0.name == name }) {
            variables.append(Header(name, value))
        }
        return variables
    }

    private func filled(_ text: String) -> String {
        speaksOverPipes ? text : text.replacing("{port}", with: String(container.port))
    }

    private func labels(_ owner: ContainerOwner) -> JSONValue {
        let labels = [
            (Label.owner, owner.label), (Label.server, container.name), (Label.group, container.group),
            (Label.namespace, container.namespace), (Label.configuration, fingerprint),
        ]
        return .object(labels.map { .init($0.0, .string($0.1)) })
    }

    private var hostConfiguration: JSONValue {
        var members: [JSONValue.Member] = [
            .init("CapDrop", ["ALL"]), .init("SecurityOpt", ["no-new-privileges"]), .init("Privileged", false),
            .init("ReadonlyRootfs", true), .init("Tmpfs", .object([.init("/tmp", .string(Self.temporary))])),
            .init("PidsLimit", .number(String(Self.pidsLimit))),
            .init("NetworkMode", .string(container.hasNetwork ? "bridge" : "none")),
            .init("RestartPolicy", .object([.init("Name", "no")])),
            // The gateway reads what the server writes; a copy of it would fill the disk.
            .init("LogConfig", .object([.init("Type", "none")])),
        ]
        if let memory = container.memory {
            members.append(.init("Memory", .number(String(memory))))
            // No swap besides.
            members.append(.init("MemorySwap", .number(String(memory))))
        }
        if let cpu = container.cpu { members.append(.init("NanoCpus", .number(String(cpu)))) }
        if !container.mounts.isEmpty {
            let mounts = container.mounts.map { mount in
                let place: [JSONValue.Member] =
                    mount.source.isEmpty
                    ? [.init("Type", "volume")] : [.init("Type", "bind"), .init("Source", .string(mount.source))]
                return JSONValue.object(
                    place + [.init("Target", .string(mount.target)), .init("ReadOnly", .bool(mount.isReadOnly))])
            }
            members.append(.init("Mounts", .array(mounts)))
        }
        if !speaksOverPipes {
            // An empty port is one of the engine's choice.
            let binding: JSONValue = .object([.init("HostIp", "127.0.0.1"), .init("HostPort", "")])
            members.append(.init("PortBindings", .object([.init(portName, .array([binding]))])))
        }
        return .object(members)
    }
}
