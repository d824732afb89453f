import PluginKit

/// Reads the fields of a strategy.
struct StrategySettings: Sendable {
    /// A secret that is read when it is needed, so that a changed one acts at once.
    struct SecretField: Sendable {
        let field: String
        fileprivate let handle: String
        fileprivate let service: SecretsService

        /// - Throws: ``PluginError`` that names the field, when the host does not have the value any more.
        func value() throws(PluginError) -> String {
            let text: String
            do {
                text = try service.value(handle).reveal()
            } catch {
                throw PluginError(.unauthenticated, "the secret of \(field) cannot be read")
            }
            // Files and editors leave a line end behind the value.
            let trimmed = text.withoutOuterSpace
            guard !trimmed.isEmpty else { throw PluginError(.unauthenticated, "the secret of \(field) is empty") }
            return trimmed
        }
    }

    private let configuration: PluginConfiguration
    private let secrets: SecretsService

    init(_ configuration: PluginConfiguration, secrets: SecretsService) {
        self.configuration = configuration
        self.secrets = secrets
    }

    /// A text; empty counts as absent.
    func text(_ field: String) throws(PluginError) -> String? {
        let text = try configuration.string(field)
        return text?.isEmpty == false ? text : nil
    }

    func required(_ field: String) throws(PluginError) -> String {
        guard let text = try text(field) else {
            throw PluginError(.invalid, "\(field): expected a value, found nothing; it is required")
        }
        return text
    }

    /// A URL of a token endpoint.
    ///
    /// - Parameter insecure: Whether plain http is allowed for hosts other than this machine.
    func url(_ field: String, insecure: Bool = true) throws(PluginError) -> String {
        let text = try required(field)
        let isSecure = text.lowercased().hasPrefix("https://")
        guard isSecure || text.lowercased().hasPrefix("http://") else {
            throw PluginError(.invalid, "\(field): expected an http or https URL")
        }
        let authority = text.dropFirst(isSecure ? 8 : 7).prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        guard !authority.isEmpty, !authority.contains("@"), !text.contains("#"),
            text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
        else {
            throw PluginError(.invalid, "\(field): expected a URL with a host, without user, password and fragment")
        }
        let host = authority.hasPrefix("[") ? authority.prefix { $0 != "]" } + "]" : authority.prefix { $0 != ":" }
        guard isSecure || insecure || ["localhost", "127.0.0.1", "[::1]"].contains(host.lowercased()) else {
            throw PluginError(.invalid, "\(field): expected an https URL; http is for localhost alone")
        }
        return text
    }

    func texts(_ field: String) throws(PluginError) -> [String] {
        var texts: [String] = []
        for item in try configuration.array(field) {
            guard let text = item.string else { throw PluginError(.invalid, "\(field): expected texts") }
            texts.append(text)
        }
        return texts
    }

    /// The values of a list, as written.
    func values(_ field: String) throws(PluginError) -> [JSONValue] { try configuration.array(field) }

    /// Whole seconds.
    func seconds(_ field: String, in range: ClosedRange<Int>) throws(PluginError) -> Int? {
        try configuration.integer(field, in: range)
    }

    func boolean(_ field: String) -> Bool { configuration.spec[field]?.bool ?? false }

    /// The secret that a field `{name, key}` refers to.
    func secret(_ field: String) throws(PluginError) -> SecretField? {
        guard let reference = configuration.spec[field], reference != .null else { return nil }
        guard let name = reference["name"]?.string, let key = reference["key"]?.string else {
            throw PluginError(.invalid, "\(field): expected name and key of a Secret")
        }
        guard let handle = configuration.secretHandle(name: name, key: key) else {
            throw PluginError(.invalid, "\(field): expected Secret '\(name)' with key '\(key)', found none; add it")
        }
        return SecretField(field: field, handle: handle, service: secrets)
    }

    func requiredSecret(_ field: String) throws(PluginError) -> SecretField {
        guard let secret = try secret(field) else {
            throw PluginError(.invalid, "\(field): expected a secret, found nothing; it is required")
        }
        return secret
    }

    /// Who the gateway is to a token endpoint.
    func client(id: String = "clientId", secret: String = "clientSecretRef") throws(PluginError) -> TokenRequest.Client
    {
        let (id, secret) = (try text(id), try self.secret(secret))
        guard id != nil || secret == nil else {
            throw PluginError(.invalid, "expected a client id beside its secret, found none")
        }
        return TokenRequest.Client(id: id, secret: secret)
    }
}

extension String {
    /// Without white space and line ends at both ends.
    var withoutOuterSpace: String {
        let start = drop { $0.isWhitespace }
        guard let end = start.lastIndex(where: { !$0.isWhitespace }) else { return "" }
        return String(start[...end])
    }
}
