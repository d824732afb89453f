import Foundation

/// All that a kind of client did with all kinds of servers, each behind the same gateway.
struct PeerRun: Sendable {
    let cells: [PeerCell]
    /// The revision the client says it came to.
    let revision: String?
    /// The lines of Fixtures/wire/recording.py: every message that the gateway emitted, to clients and to servers.
    let wire: String

    /// Runs each kind of client once, whichever test asks first.
    static func of(_ client: PeerClient) async throws -> PeerRun { try await runs.run(client) }

    private static let runs = Runs()

    private actor Runs {
        private var tasks: [PeerClient: Task<PeerRun, any Error>] = [:]

        func run(_ client: PeerClient) async throws -> PeerRun {
            let task = tasks[client] ?? Task { try await PeerRun(client) }
            tasks[client] = task
            return try await task.value
        }
    }

    private init(_ client: PeerClient) async throws {
        self = try await withTemporaryFolder { folder in
            let (journal, record) = (folder.appending(path: "journal"), folder.appending(path: "wire"))
            let servers = PeerServer.all.filter { server in
                PeerFeature.all.contains { Self.runs(client, server, $0) }
            }
            var resources = Resources(
                config: """
                    aggregation:
                      conflictResolution: prefix
                      conflictResolutionConfig: {prefixFormat: "{workload}_"}
                    """)
            var remote: [FixtureServer] = []
            for server in servers {
                let more =
                    ["--journal", journal.path, "--record", record.path] + (server.isModernOnly ? ["--modern"] : [])
                if server.isMistaken {
                    let started = try await FixtureServer.sdk(
                        server.sdk, name: server.name, transport: server.transport, more: more)
                    remote.append(started)
                    resources.addRemote(server.name, started.sseURL)
                } else {
                    try resources.addSDK(server.sdk, server.name, transport: server.transport, more: more)
                }
            }
            return try await RunningGateway.serve(resources) { [remote] gateway in
                defer { withExtendedLifetime(remote) {} }
                var (cells, revision) = ([PeerCell](), String?.none)
                for isInteractive in [false, true] {
                    var options = client.options(record: record.path)
                    if isInteractive { options["answers"] = PeerFeature.answers }
                    let pairs = PeerFeature.all.filter { $0.isInteractive == isInteractive }.flatMap { feature in
                        servers.filter { Self.runs(client, $0, feature) }.map { ($0, feature) }
                    }
                    if pairs.isEmpty { continue }
                    let report = try await SDKClient.run(
                        client.sdk, gateway.url, pairs.flatMap { $1.operations($0) }, options: options)
                    revision = report.version
                    let lines = try await Self.journal(journal, pairs)
                    var start = 0
                    for (server, feature) in pairs {
                        let range = start..<(start + feature.operations(server).count)
                        start = range.upperBound
                        cells.append(
                            PeerCell(
                                client: client, server: server, feature: feature,
                                results: Array(report.results[range]), steps: Array(report.steps[range]), journal: lines
                            ))
                    }
                }
                return PeerRun(
                    cells: cells, revision: revision, wire: try String(contentsOf: record, encoding: .utf8))
            }
        }
    }

    private init(cells: [PeerCell], revision: String?, wire: String) {
        (self.cells, self.revision, self.wire) = (cells, revision, wire)
    }

    private static func runs(_ client: PeerClient, _ server: PeerServer, _ feature: PeerFeature) -> Bool {
        feature.applies(client, server) && !PeerGap.covers(client, server, feature)
    }

    /// The servers' journal, once each call that was cancelled has ended, or it is clear that one does not.
    private static func journal(_ file: URL, _ pairs: [(PeerServer, PeerFeature)]) async throws -> [String] {
        let expected = pairs.filter { $1.isCancellation }.map {
            "cancelled \(PeerFeature.cancelled($0.0, $0.1.isInteractive))"
        }
        func lines() throws -> [String] {
            try String(contentsOf: file, encoding: .utf8).split(separator: "\n").map(String.init)
        }
        guard FileManager.default.fileExists(atPath: file.path) else { return [] }
        do {
            try await eventually("the cancelled calls end") { Set(expected).isSubset(of: try lines()) }
        } catch is TestFailure {
            // The cells of those that did not end will say so.
        }
        return try lines()
    }
}
