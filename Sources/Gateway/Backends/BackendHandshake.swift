/// The `initialize` exchange towards a backend, as values.
package enum BackendHandshake {
    /// Params of `initialize`. `capabilities` is raw JSON: what the client behind this session declared, or `{}`.
    package static func params(client: GatewayIdentity, capabilities: [UInt8]) -> [UInt8] {
        var out = Array("{\"protocolVersion\":\"\(ProtocolRevision.newest.rawValue)\",\"capabilities\":".utf8)
        out.append(contentsOf: capabilities)
        out.append(contentsOf: ",\"clientInfo\":".utf8)
        out.append(contentsOf: client.json)
        out.append(UInt8(ascii: "}"))
        return out
    }

    /// Reads the answer to `initialize`.
    package static func read(_ result: JSONSlice?) throws(Outcome) -> BackendServer {
        guard let result, result.kind == .object, let version = result["protocolVersion"]?.string else {
            throw Outcome(
                .protocolError, message: "answered initialize without protocolVersion: expected an object that has one")
        }
        guard let revision = ProtocolRevision(rawValue: version) else {
            let served = ProtocolRevision.allCases.map(\.rawValue).joined(separator: ", ")
            throw Outcome(
                .protocolError, message: "speaks protocol revision \(version.prefix(32)); expected one of \(served)")
        }
        return BackendServer(
            revision: .handshake(revision), capabilities: result["capabilities"], info: result["serverInfo"])
    }
}

/// The gateway's own name towards clients (`serverInfo`) and backends (`clientInfo`).
package struct GatewayIdentity: Sendable, Equatable {
    package let name: String
    package let version: String

    package init(name: String, version: String) {
        self.name = name
        self.version = version
    }

    var json: [UInt8] {
        var out = Array("{\"name\":".utf8)
        JSONText.append(name, to: &out)
        out.append(contentsOf: ",\"version\":".utf8)
        JSONText.append(version, to: &out)
        out.append(UInt8(ascii: "}"))
        return out
    }
}
