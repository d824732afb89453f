/// Pairings that are not run yet, and why.
struct PeerGap: Sendable {
    let reason: String
    let covers: @Sendable (PeerClient, PeerServer, PeerFeature) -> Bool

    static let all: [PeerGap] = []

    static func covers(_ client: PeerClient, _ server: PeerServer, _ feature: PeerFeature) -> Bool {
        all.contains { $0.covers(client, server, feature) }
    }

    /// For the one who reads the test's output; empty when there is no gap.
    static var summary: String {
        all.map { gap in
            let cells = PeerClient.all.flatMap { client in
                PeerServer.all.flatMap { server in
                    PeerFeature.all.filter { $0.applies(client, server) && gap.covers(client, server, $0) }
                }
            }
            return "\(cells.count) pairings are not run: \(gap.reason)"
        }.joined(separator: "; ")
    }
}
