import PluginKit

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// What `docker login` and `podman login` have written down for this user. An engine that pulls for others (docker) knows no
/// credentials but those that come with the request.
///
/// Credential helpers (`credsStore`, `credHelpers`) are programs, and not asked.
package struct RegistryCredentials: Sendable {
    private let environment: @Sendable (String) -> String?
    private let read: @Sendable (String) -> [UInt8]?

    /// - Parameter read: The bytes of a file; nil when it cannot be read.
    package init(
        environment: @escaping @Sendable (String) -> String?,
        read: @escaping @Sendable (String) -> [UInt8]? = RegistryCredentials.bytes
    ) {
        self.environment = environment
        self.read = read
    }

    /// The value of `X-Registry-Auth` for an image (API of the engine, Authentication); nil when nothing is written down.
    package func header(for image: String) -> String? {
        let registry = Self.registry(of: image)
        for file in files {
            guard let bytes = read(file) else { continue }
            let value: JSONValue
            do throws(PluginError) { value = try JSONValue(json: bytes) } catch { continue }
            guard let entry = Self.names(of: registry).lazy.compactMap({ value["auths"]?[$0] }).first else { continue }
            if let token = entry["identitytoken"]?.string, !token.isEmpty {
                return Self.encoded([.init("identitytoken", .string(token)), .init("serveraddress", .string(registry))])
            }
            guard let text = entry["auth"]?.string, let pair = Base64Text.decode(text) else { continue }
            let parts = String(decoding: pair, as: UTF8.self).split(
                separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2 else { continue }
            return Self.encoded([
                .init("username", .string(String(parts[0]))), .init("password", .string(String(parts[1]))),
                .init("serveraddress", .string(registry)),
            ])
        }
        return nil
    }

    /// The first part of a reference when it is a host, as in `localhost:5000/x`; otherwise docker's own.
    static func registry(of image: String) -> String {
        guard let slash = image.firstIndex(of: "/") else { return "docker.io" }
        let first = image[..<slash]
        return first.contains(".") || first.contains(":") || first == "localhost" ? String(first) : "docker.io"
    }

    private static func names(of registry: String) -> [String] {
        registry == "docker.io"
            ? ["https://index.docker.io/v1/", "index.docker.io", "docker.io"]
            : [registry, "https://\(registry)", "http://\(registry)"]
    }

    private static func encoded(_ members: [JSONValue.Member]) -> String {
        Base64Text.encodeURL(JSONValue.object(members).json)
    }

    private var files: [String] {
        func variable(_ name: String) -> String? { environment(name).flatMap { $0.isEmpty ? nil : $0 } }
        let home = variable("HOME")
        return [
            variable("DOCKER_CONFIG").map { "\($0)/config.json" } ?? home.map { "\($0)/.docker/config.json" },
            variable("REGISTRY_AUTH_FILE"), variable("XDG_RUNTIME_DIR").map { "\($0)/containers/auth.json" },
            home.map { "\($0)/.config/containers/auth.json" },
        ].compactMap(\.self)
    }

    /// A file of at most a mebibyte.
    package static func bytes(of path: String) -> [UInt8]? {
        guard let file = fopen(path, "r") else { return nil }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 1_048_576)
        let count = fread(&bytes, 1, bytes.count, file)
        return Array(bytes[..<count])
    }
}
