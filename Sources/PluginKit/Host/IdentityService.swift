import PluginAPI

/// Who a call is for.
public struct IdentityService: Sendable {
    let host: HostHandle
    let table: vmcp_identity?

    /// The claims of an identity: an object, always with `sub` and `iss`.
    ///
    /// - Throws: ``PluginError`` for 0 and for an identity whose requests are all over.
    public func claims(_ identity: UInt64) throws(PluginError) -> JSONValue {
        guard let claims = table?.claims else { throw PluginError(.unsupported, "the host has no identity service") }
        let text = try readText("claims of identity \(identity)") { claims(host.pointer, identity, $0) }
        return try JSONValue(json: Array(text.utf8))
    }

    /// The token that this identity presented to the gateway.
    public func token(_ identity: UInt64) throws(PluginError) -> Secret {
        guard let token = table?.token else { throw PluginError(.unsupported, "the host has no identity service") }
        return Secret(try readText("token of identity \(identity)") { token(host.pointer, identity, $0) })
    }

    /// Asks for the token that an upstream provider issued to this identity; `done` is called exactly once, from any
    /// thread, even before this returns.
    ///
    /// - Parameter kind: `access_token` or `id_token`.
    public func upstreamToken(
        _ identity: UInt64, provider: String, kind: String = "access_token",
        done: @escaping @Sendable (Outcome, Secret) -> Void
    ) {
        guard let ask = table?.upstream_token else {
            done(Outcome(.unsupported, "the host has no identity service"), Secret(""))
            return
        }
        let context = Unmanaged.passRetained(Done(run: done)).toOpaque()
        provider.withBorrowedBytes { provider in
            kind.withBorrowedBytes { kind in
                ask(host.pointer, identity, provider, kind, context) { context, outcome, token in
                    guard let context else { return }
                    // Balanced here: the host calls exactly once.
                    let done = Unmanaged<Done>.fromOpaque(context).takeRetainedValue()
                    done.run(Outcome(outcome), Secret(token.text))
                }
            }
        }
    }

    private final class Done: Sendable {
        let run: @Sendable (Outcome, Secret) -> Void
        init(run: @escaping @Sendable (Outcome, Secret) -> Void) { self.run = run }
    }
}
