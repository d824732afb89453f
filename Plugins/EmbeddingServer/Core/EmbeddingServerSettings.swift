package import PluginKit

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// What an EmbeddingServer says (resource specification, section 9), as a server in a container.
package struct EmbeddingServerSettings: Sendable {
    /// The image when none is named.
    package static let standardImage = "ghcr.io/huggingface/text-embeddings-inference:cpu-latest"
    /// The model when none is named.
    package static let standardModel = "BAAI/bge-small-en-v1.5"

    package let image: String
    /// The folder of this machine that models are kept in; nil keeps them in the container.
    package let cache: String?
    /// The same server as an MCPServer would describe it.
    package let server: PluginConfiguration
    /// Milliseconds for a request.
    package let timeout: UInt64 = 300_000

    /// - Parameter environment: Of the gateway; it names the folder for models.
    /// - Throws: ``PluginError`` that names the field.
    package init(
        _ configuration: PluginConfiguration, environment: (String) -> String?
    ) throws(PluginError) {
        image = try configuration.string("image") ?? Self.standardImage
        let written = (try configuration.string("model"), try configuration.string("embeddingModel"))
        let model = written.0 ?? written.1 ?? Self.standardModel
        let port = try configuration.integer("port", in: 1...65_535) ?? 8_080
        cache = configuration.spec["modelCache"]?["enabled"]?.bool == false ? nil : try Self.folder(environment)
        var arguments: [JSONValue] = ["--model-id", .string(model), "--port", .string(String(port))]
        arguments += try configuration.array("args")
        var environment = try configuration.array("env")
        for (name, value) in [("MODEL_ID", model), ("HF_HOME", "/data"), ("HUGGINGFACE_HUB_CACHE", "/data")]
        where !environment.contains(where: { $0["name"]?.string == name }) {
            environment.append(["name": .string(name), "value": .string(value)])
        }
        let place: [JSONValue.Member] = cache.map { [.init("hostPath", .string($0))] } ?? []
        var spec: [JSONValue.Member] = [
            .init("image", .string(image)), .init("transport", "streamable-http"),
            .init("mcpPort", .number(String(port))),
            .init("args", .array(arguments)), .init("env", .array(environment)),
            .init("volumes", [.object([.init("name", "model-cache"), .init("mountPath", "/data")] + place)]),
        ]
        if let token = configuration.spec["hfTokenSecretRef"], token != .null {
            spec.append(
                .init(
                    "secrets",
                    [["name": token["name"] ?? "", "key": token["key"] ?? "", "targetEnvName": "HF_TOKEN"]]))
        }
        if let resources = configuration.spec["resources"] { spec.append(.init("resources", resources)) }
        server = try PluginConfiguration(
            json: JSONValue.object([
                .init("kind", "EmbeddingServer"), .init("name", .string(configuration.name)),
                .init("namespace", .string(configuration.namespace)),
                .init("baseDirectory", .string(configuration.baseDirectory)), .init("spec", .object(spec)),
                .init("resolved", configuration.resolved),
            ]).json)
    }

    /// The user's folder for what can be fetched again (XDG Base Directory Specification 0.8).
    private static func folder(_ environment: (String) -> String?) throws(PluginError) -> String {
        if let folder = environment("XDG_CACHE_HOME"), folder.hasPrefix("/") {
            return folder + "/vmcp/embedding-models"
        }
        if let home = environment("HOME"), home.hasPrefix("/") { return home + "/.cache/vmcp/embedding-models" }
        throw PluginError(
            .invalid, "spec.modelCache: expected XDG_CACHE_HOME or HOME to name a folder for models, found neither")
    }

    /// Makes the folder for models. The server may be another user than the gateway and writes there; only the gateway's
    /// user gets through the folder above.
    package func makeCache() throws(PluginError) {
        guard let cache else { return }
        var path = ""
        for part in cache.split(separator: "/") {
            path += "/\(part)"
            guard mkdir(path, 0o700) == 0 || errno == EEXIST || errno == EROFS else {
                throw PluginError(
                    .unavailable, "spec.modelCache: could not make \(path): \(String(cString: strerror(errno)))")
            }
        }
        guard access(cache, F_OK) == 0 else {
            throw PluginError(.unavailable, "spec.modelCache: expected the folder \(cache), found none")
        }
        // Fails where the folder is somebody else's, who has seen to it then.
        chmod(cache, 0o777)
    }

    /// JSON Schema of `spec`: an EmbeddingServer, or `optimizer` of a gateway that names this provider.
    static let schema = """
        {
          "$schema": "https://json-schema.org/draft/2020-12/schema",
          "type": "object",
          "properties": {
            "image": { "type": "string", "minLength": 1, "description": "An image of text-embeddings-inference." },
            "model": { "type": "string", "minLength": 1, "description": "The id of a model at Hugging Face." },
            "port": { "type": "integer", "minimum": 1, "maximum": 65535 },
            "args": { "type": "array", "items": { "type": "string" } }
          }
        }
        """
}
