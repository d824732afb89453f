import Foundation
import Glibc
import Testing

/// A real `vmcp serve` on a free port.
final class RunningGateway: Sendable {
    let process: ChildProcess
    let port: Int
    /// The file that is served; a test may write another text to it.
    let configuration: URL
    // Ends the gateway when the test runner is killed: its input closes then.
    private let guardian: ChildProcess
    var url: String { "http://127.0.0.1:\(port)/mcp" }

    /// - Parameter group: Served instead of the file.
    private init(
        configuration: URL, group: String? = nil, plugins: [URL], arguments: [String], environment: [String: String]
    ) async throws {
        KnownSecrets.add(environment: environment)
        self.configuration = configuration
        let source = group.map { ["--group", $0] } ?? ["--config", configuration.path]
        var all = ["serve"] + source + ["--port", "0"]
        // A call that a test leaves behind is not to hold up its end.
        if !arguments.contains("--shutdown-grace") { all += ["--shutdown-grace", "5s"] }
        for folder in plugins { all += ["--plugins", folder.path] }
        let process = try ChildProcess(Places.vmcp.path, all + arguments, environment: environment)
        self.process = process
        guardian = try ChildProcess("/bin/sh", ["-c", "read _ || kill -9 \(process.identifier)"])
        do {
            let line = try await process.output.line { $0.contains("http://127.0.0.1:") && $0.contains("endpoint") }
            let address = line.split(separator: "http://127.0.0.1:").last ?? ""
            port = Int(address.prefix { $0.isNumber }) ?? 0
        } catch {
            throw TestFailure("vmcp did not start: \(error)\n\(process.errors.tail)")
        }
    }

    /// Serves some resources while `body` runs, then ends the gateway as a user does, and checks that it ends well.
    ///
    /// - Parameter plugins: Searched beside the project's own.
    static func serve<Result>(
        _ resources: Resources, plugins: [URL] = [], arguments: [String] = [], environment: [String: String] = [:],
        _ body: (RunningGateway) async throws -> Result
    ) async throws -> Result {
        try await serve(
            yaml: resources.yaml, plugins: plugins, arguments: arguments, environment: environment, body)
    }

    /// As above, with the text of the configuration file.
    static func serve<Result>(
        yaml: String, plugins: [URL] = [], arguments: [String] = [], environment: [String: String] = [:],
        _ body: (RunningGateway) async throws -> Result
    ) async throws -> Result {
        try await withTemporaryFolder { folder in
            let file = folder.appending(path: "resources.yaml")
            try Data(yaml.utf8).write(to: file)
            let gateway = try await RunningGateway(
                configuration: file, plugins: [Places.plugins] + plugins, arguments: arguments, environment: environment
            )
            return try await gateway.serving(body)
        }
    }

    /// Serves a group of `vmcp group`, whose folder the environment names, while `body` runs.
    static func serve<Result>(
        group: String, environment: [String: String], _ body: (RunningGateway) async throws -> Result
    ) async throws -> Result {
        let gateway = try await RunningGateway(
            configuration: Places.repository, group: group, plugins: [Places.plugins], arguments: [],
            environment: environment)
        return try await gateway.serving(body)
    }

    private func serving<Result>(_ body: (RunningGateway) async throws -> Result) async throws -> Result {
        let result: Result
        do {
            try await settled()
            result = try await body(self)
            if wasKilled.current == nil { await checkStatusForSecrets() }
        } catch {
            process.signal(SIGKILL)
            throw TestFailure("\(error)\n--- log of the gateway ---\n\(process.errors.tail)")
        }
        try await stop()
        return result
    }

    /// Waits until every backend has answered or failed; a while only, for some never do.
    private func settled() async throws {
        let end = ContinuousClock.now + .seconds(10)
        while ContinuousClock.now < end {
            let backends = try await get("/status").json["backends"]?.array ?? []
            if !backends.contains(where: { $0["health"]?.string == "unknown" }) { return }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    /// SIGTERM, and the exit code; at once when it has ended before.
    func stop() async throws {
        process.signal(SIGTERM)
        let ended = Task { try await process.exit() }
        let watch = Task {
            try await Task.sleep(for: .seconds(40))
            process.signal(SIGKILL)
        }
        let status = try await ended.value
        watch.cancel()
        guardian.signal(SIGKILL)
        for log in [process.output, process.errors] {
            KnownSecrets.check(try await log.whole(), of: "the log of the gateway")
        }
        // 137: a test has killed it on purpose, or it did not end by itself.
        if status == 137, wasKilled.current == nil {
            throw TestFailure("vmcp did not end on SIGTERM\n\(process.errors.tail)")
        }
        if endedEarly.current != nil { return }
        #expect(status == 0 || status == 137, "exit code of vmcp\n\(process.errors.tail)")
    }

    /// A gateway that a test has ended or stopped has no status.
    private func checkStatusForSecrets() async {
        for path in ["/status", "/health", "/readyz", "/api/backends/health", "/metrics"] {
            guard let answer = try? await get(path) else { return }
            KnownSecrets.check(answer.text, of: path)
        }
    }

    private let wasKilled = Signal<Void>()

    private let endedEarly = Signal<Void>()

    /// A test has seen to it how the gateway ended.
    func endedByItself() { endedEarly.fire(()) }

    /// SIGKILL.
    func kill() async throws {
        wasKilled.fire(())
        process.signal(SIGKILL)
        #expect(try await process.exit() == 137)
    }

    func get(_ path: String) async throws -> HTTPResponse {
        try await HTTPConnection(port: port).exchange("GET", path)
    }

    /// A client with an open session.
    func client(
        revision: String = "2025-11-25", capabilities: String = "{}", token: String? = nil
    ) async throws -> RawClient {
        let client = try RawClient(port: port, token: token)
        try await client.initialize(revision: revision, capabilities: capabilities)
        return client
    }

    /// What `/status` says of a backend.
    func status(of backend: String) async throws -> JSON {
        let status = try await get("/status").json
        guard let entry = status["backends"]?.array.first(where: { $0["name"]?.string == backend }) else {
            throw TestFailure("/status does not name \(backend): \(status.text)")
        }
        return entry
    }

    /// Waits until `/status` gives a backend this health.
    func await(_ backend: String, health: String) async throws -> JSON {
        var last: JSON = .null
        do {
            try await eventually("\(backend) becomes \(health)") {
                last = try await status(of: backend)
                return last["health"]?.string == health
            }
        } catch {
            throw TestFailure("\(error); last: \(last.text)")
        }
        return last
    }
}
