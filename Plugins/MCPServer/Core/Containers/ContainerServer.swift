import PluginKit
import Synchronization

/// One life of a container: created, attached, started, awaited, and removed.
final class ContainerServer: RunningServer {
    private enum Phase: Sendable, Equatable { case starting, running, over }

    private struct State: Sendable {
        var phase = Phase.starting
        /// Written before the container took anything.
        var early: [[UInt8]] = []
        var id: String?
        var isStopping = false
        var grace: UInt64 = 0
    }

    private let engine: EngineClient
    private let host: HostServices
    private let settings: ServerSettings
    private let container: ContainerSettings
    private let handler: any ServerHandler
    private let streams: AttachedStreams
    private let isKept: Bool
    private let abandon: @Sendable (String) -> Void
    private let state = Mutex(State())

    /// Names that are tried.
    private static let mostNames = 3

    private var speaksOverPipes: Bool { settings.transport == .stdio }

    /// - Parameters:
    ///   - isKept: Whether the container stays when it has ended, for whoever wants to look into it.
    ///   - abandon: Takes the id of a container that could not be removed.
    init(
        _ engine: EngineClient, _ host: HostServices, _ settings: ServerSettings, _ container: ContainerSettings,
        handler: any ServerHandler, isKept: Bool, abandon: @escaping @Sendable (String) -> Void
    ) {
        self.engine = engine
        self.host = host
        self.settings = settings
        self.container = container
        self.handler = handler
        self.isKept = isKept
        self.abandon = abandon
        streams = AttachedStreams(handler, limit: settings.eventLimit, log: host.log)
    }

    /// Does everything; the handler is told the end, once and last.
    func run(_ body: JSONValue) async {
        let how: String
        do throws(PluginError) {
            try await start(body)
            _ = await streams.ended()
            how = await end()
        } catch {
            how = error.message
        }
        state.withLock { $0.phase = .over }
        streams.abandon()
        await remove()
        handler.ended(how)
    }

    private func start(_ body: JSONValue) async throws(PluginError) {
        let created = try await create(body)
        guard let id = created.value["Id"]?.string, !id.isEmpty else {
            throw PluginError(.protocolError, "the container engine created a container without an id")
        }
        state.withLock { $0.id = id }
        for warning in created.value["Warnings"]?.array ?? [] {
            if let text = warning.string { host.log.warning("container engine warns", [Header("warning", text)]) }
        }
        let input = speaksOverPipes ? "&stdin=1" : ""
        try await streams.open(engine, "/containers/\(id)/attach?stream=1&stdout=1&stderr=1\(input)")
        guard !state.withLock({ $0.isStopping }) else { throw PluginError(.cancelled, "closed while it was starting") }
        try await engine.must("start the container", "POST", "/containers/\(id)/start")
        if !speaksOverPipes { handler.listening(on: try await publishedPort(id)) }
        let (early, isStopping) = state.withLock { state -> ([[UInt8]], Bool) in
            state.phase = .running
            defer { state.early = [] }
            return (state.early, state.isStopping)
        }
        for data in early { _ = streams.write(data) }
        handler.drained()
        if isStopping { terminate() }
    }

    /// The rest of the name makes it free: one of the same server may be on its way out. One that is taken all the same is
    /// given up for another.
    private func create(_ body: JSONValue) async throws(PluginError) -> EngineAnswer {
        for _ in 0..<Self.mostNames {
            let suffix = String(UInt64.random(in: (1 << 60)...(.max)), radix: 16).prefix(10)
            let name = EngineClient.escaped("vmcp-\(container.name)-\(suffix)")
            let answer = try await engine.ask("POST", "/containers/create?name=\(name)", body: body)
            if answer.status != 409 { return try answer.expected("create the container") }
        }
        throw PluginError(.unavailable, "the container engine has \(Self.mostNames) names of ours in use")
    }

    /// Where the engine let the server be reached.
    private func publishedPort(_ id: String) async throws(PluginError) -> Int {
        let found = try await engine.must("look at the container", "GET", "/containers/\(id)/json").value
        let bindings = found["NetworkSettings"]?["Ports"]?["\(container.port)/tcp"]?.array
        if let text = bindings?.lazy.compactMap({ $0["HostPort"]?.string }).first, let port = Int(text), port > 0 {
            return port
        }
        // It may have ended already, which tells more.
        guard found["State"]?["Running"]?.bool == true else { return 0 }
        throw PluginError(.protocolError, "the container engine published no port for \(container.port)/tcp")
    }

    /// How it ended, as a sentence.
    private func end() async -> String {
        guard let id = state.withLock({ $0.id }) else { return "the container was not created" }
        do throws(PluginError) {
            // The streams may close a moment before the engine knows the exit.
            _ = await engine.attempt("POST", "/containers/\(id)/wait", patience: 5_000)
            let answer = try await engine.ask("GET", "/containers/\(id)/json")
            guard answer.status == 200 else { return "the container was removed by somebody else" }
            return ContainerEnd(answer.value["State"] ?? .null, memory: container.memory).sentence
        } catch {
            return "the container engine went away: \(error.message)"
        }
    }

    private func remove() async {
        guard let id = state.withLock({ $0.id }) else { return }
        if isKept {
            host.log.info("container is kept (VMCP_KEEP_CONTAINERS)", [Header("container", String(id.prefix(12)))])
            // One that still runs is none to look into.
            _ = await engine.attempt("POST", "/containers/\(id)/kill?signal=SIGKILL")
            return
        }
        do throws(PluginError) {
            let answer = try await engine.ask("DELETE", "/containers/\(id)?force=1&v=1")
            guard answer.status >= 400, answer.status != 404 else { return }
            host.log.warning("container could not be removed", [Header("reason", answer.message)])
        } catch {
            host.log.warning("container could not be removed", [Header("reason", error.message)])
        }
        abandon(id)
    }

    // MARK: RunningServer

    func write(_ data: [UInt8]) -> Flow {
        let phase = state.withLock { state in
            if state.phase == .starting { state.early.append(data) }
            return state.phase
        }
        switch phase {
        case .starting: return .pause
        case .running: return streams.write(data)
        case .over: return .stop
        }
    }

    func resume(_ stream: ProcessStream) { streams.resume() }

    func stop(grace: UInt64) {
        let isRunning = state.withLock { state -> Bool in
            guard !state.isStopping else { return false }
            state.isStopping = true
            state.grace = grace
            return state.phase == .running
        }
        if isRunning { terminate() }
    }

    /// End of input, SIGTERM, SIGKILL, with time between them.
    private func terminate() {
        let grace = state.withLock { $0.grace }
        if speaksOverPipes { streams.closeInput() }
        host.timer.after(speaksOverPipes ? grace : 0) { [self] in
            signal("SIGTERM")
            host.timer.after(grace) { [self] in signal("SIGKILL") }
        }
    }

    private func signal(_ name: String) {
        guard let id = state.withLock({ $0.phase == .over ? nil : $0.id }) else { return }
        Task { [engine, streams] in
            let answer = await engine.attempt("POST", "/containers/\(id)/kill?signal=\(name)")
            // The last resort: without an engine nothing tells the end.
            if answer == nil, name == "SIGKILL" { streams.abandon() }
        }
    }
}
