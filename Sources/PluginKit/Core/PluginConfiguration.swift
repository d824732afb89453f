/// What an instance is made from: a resource, and what its references lead to.
public struct PluginConfiguration: Sendable {
    /// Such as `toolhive.stacklok.dev/v1beta1`.
    public let apiVersion: String
    /// The kind of the resource, one of `kinds` in plugin.yaml.
    public let kind: String
    /// May be empty.
    public let namespace: String
    /// The name of the resource.
    public let name: String
    /// The folder of the file that defines the resource; relative paths start there. Empty when there is none.
    public let baseDirectory: String
    /// The resource's `spec` as written.
    public let spec: JSONValue
    /// What references lead to: `secrets`, `configMaps`, `auth`, `limits` and more.
    public let resolved: JSONValue

    /// Reads the object that `create` gets.
    ///
    /// - Throws: ``PluginError`` when it is no JSON object.
    public init(json: [UInt8]) throws(PluginError) {
        let value = try JSONValue(json: json)
        guard value.members != nil else {
            throw PluginError(.invalid, "configuration: expected a JSON object, found \(value.kind)")
        }
        apiVersion = value["apiVersion"]?.string ?? ""
        kind = value["kind"]?.string ?? ""
        namespace = value["namespace"]?.string ?? ""
        name = value["name"]?.string ?? ""
        baseDirectory = value["baseDirectory"]?.string ?? ""
        spec = value["spec"] ?? .object([])
        resolved = value["resolved"] ?? .object([])
    }

    /// The handle for ``SecretsService`` behind a reference, or `nil` when the host resolved none.
    public func secretHandle(name: String, key: String) -> String? { resolved["secrets"]?["\(name)/\(key)"]?.string }

    /// The text behind a reference to a ConfigMap, or `nil` when the host resolved none.
    public func configMapText(name: String, key: String) -> String? {
        resolved["configMaps"]?["\(name)/\(key)"]?.string
    }

    /// The handle for ``HTTPRequest/auth``, 0 when the resource has no credential.
    public var auth: UInt64 { UInt64(resolved["auth"]?.integer ?? 0) }

    /// The most bytes that one event or one line of the server may have; `nil` leaves the default.
    public var eventLimit: Int? { resolved["limits"]?["eventBytes"]?.integer }

    /// Reads a field of `spec` that must be a string when it is there.
    ///
    /// - Parameter path: Names joined by dots, such as `caBundleRef.configMapRef.name`.
    public func string(_ path: String) throws(PluginError) -> String? {
        try field(path, "a string", \.string)
    }

    /// Reads a field of `spec` that must be a whole number when it is there.
    public func integer(_ path: String, in range: ClosedRange<Int>) throws(PluginError) -> Int? {
        guard let value = try field(path, "a whole number", \.integer) else { return nil }
        guard range.contains(value) else {
            throw PluginError(
                .invalid, "spec.\(path): expected \(range.lowerBound) to \(range.upperBound), found \(value)")
        }
        return value
    }

    /// Reads a field of `spec` that must be an array when it is there; absent is empty.
    public func array(_ path: String) throws(PluginError) -> [JSONValue] {
        try field(path, "an array", \.array) ?? []
    }

    /// Reads a field of `spec` that must be an object when it is there; absent is empty.
    public func members(_ path: String) throws(PluginError) -> [JSONValue.Member] {
        try field(path, "an object", \.members) ?? []
    }

    private func field<Value>(
        _ path: String, _ expected: String, _ read: (JSONValue) -> Value?
    ) throws(PluginError) -> Value? {
        var value: JSONValue? = spec
        for name in path.split(separator: ".") { value = value?[String(name)] }
        guard let value, value != .null else { return nil }
        guard let result = read(value) else {
            throw PluginError(.invalid, "spec.\(path): expected \(expected), found \(value.kind)")
        }
        return result
    }
}
