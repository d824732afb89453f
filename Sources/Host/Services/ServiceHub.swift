import Glibc
package import Logging

/// The services of this process that plugins use, one each for all instances.
///
/// ``shutDown()`` comes before the last reference goes: the threads hold what they work on.
package final class ServiceHub: Sendable {
    package let http: HTTPEngine
    package let timers: TimerService
    package let processes: ProcessService
    /// For the gateway itself; plugins get no such service.
    package let files: FileWatcher
    package let secrets: SecretStore
    package let identities: IdentityStore
    package let metrics: MetricsRegistry
    /// What instances logged of late; `nil` when nobody will ask.
    package let recent: RecentLines?
    /// Instances log through it, with plugin and resource as metadata.
    package let logger: Logger
    /// Of the gateway, as plugins see it.
    package let version: String

    /// Starts the services' threads.
    ///
    /// Makes the process ignore SIGPIPE: libcurl and pipes to children that end report a broken connection by it.
    /// - Parameters:
    ///   - httpThreads: Default 1.
    ///   - supervisor: Path of `vmcp-supervisor`; nil for the one beside the running executable.
    ///   - keepsLines: Whether what instances log is kept for a while.
    ///   - environment: Of this process: proxies, trust stores, and what children inherit.
    /// - Throws: ``SystemError`` when the kernel has no descriptor or thread left.
    package init(
        logger: Logger, version: String, httpThreads: Int = 1, supervisor: String? = nil,
        keepsLines: Bool = false,
        environment: [String: String] = ProcessEnvironment.current
    ) throws(SystemError) {
        signal(SIGPIPE, SIG_IGN)
        self.logger = logger
        self.version = version
        timers = try TimerService()
        http = try HTTPEngine(threads: httpThreads, environment: environment)
        processes = try ProcessService(
            supervisor: supervisor ?? ProcessService.supervisorBesideExecutable(), environment: environment)
        files = try FileWatcher()
        secrets = SecretStore(notifyingOn: timers)
        identities = IdentityStore()
        metrics = MetricsRegistry()
        recent = keepsLines ? RecentLines() : nil
    }

    /// Makes the `vmcp_host` of an instance.
    ///
    /// - Parameters:
    ///   - policy: Which addresses its requests may go to. A request may allow itself private ones by its flag.
    ///   - limits: What its exchanges are held to, with those of other instances of its backend.
    ///   - delegate: Hears how the instance is.
    package func makeHost(
        for label: InstanceLabel, policy: NetworkPolicy, limits: ExchangeLimits = ExchangeLimits(),
        delegate: (any InstanceDelegate)? = nil
    ) -> InstanceHost {
        InstanceHost(hub: self, label: label, policy: policy, limits: limits, delegate: delegate)
    }

    /// Ends everything, and the threads. Instances are released before.
    package func shutDown() async {
        await http.shutDown()
        await processes.shutDown()
        await files.shutDown()
        await timers.shutDown()
    }
}
