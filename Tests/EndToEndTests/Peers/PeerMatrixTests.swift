import Testing

extension EndToEnd {
    /// Each kind of client with each kind of server, all of them behind one gateway, their names told apart by a prefix.
    @Suite("Pairings of the official SDKs")
    struct PeerMatrixTests {
        @Test("A client can do everything with every server", .timeLimit(.minutes(3)), arguments: PeerClient.all)
        func everything(client: PeerClient) async throws {
            let run = try await PeerRun.of(client)
            #expect(run.revision == client.revision)
            #expect(!run.cells.isEmpty)
            for cell in run.cells { cell.feature.check(cell) }
        }

        @Test("No pairing is left out", .enabled(if: PeerGap.all.isEmpty, Comment(rawValue: PeerGap.summary)))
        func complete() async throws {
            for client in PeerClient.all {
                let run = try await PeerRun.of(client)
                for server in PeerServer.all {
                    let ran = Set(run.cells.filter { $0.server == server }.map(\.feature.name))
                    #expect(ran == Set(PeerFeature.all.filter { $0.applies(client, server) }.map(\.name)))
                }
            }
        }
    }
}
