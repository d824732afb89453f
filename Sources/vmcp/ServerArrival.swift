import HostConfiguration

/// Takes a server into its group, and shows how it comes up where the group is served.
struct ServerArrival {
    private let server: String
    private let folder: GroupFolder

    init(_ server: String, in folder: GroupFolder) { (self.server, self.folder) = (server, folder) }

    /// - Parameter change: Puts the file of the server into the folder.
    /// - Throws: When the change fails, or the server does.
    func take(_ change: () throws -> Void) async throws {
        let line = ProgressLine()
        let isServed = try await GroupGateway.with(folder) { gateway in
            defer { line.end() }
            line.show("the gateway takes \(server) in")
            let state = try await gateway.follow(server, progress: line.show, change)
            line.end()
            guard state.health == "healthy" || state.health == "degraded" else {
                throw AlreadyReported(
                    description: "\(server) is in the group and \(state.health): \(state.message)\n"
                        + "See: vmcp logs \(server) --group \(folder.name)")
            }
            let tools = Terminal.count(state.tools ?? 0, "tool")
            print("\(server) is \(state.health) with \(tools) at \(gateway.endpoint)")
            return true
        }
        guard isServed == nil else { return }
        try change()
        print(
            "\(server) is in the group \(folder.name), which no gateway serves; start it: vmcp serve --group \(folder.name)"
        )
    }
}
