import Foundation
import Gateway

/// Makes backends of group members and of a document's `backends`.
struct BackendAssembly {
    let index: ResourceIndex
    let references: ReferenceResolution
    let validation: Validation
    let operational: OperationalSettings
    private(set) var secrets: [String: SecretValue] = [:]

    init(
        index: ResourceIndex, references: ReferenceResolution, validation: Validation, operational: OperationalSettings
    ) {
        self.index = index
        self.references = references
        self.validation = validation
        self.operational = operational
    }

    /// The kinds of our API group that are backends; any kind that only a plugin knows is one, too.
    static let kinds: Set<String> = ["MCPServer", "MCPRemoteProxy", "MCPServerEntry"]

    /// The members of a group, in the order of their names.
    static func members(of group: String, namespace: String, in index: ResourceIndex) -> [Resource] {
        index.all.filter { resource in
            resource.namespace == namespace
                && (kinds.contains(resource.kind) || ResourceSchema.document(of: resource.kind) == nil)
                && resource.spec?.at("groupRef", "name")?.text == group
        }.sorted { ($0.name, $0.kind) < ($1.name, $1.kind) }
    }

    mutating func backend(of resource: Resource) -> BackendConfiguration {
        var secretHandles: [String: String] = [:]
        var configMaps: [String: String] = [:]
        for reference in resource.references { resolve(reference, &secretHandles, &configMaps) }
        let server = Reading(resource.spec, MCPServerSchema.spec)
        let isServer = resource.kind == "MCPServer"
        let transport =
            ResourceSchema.specs[resource.kind].flatMap { Reading(resource.spec, $0).text("transport") } ?? "plugin"
        let allowsPrivate = resource.spec?["allowPrivateEndpoint"]?.boolean ?? false
        return BackendConfiguration(
            name: resource.name, kind: resource.kind, apiVersion: resource.apiVersion, namespace: resource.namespace,
            baseDirectory: Self.folder(of: resource.document.file), place: resource.place,
            specJSON: resource.spec?.node.json ?? Array("{}".utf8),
            resolvedJSON: resolved(secrets: secretHandles, configMaps: configMaps),
            isolation: isServer ? server.choice("sessionIsolation") ?? .auto : .auto,
            timeout: operational.timeout(of: resource.name), transportName: transport,
            reach: isServer
                ? nil : RemoteURL.Reach(allowPrivateEndpoint: allowsPrivate, sources: validation.sources))
    }

    /// A backend of a document's list, as the MCPServerEntry it amounts to.
    mutating func backend(ofEntry entry: Located, namespace: String) -> BackendConfiguration? {
        guard let name = entry["name"]?.text, let url = entry["url"]?.text, let transport = entry["transport"]?.text
        else { return nil }
        // The reference takes the short name as well.
        let transportName = transport == "streamable" ? "streamable-http" : transport
        var spec = Array(#"{"remoteUrl":"#.utf8)
        spec.appendJSONString(url)
        spec += #","transport":"#.utf8
        spec.appendJSONString(transportName)
        if let path = entry["caBundlePath"]?.text, !path.isEmpty {
            spec += #","caBundlePath":"#.utf8
            spec.appendJSONString(path)
        }
        var handles: [String: String] = [:]
        let forward = EnvironmentHeaders(environment: validation.sources.environment, log: validation.log)
        if let headers = forward.headers(of: name, at: entry) {
            spec += #","headerForward":"#.utf8
            spec += headers.json
            for (reference, secret) in headers.secrets {
                let handle = "environment/\(reference)"
                handles[reference] = handle
                secrets[handle] = secret
            }
        }
        spec += "}".utf8
        return BackendConfiguration(
            name: name, kind: "MCPServerEntry", apiVersion: ResourceSchema.versions[0], namespace: namespace,
            baseDirectory: Self.folder(of: entry.file), place: "\(entry.file):\(entry.node.place.line)", specJSON: spec,
            resolvedJSON: resolved(secrets: handles, configMaps: [:]), isolation: .auto,
            timeout: operational.timeout(of: name), transportName: transportName,
            reach: DocumentRules.reach(isEntry: entry["type"]?.text == "entry", validation.sources))
    }

    private mutating func resolve(
        _ reference: Reference, _ handles: inout [String: String], _ configMaps: inout [String: String]
    ) {
        let written = reference.value["key"]?.text ?? ""
        switch reference.target {
        case .resource: break
        case .secretKey:
            guard case .found(.secret(let secret)) = references.secret(reference.namespace, reference.name, written)
            else { return }
            let handle = "\(reference.namespace)/\(reference.name)/\(written)"
            handles["\(reference.name)/\(written)"] = handle
            secrets[handle] = secret
        case .configMapKey(let standard):
            let key = written.isEmpty ? standard : written
            guard case .found(.text(let text)) = references.configMap(reference.namespace, reference.name, key) else {
                return
            }
            configMaps["\(reference.name)/\(key)"] = text
        }
    }

    private func resolved(secrets: [String: String], configMaps: [String: String]) -> [UInt8] {
        var json = Array(#"{"secrets":"#.utf8)
        json.appendJSONObject(secrets)
        json += #","configMaps":"#.utf8
        json.appendJSONObject(configMaps)
        if let bytes = operational.limits[.eventBytes] { json += #","limits":{"eventBytes":\#(bytes)}"#.utf8 }
        json += "}".utf8
        return json
    }

    /// The absolute folder of a file.
    static func folder(of file: String) -> String {
        URL(fileURLWithPath: file).standardizedFileURL.deletingLastPathComponent().path
    }
}
