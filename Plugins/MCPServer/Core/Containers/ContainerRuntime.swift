package import PluginKit
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Runs a server as a container of an engine on this machine.
package final class ContainerRuntime: Runtime {
    /// When images are fetched: `VMCP_PULL_POLICY`.
    private enum PullPolicy: String { case missing, always, never }

    private typealias Waiter = (progress: @Sendable (String) -> Void, done: @Sendable (PluginError?) -> Void)

    private struct State: Sendable {
        var engine: EngineClient?
        var waiters: [Waiter]?
        var preparation: Task<Void, Never>?
        var hasImage = false
        /// Containers of ours that could not be removed.
        var leftovers: [String] = []
    }

    private let settings: ServerSettings
    private let container: ContainerSettings
    private let host: HostServices
    private let environment: @Sendable (String) -> String?
    private let state = Mutex(State())

    /// Makes a runtime; no engine is looked for before ``check(_:)``.
    package init(
        _ settings: ServerSettings, _ container: ContainerSettings, _ host: HostServices,
        environment: @escaping @Sendable (String) -> String?
    ) {
        self.settings = settings
        self.container = container
        self.host = host
        self.environment = environment
    }

    package var summary: String { "container \(container.image)" }
    package var choosesPort: Bool { true }

    package func port() throws(PluginError) -> Int { container.port }

    /// Finds the engine, and removes what a gateway before this one left behind.
    package func check(_ done: @escaping @Sendable (PluginError?) -> Void) {
        Task {
            do throws(PluginError) {
                let engine = try await connect()
                await sweep(engine)
                done(nil)
            } catch {
                done(error)
            }
        }
    }

    /// Sees to it that there is an engine and the image; once for all who wait.
    package func prepare(
        progress: @escaping @Sendable (String) -> Void, done: @escaping @Sendable (PluginError?) -> Void
    ) {
        let isFirst = state.withLock { state in
            defer { state.waiters = (state.waiters ?? []) + [(progress, done)] }
            return state.waiters == nil
        }
        guard isFirst else { return }
        let preparation = Task {
            var failure: PluginError?
            do throws(PluginError) {
                let engine = try await connect()
                await removeLeftovers(engine)
                try await provideImage(engine)
            } catch {
                failure = error
                state.withLock { $0.engine = nil }
            }
            let waiters = state.withLock { state in
                defer { state.waiters = nil }
                return state.waiters ?? []
            }
            for waiter in waiters { waiter.done(failure) }
        }
        state.withLock { $0.preparation = preparation }
    }

    package func cancel() { state.withLock { $0.preparation }?.cancel() }

    package func launch(port: Int?, handler: any ServerHandler) throws(PluginError) -> any RunningServer {
        guard let engine = state.withLock({ $0.engine }) else {
            throw PluginError(.unavailable, "no container engine was found")
        }
        var secrets: [Header] = []
        for variable in settings.secrets {
            do {
                secrets.append(Header(variable.name, try host.secrets.value(variable.handle).reveal()))
            } catch {
                throw PluginError(
                    .unauthenticated, "variable \(variable.name): secret \(variable.reference) cannot be read")
            }
        }
        let body = ContainerSpecification(settings, container).json(secrets: secrets, owner: .current)
        let server = ContainerServer(engine, host, settings, container, handler: handler) { [weak self] id in
            self?.state.withLock { $0.leftovers.append(id) }
        }
        Task { await server.run(body) }
        return server
    }

    // MARK: Engine

    private func connect() async throws(PluginError) -> EngineClient {
        if let known = state.withLock({ $0.engine }) {
            let answer = try? await known.ask("GET", "/_ping", patience: 10_000)
            if answer?.status == 200 { return known }
        }
        let candidates = EngineAddress.candidates(environment: environment, user: getuid())
        var tried: [String] = []
        for candidate in candidates {
            do throws(PluginError) {
                let engine = try await EngineClient.connect(candidate, host: host)
                state.withLock { $0.engine = engine }
                return engine
            } catch {
                tried.append("\(candidate) (\(error.message))")
            }
        }
        let list =
            tried.isEmpty ? "DOCKER_HOST is no address of the form unix:// or tcp://" : tried.joined(separator: ", ")
        throw PluginError(
            .unavailable,
            "spec.image: '\(container.image)' needs a container engine, and none answers: \(list). Start podman "
                + "(systemctl --user start podman.socket) or docker, or set DOCKER_HOST")
    }

    /// Removes containers whose gateway is gone, of whatever server.
    private func sweep(_ engine: EngineClient) async {
        let filter = EngineClient.escaped(#"{"label":["\#(ContainerSpecification.Label.owner)"]}"#)
        guard let answer = try? await engine.ask("GET", "/containers/json?all=1&filters=\(filter)"),
            answer.status == 200
        else { return }
        for found in answer.value.array ?? [] {
            guard let id = found["Id"]?.string,
                let label = found["Labels"]?[ContainerSpecification.Label.owner]?.string,
                let owner = ContainerOwner(label: label), owner.isGone()
            else { continue }
            let removed = try? await engine.ask("DELETE", "/containers/\(id)?force=1&v=1")
            guard let removed, removed.status < 300 else { continue }
            host.log.info(
                "removed a container that a gateway before this one left behind",
                [
                    Header("container", String(id.prefix(12))),
                    Header("server", found["Labels"]?[ContainerSpecification.Label.server]?.string ?? ""),
                ])
        }
    }

    private func removeLeftovers(_ engine: EngineClient) async {
        let ids = state.withLock { state in
            defer { state.leftovers = [] }
            return state.leftovers
        }
        for id in ids {
            let answer = try? await engine.ask("DELETE", "/containers/\(id)?force=1&v=1")
            if answer.map({ $0.status >= 400 && $0.status != 404 }) ?? true {
                state.withLock { $0.leftovers.append(id) }
            }
        }
    }

    // MARK: Image

    private func provideImage(_ engine: EngineClient) async throws(PluginError) {
        let text = environment("VMCP_PULL_POLICY") ?? ""
        guard let policy = text.isEmpty ? .missing : PullPolicy(rawValue: text) else {
            throw PluginError(.invalid, "VMCP_PULL_POLICY: expected missing, always or never, found '\(text)'")
        }
        if policy == .always, state.withLock({ $0.hasImage }) { return }
        if policy != .always {
            let found = try await engine.ask("GET", "/images/\(container.image)/json")
            if found.status == 200 { return }
            guard found.status == 404 else {
                throw PluginError(.unavailable, "the container engine could not look for the image: \(found.message)")
            }
            if policy == .never {
                throw PluginError(
                    .notFound, "spec.image: the engine has no image '\(container.image)', and VMCP_PULL_POLICY is never"
                )
            }
        }
        try await pull(engine)
        state.withLock { $0.hasImage = true }
    }

    private func pull(_ engine: EngineClient) async throws(PluginError) {
        tell("fetching \(container.image)")
        let progress = Mutex(PullProgress())
        let limit = Mutex(LogLimit(interval: 1_000))
        let answer = try await engine.ask(
            "POST", "/images/create?fromImage=\(EngineClient.escaped(Self.named(container.image)))", patience: 600_000
        ) { [self] line in
            let summary = progress.withLock { progress in
                progress.take(line: line)
                return progress.summary
            }
            guard limit.withLock({ $0.pass(now: host.timer.now) }) != nil else { return }
            tell("fetching \(container.image): \(summary)")
        }
        let failure: String? = answer.status == 200 ? progress.withLock { $0.failure } : answer.message
        if let failure {
            throw PluginError(
                .unavailable, "spec.image: the image '\(container.image)' could not be fetched: \(failure)")
        }
    }

    /// With a tag or a digest: without, the engine would fetch all tags.
    static func named(_ image: String) -> String {
        let last = image.split(separator: "/").last ?? ""
        return last.contains(":") || image.contains("@") ? image : image + ":latest"
    }

    private func tell(_ text: String) {
        for waiter in state.withLock({ $0.waiters ?? [] }) { waiter.progress(text) }
    }
}
