import Glibc
package import PluginKit

/// What `spec` of a remote embedding provider says, checked: the fields of `optimizer` that begin with `embedding`.
package struct RemoteSettings: Sendable {
    /// The environment variable with the key of an OpenAI-compatible service.
    package static let variable = "OPENAI_API_KEY"

    /// How a service speaks: the kind of the configuration.
    package enum Wire: String, Sendable { case tei, openai }

    package let wire: Wire
    /// Base of the service without a slash at its end.
    package let base: String
    /// What the service is called in the identity of its model.
    package let label: String
    /// The model to ask for; empty with `tei`, whose service has one.
    package let model: String
    /// Headers of each request, `Authorization` included; values may be secret.
    package let headers: [Header]
    /// Milliseconds for a whole exchange.
    package let timeout: UInt64

    /// - Parameter key: The value of ``variable``.
    /// - Throws: ``PluginError`` that names the field.
    package init(
        _ configuration: PluginConfiguration, key: String? = getenv(variable).map { String(cString: $0) }
    ) throws(PluginError) {
        guard let wire = Wire(rawValue: configuration.kind) else {
            throw PluginError(.unsupported, "expected the provider tei or openai, found '\(configuration.kind)'")
        }
        self.wire = wire
        base = try Self.base(try configuration.string("embeddingService") ?? "")
        label = base
        model = try configuration.string("embeddingModel") ?? ""
        guard wire == .tei || !model.isEmpty else {
            throw PluginError(.invalid, "embeddingModel: expected the name of a model, found nothing; openai needs it")
        }
        timeout = try Self.timeout(try configuration.string("embeddingServiceTimeout") ?? "30s")
        var headers: [Header] = []
        for member in try configuration.members("embeddingHeaders") where wire == .openai {
            headers.append(Header(member.name, try Self.value(member)))
        }
        if wire == .openai, let key, !key.isEmpty {
            guard key.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
                throw PluginError(.invalid, "\(Self.variable): expected a key of visible ASCII characters")
            }
            headers.append(Header("Authorization", "Bearer \(key)"))
        }
        self.headers = headers
    }

    /// A service that the gateway runs itself.
    ///
    /// - Parameters:
    ///   - base: Without a slash at its end.
    ///   - label: What it is called, wherever it listens this time.
    ///   - timeout: Milliseconds for a whole exchange.
    package init(tei base: String, label: String, timeout: UInt64) {
        (wire, self.base, self.label, model, headers, self.timeout) = (.tei, base, label, "", [], timeout)
    }

    private static func base(_ text: String) throws(PluginError) -> String {
        let scheme = ["https://", "http://"].first { text.lowercased().hasPrefix($0) }
        guard let scheme else {
            let found = text.isEmpty ? "nothing" : "another text"
            throw PluginError(.invalid, "embeddingService: expected an http or https URL, found \(found)")
        }
        let authority = text.dropFirst(scheme.count).prefix { $0 != "/" }
        guard !authority.isEmpty, !authority.contains("@"), !text.contains("#"), !text.contains("?"),
            text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
        else {
            throw PluginError(
                .invalid, "embeddingService: expected a URL with a host, without user, password, query and fragment")
        }
        return text.hasSuffix("/") ? String(text.dropLast()) : text
    }

    private static func value(_ member: JSONValue.Member) throws(PluginError) -> String {
        guard let text = member.value.string, (1...8192).contains(text.utf8.count),
            text.utf8.allSatisfy({ ($0 >= 0x20 && $0 != 0x7F) || $0 == 0x09 })
        else {
            throw PluginError(
                .invalid, "embeddingHeaders.\(member.name): expected 1 to 8192 characters without control characters")
        }
        return text
    }

    /// A duration as Go writes it, such as `1m30s`, in milliseconds.
    private static func timeout(_ text: String) throws(PluginError) -> UInt64 {
        let units: [String: Double] = ["ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000]
        var total = 0.0
        var rest = text[...]
        while !rest.isEmpty {
            let number = rest.prefix { ("0"..."9").contains($0) || $0 == "." }
            rest = rest.dropFirst(number.count)
            let unit = rest.prefix { !("0"..."9").contains($0) && $0 != "." }
            rest = rest.dropFirst(unit.count)
            guard let value = Double(number), let factor = units[String(unit)] else {
                total = 0
                break
            }
            total += value * factor
        }
        guard total >= 1, total <= 86_400_000 else {
            throw PluginError(
                .invalid, "embeddingServiceTimeout: expected a duration of 1ms to 24h such as 30s, found '\(text)'")
        }
        return UInt64(total)
    }

    /// JSON Schema of `spec`. The gateway's own fields are checked by the gateway.
    static let schema = """
        {
          "$schema": "https://json-schema.org/draft/2020-12/schema",
          "type": "object",
          "required": ["embeddingService"],
          "properties": {
            "embeddingService": {
              "type": "string",
              "pattern": "^https?://",
              "description": "URL that the paths of the service are appended to."
            },
            "embeddingServiceTimeout": { "type": "string", "description": "For each request; 30s when absent." },
            "embeddingModel": { "type": "string", "description": "The model to ask for; openai needs it." },
            "embeddingHeaders": {
              "type": "object",
              "maxProperties": 32,
              "additionalProperties": { "type": "string" },
              "description": "Headers of each request; openai only."
            }
          }
        }
        """
}
