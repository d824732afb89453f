/// Something that every pairing of a client and a server must be able to do through the gateway.
struct PeerFeature: Sendable {
    let name: String
    /// Whether the client declares and answers elicitation, sampling and roots while it does this.
    var isInteractive = false
    /// The first revision that has it.
    var since = "2024-11-05"
    /// The first revision that has it no longer.
    var until = "9999"
    /// What servers have it, where it is not all.
    var isOffered: @Sendable (PeerServer) -> Bool = { _ in true }
    /// What the client does; see Fixtures/clients/driver.py.
    let operations: @Sendable (PeerServer) -> [JSON]
    /// Expects what must have come of it.
    let check: @Sendable (PeerCell) -> Void

    /// Whether a pairing has the feature at all.
    func applies(_ client: PeerClient, _ server: PeerServer) -> Bool {
        since <= client.revision && client.revision < until && isOffered(server)
    }

    static let all = plain + changing(isInteractive: false) + changing(isInteractive: true) + interactive
}
