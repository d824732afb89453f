import PluginAPI

/// `vmcp.identity/1`.
enum IdentityTable {
    static let table = vmcp_identity(
        struct_size: UInt32(MemoryLayout<vmcp_identity>.size), reserved: 0,
        claims: { host, identity, text in IdentityTable.copy(\.claims, host, identity, text) },
        token: { host, identity, text in IdentityTable.copy(\.token, host, identity, text) },
        upstream_token: { host, identity, provider, kind, context, done in
            guard let done else { return }
            let context = PluginContext(pointer: context)
            let answer: UpstreamRequests.Answer = { result in
                switch result {
                case .success(let token):
                    ServiceOutcome(.ok).withABI { outcome in
                        token.withUnsafeBytes { done(context.pointer, outcome, vmcp_bytes($0)) }
                    }
                case .failure(let error):
                    error.withABI { done(context.pointer, $0, vmcp_bytes()) }
                }
            }
            guard let instance = HostTable.instance(of: host) else {
                return answer(.failure(ServiceOutcome(.cancelled, "the instance has been released")))
            }
            guard let found = instance.hub.identities[identity] else {
                return answer(.failure(ServiceOutcome(.notFound, "the identity has no request under way")))
            }
            guard let number = instance.upstreamRequests.begin(answer, in: instance.ledger) else {
                return answer(.failure(ServiceOutcome(.cancelled, "the instance is being ended")))
            }
            found.upstreamToken(provider.text, kind.text) { [instance] result in
                instance.upstreamRequests.finish(number, result, in: instance.ledger)
            }
        })

    private static func copy(
        _ part: KeyPath<ServiceIdentity, [UInt8]>, _ host: UnsafePointer<vmcp_host>?, _ identity: UInt64,
        _ text: UnsafeMutablePointer<vmcp_text>?
    ) -> vmcp_status {
        guard let text else { return vmcp_status(VMCP_INVALID) }
        guard let instance = HostTable.instance(of: host), let found = instance.hub.identities[identity] else {
            return vmcp_status(VMCP_NOT_FOUND)
        }
        return text.fill(with: found[keyPath: part])
    }
}
