import Testing

extension PeerFeature {
    /// What happens beside calls, or ends them.
    ///
    /// - Parameter isInteractive: For clients that can be asked something: they have sessions of their own with backends.
    static func changing(isInteractive: Bool) -> [PeerFeature] {
        let suffix = isInteractive ? " of a client that can be asked" : ""
        // On a pipe such a client has a process to itself, and lists are read from another.
        let hasOneProcess: @Sendable (PeerServer) -> Bool = {
            !isInteractive || $0.sdk == .second || $0.transport != "stdio"
        }
        // An item comes and goes, and the client looks only when it is told to.
        func listChange(
            _ kind: JSON, _ item: JSON, offered: @escaping @Sendable (PeerServer) -> JSON
        ) -> PeerFeature {
            PeerFeature(
                name: "list_changed of \(kind.string ?? "")s" + suffix, isInteractive: isInteractive,
                isOffered: hasOneProcess
            ) { server in
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
        return [
            PeerFeature(name: "watching begins" + suffix, isInteractive: isInteractive) {
                [["watch", [$0.uri("info")]]]
            } check: { cell in
                #expect(cell.results[0] == .null, "\(cell)")
            },
            listChange("tool", "extra") { $0.offered("extra") },
            listChange("prompt", "brief") { $0.offered("brief") },
            listChange("resource", "page") { $0.uri("page") },
            PeerFeature(name: "updates of a resource" + suffix, isInteractive: isInteractive) { server in
                [server.call("touch", ["uri": server.uri("info")]), ["await", "notifications/resources/updated"]]
            } check: { cell in
                #expect(cell.results[1] == .null, "\(cell)")
            },
            PeerFeature(name: "cancellation" + suffix, isInteractive: isInteractive) { server in
                [
                    ["cancel", server.offered("stall"), ["key": .string(cancelled(server, isInteractive))]],
                    server.call("echo", ["text": "after"]),
                ]
            } check: { cell in
                #expect(cell.results[0] == true, "\(cell)")
                let line = "cancelled \(cancelled(cell.server, isInteractive))"
                #expect(cell.journal.contains(line), "\(cell); journal: \(cell.journal)")
                #expect(cell.text(1)?.hasSuffix("after") == true, "\(cell)")
            },
        ]
    }

    /// What a server writes down of a cancelled call.
    static func cancelled(_ server: PeerServer, _ isInteractive: Bool) -> String {
        server.name + (isInteractive ? " asking" : "")
    }

    var isCancellation: Bool { name.hasPrefix("cancellation") }
}
