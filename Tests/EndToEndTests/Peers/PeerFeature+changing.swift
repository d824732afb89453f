import Testing

extension PeerFeature {
    /// What happens beside calls, or ends them.
    static let changing = [
        PeerFeature(name: "watching begins") {
            [["watch", [$0.uri("info")]]]
        } check: { cell in
            #expect(cell.results[0] == .null, "\(cell)")
        },
        listChange("tool", "extra") { $0.offered("extra") },
        listChange("prompt", "brief") { $0.offered("brief") },
        listChange("resource", "page") { $0.uri("page") },
        PeerFeature(name: "updates of a resource") { server in
            [server.call("touch", ["uri": server.uri("info")]), ["await", "notifications/resources/updated"]]
        } check: { cell in
            #expect(cell.results[1] == .null, "\(cell)")
        },
        PeerFeature(name: "cancellation") { server in
            [
                ["cancel", server.offered("stall"), ["key": .string(server.name)]],
                server.call("echo", ["text": "after"]),
            ]
        } check: { cell in
            #expect(cell.results[0] == true, "\(cell)")
            #expect(cell.journal.contains("cancelled \(cell.server.name)"), "\(cell); journal: \(cell.journal)")
            #expect(cell.text(1)?.hasSuffix("after") == true, "\(cell)")
        },
    ]

    /// An item comes and goes, and the client looks only when it is told to.
    private static func listChange(
        _ kind: JSON, _ item: JSON, offered: @escaping @Sendable (PeerServer) -> JSON
    ) -> PeerFeature {
        PeerFeature(name: "list_changed of \(kind.string ?? "")s") { server in
            [true, false].flatMap { present in
                [
                    server.call("change", ["kind": kind, "item": item, "present": present]),
                    ["listed", kind, offered(server), present],
                ]
            }
        } check: { cell in
            #expect(cell.results[1] == true && cell.results[3] == true, "\(cell)")
        }
    }
}
