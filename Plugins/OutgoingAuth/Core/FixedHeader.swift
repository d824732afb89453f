import PluginKit

/// `header_injection` and `bearer_token`: the same header for every request, probes included.
///
/// The host does not keep the answer: the secret is read each time, so that a changed one acts at once.
final class FixedHeader: AuthStrategy {
    private let name: String
    private let prefix: String
    private let secret: StrategySettings.SecretField

    /// `{headerName, valueSecretRef}`
    init(injection settings: StrategySettings) throws(PluginError) {
        name = try settings.required("headerName")
        guard name.utf8.allSatisfy(Self.isTokenByte) else {
            throw PluginError(.invalid, "headerName: expected the name of an HTTP header")
        }
        prefix = ""
        secret = try settings.requiredSecret("valueSecretRef")
    }

    /// `{tokenSecretRef}`
    init(bearer settings: StrategySettings) throws(PluginError) {
        name = "Authorization"
        prefix = "Bearer "
        secret = try settings.requiredSecret("tokenSecretRef")
    }

    func authorize(_ request: AuthRequest, reply: AuthReply) {
        do throws(PluginError) {
            let value = try secret.value()
            guard value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }) else {
                throw PluginError(.unauthenticated, "the secret of \(secret.field) has control characters")
            }
            reply.grant(AuthAnswer(set: [Header(name, prefix + value)], scope: .backend))
        } catch {
            reply.refuse(Outcome(error.status, error.message))
        }
    }

    /// RFC 9110, section 5.6.2.
    private static func isTokenByte(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
            || "!#$%&'*+-.^_`|~".utf8.contains(byte)
    }
}
