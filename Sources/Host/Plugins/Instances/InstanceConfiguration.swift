import Gateway

/// What an instance is created from; the JSON of `vmcp_plugin.create`.
package struct InstanceConfiguration: Sendable {
    package var apiVersion: String
    package var kind: String
    package var namespace: String
    package var name: String
    /// Folder of the file that defines the resource: relative paths start there.
    package var baseDirectory: String
    /// The resource's `spec` as JSON, as written. An object.
    package var spec: [UInt8]
    /// What its references lead to, as JSON: `secrets`, `configMaps`, `auth` (vmcp_plugin.h). Handles, never secrets.
    package var resolved: [UInt8]

    package init(
        apiVersion: String, kind: String, namespace: String = "", name: String, baseDirectory: String,
        spec: [UInt8] = Array("{}".utf8), resolved: [UInt8] = Array("{}".utf8)
    ) {
        self.apiVersion = apiVersion
        self.kind = kind
        self.namespace = namespace
        self.name = name
        self.baseDirectory = baseDirectory
        self.spec = spec
        self.resolved = resolved
    }

    /// The whole object.
    package var json: [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(spec.count + resolved.count + 256)
        let texts = [
            ("apiVersion", apiVersion), ("kind", kind), ("namespace", namespace), ("name", name),
            ("baseDirectory", baseDirectory),
        ]
        var separator = UInt8(ascii: "{")
        for (key, value) in texts {
            out.append(separator)
            JSONText.append(key, to: &out)
            out.append(UInt8(ascii: ":"))
            JSONText.append(value, to: &out)
            separator = UInt8(ascii: ",")
        }
        out.append(contentsOf: ",\"spec\":".utf8)
        out.append(contentsOf: spec)
        out.append(contentsOf: ",\"resolved\":".utf8)
        out.append(contentsOf: resolved)
        out.append(UInt8(ascii: "}"))
        return out
    }
}
