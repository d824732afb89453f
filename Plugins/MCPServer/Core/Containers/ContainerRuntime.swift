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
    private typealias Waiter = (progress: @Sendable (String) -> Void, done: @Sendable (PluginError?) -> Void)

    private struct State: Sendable {
        var engine: EngineClient?
        var waiters: [Waiter]?
        var preparation: Task<Void, Never>?
        /// Containers of ours that could not be removed.
        var leftovers: [String] = []
    }

    private let settings: ServerSettings
    private let container: ContainerSettings
    private let host: HostServices
    private let environment: @Sendable (String) -> String?
    private let images: ImageSupply
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
        images = ImageSupply(container.image, host, environment: environment)
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
            do throws(PluginError) { try await provide() } catch { failure = error }
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
        let server = ContainerServer(
            engine, host, settings, container, handler: handler,
            isKept: environment("VMCP_KEEP_CONTAINERS")?.lowercased() == "true"
        ) { [weak self] id in
            self?.state.withLock { $0.leftovers.append(id) }
        }
        Task { await server.run(body) }
        return server
    }

    // MARK: Engine

    /// Sees to the image, with the engine that answered before, or another when that one does not answer any more.
    private func provide() async throws(PluginError) {
        if let known = state.withLock({ $0.engine }) {
            do throws(PluginError) { return try await provide(known) } catch {
                if await known.answers { throw error }
                state.withLock { $0.engine = nil }
            }
        }
        try await provide(try await connect())
    }

    private func provide(_ engine: EngineClient) async throws(PluginError) {
        await removeLeftovers(engine)
        try await images.provide(engine) { [self] in tell($0) }
    }

    private func connect() async throws(PluginError) -> EngineClient {
        if let objection = EngineAddress.objection(to: environment) { throw PluginError(.unsupported, objection) }
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
        let list: EngineAnswer
        do throws(PluginError) {
            list = try await engine.must(
                "list the containers of former gateways", "GET", "/containers/json?all=1&filters=\(filter)")
        } catch {
            return host.log.warning("containers left behind were not looked for", [Header("reason", error.message)])
        }
        for found in list.value.array ?? [] {
            guard let id = found["Id"]?.string,
                let label = found["Labels"]?[ContainerSpecification.Label.owner]?.string,
                let owner = ContainerOwner(label: label), owner.isGone()
            else { continue }
            let fields = [
                Header("container", String(id.prefix(12))),
                Header("server", found["Labels"]?[ContainerSpecification.Label.server]?.string ?? ""),
            ]
            do throws(PluginError) {
                if try await Self.remove(id, engine) {
                    host.log.info("removed a container that a gateway before this one left behind", fields)
                }
            } catch {
                host.log.warning(
                    "a container that a gateway before this one left behind could not be removed",
                    fields + [Header("reason", error.message)])
            }
        }
    }

    /// - Returns: Whether it was there; each server of a gateway looks, and another may have been first.
    private static func remove(_ id: String, _ engine: EngineClient) async throws(PluginError) -> Bool {
        let answer = try await engine.ask("DELETE", "/containers/\(id)?force=1&v=1")
        // 409: it is being removed.
        if answer.status == 404 || answer.status == 409 { return false }
        _ = try answer.expected("remove the container")
        return true
    }

    private func removeLeftovers(_ engine: EngineClient) async {
        let ids = state.withLock { state in
            defer { state.leftovers = [] }
            return state.leftovers
        }
        for id in ids {
            do throws(PluginError) { _ = try await Self.remove(id, engine) } catch {
                host.log.warning(
                    "a container could not be removed, and will be tried again",
                    [Header("container", String(id.prefix(12))), Header("reason", error.message)])
                state.withLock { $0.leftovers.append(id) }
            }
        }
    }

    private func tell(_ text: String) {
        for waiter in state.withLock({ $0.waiters ?? [] }) { waiter.progress(text) }
    }
}
