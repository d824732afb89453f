import PluginKit
import Synchronization

/// Has an engine fetch an image where it is wanted.
final class ImageSupply: Sendable {
    /// When images are fetched: `VMCP_PULL_POLICY`.
    private enum PullPolicy: String { case missing, always, never }

    private let image: String
    private let host: HostServices
    private let environment: @Sendable (String) -> String?
    private let isFetched = Mutex(false)

    /// - Parameter image: The reference, as written.
    init(_ image: String, _ host: HostServices, environment: @escaping @Sendable (String) -> String?) {
        self.image = image
        self.host = host
        self.environment = environment
    }

    /// Sees to it that the engine has the image.
    ///
    /// - Parameter tell: Gets lines for people.
    /// - Throws: ``PluginError`` that says why it cannot be had.
    func provide(_ engine: EngineClient, tell: @escaping @Sendable (String) -> Void) async throws(PluginError) {
        let text = environment("VMCP_PULL_POLICY") ?? ""
        guard let policy = text.isEmpty ? .missing : PullPolicy(rawValue: text) else {
            throw PluginError(.invalid, "VMCP_PULL_POLICY: expected missing, always or never, found '\(text)'")
        }
        // Once in the life of the gateway; afterwards it may have been removed all the same.
        if policy != .always || isFetched.withLock({ $0 }) {
            let found = try await engine.ask("GET", "/images/\(image)/json")
            if found.status == 200 { return }
            guard found.status == 404 else {
                throw PluginError(.unavailable, "the container engine could not look for the image: \(found.message)")
            }
            if policy == .never {
                throw PluginError(
                    .notFound, "spec.image: the engine has no image '\(image)', and VMCP_PULL_POLICY is never")
            }
        }
        try await pull(engine, tell)
        isFetched.withLock { $0 = true }
    }

    private func pull(_ engine: EngineClient, _ tell: @escaping @Sendable (String) -> Void) async throws(PluginError) {
        tell("fetching \(image)")
        host.log.info("fetching the image", [Header("image", image)])
        let credentials = RegistryCredentials(environment: environment).header(for: image)
        let progress = Mutex(PullProgress())
        let limit = Mutex(LogLimit(interval: 1_000))
        let answer = try await engine.ask(
            "POST", "/images/create?fromImage=\(EngineClient.escaped(Self.named(image)))",
            headers: credentials.map { [Header("X-Registry-Auth", $0)] } ?? [], patience: 600_000
        ) { [host, image] line in
            let summary = progress.withLock { progress in
                progress.take(line: line)
                return progress.summary
            }
            guard limit.withLock({ $0.pass(now: host.timer.now) }) != nil else { return }
            tell("fetching \(image): \(summary)")
        }
        let failure: String? = answer.status == 200 ? progress.withLock { $0.failure } : answer.message
        if let failure {
            throw PluginError(.unavailable, "spec.image: the image '\(image)' could not be fetched: \(failure)")
        }
        host.log.info(
            "the image is here",
            [Header("image", image), Header("fetched", progress.withLock { $0.summary })])
    }

    /// With a tag or a digest: without, the engine would fetch all tags.
    static func named(_ image: String) -> String {
        let last = image.split(separator: "/").last ?? ""
        return last.contains(":") || image.contains("@") ? image : image + ":latest"
    }
}
