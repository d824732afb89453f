import Gateway
import Host
import HostConfiguration

/// The gateway that serves a group, as the commands about the group see it.
struct GroupGateway {
    /// A backend as `/status` has it.
    struct State {
        let health: String
        let tools: Int?
        let message: String
    }

    /// How long a gateway may take to follow a change of its files; new servers have 8 s before all else goes on.
    private static let patience = Duration.seconds(30)
    private static let pause = Duration.milliseconds(200)

    let endpoint: String
    private let client: GatewayClient

    /// Does something with the gateway of a group; not, when none listens.
    static func with<Result>(
        _ group: GroupFolder, _ body: (GroupGateway) async throws -> Result
    ) async throws -> Result? {
        guard case .running(let endpoint) = GroupService.look(at: group), !endpoint.isEmpty else { return nil }
        let gateway = GroupGateway(endpoint: endpoint, client: try GatewayClient(endpoint: endpoint))
        do {
            let result = try await body(gateway)
            await gateway.client.end()
            return result
        } catch {
            await gateway.client.end()
            throw error
        }
    }

    /// Its backends by name.
    func states() async throws -> [String: State] { try await look().states }

    /// What a backend logged of late; `nil` when it is not served.
    func lines(of server: String) async throws -> String? { try await client.lines(of: server) }

    /// Makes a change that takes a server in, and waits until it answers or fails.
    func follow(
        _ server: String, progress: (String) -> Void, _ change: () throws -> Void
    ) async throws -> State {
        let before = try await look().reload
        try change()
        let end = ContinuousClock.now + Self.patience
        while true {
            let (states, reload, errors) = try await look()
            if let state = states[server] {
                if state.health != "unknown" { return state }
                progress(state.message)
            } else if reload != before, !errors.isEmpty {
                throw GroupFault("the gateway cannot use the files of the group:\n" + errors.joined(separator: "\n"))
            } else if ContinuousClock.now > end {
                throw GroupFault(
                    "the gateway at \(endpoint) has not taken \(server) in; its log says why, or it runs with --no-watch"
                )
            }
            try await Task.sleep(for: Self.pause)
        }
    }

    /// Waits until a server is not served any more.
    func forget(_ server: String) async throws {
        let end = ContinuousClock.now + Self.patience
        while try await look().states[server] != nil {
            guard ContinuousClock.now < end else {
                throw GroupFault(
                    "the gateway at \(endpoint) still serves \(server); its log says why, or it runs with --no-watch")
            }
            try await Task.sleep(for: Self.pause)
        }
    }

    private func look() async throws -> (states: [String: State], reload: String, errors: [String]) {
        let status = try await client.status()
        var states: [String: State] = [:]
        for backend in status["backends"]?.elements ?? [] {
            states[backend["name"]?.string ?? ""] = State(
                health: backend["health"]?.string ?? "", tools: backend["tools"]?.integer,
                message: backend["message"]?.string ?? "")
        }
        let reload = status["reload"]
        return (
            states, reload?["last"]?.string ?? "", (reload?["errors"]?.elements ?? []).compactMap(\.string)
        )
    }
}
