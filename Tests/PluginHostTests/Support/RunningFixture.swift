import Gateway
import Logging

@testable import HostPlugins

/// A fixture as a running backend with one open session.
final class RunningFixture: Sendable {
    let plugin: FixturePlugin
    let hosts = PlainHosts()
    let host: PluginHost
    let backend: RunningBackend
    let session: SessionRecorder

    init(
        _ source: String = "talker", defines: [String] = [], limits: PluginLimits = PluginLimits(),
        timing: InstanceTiming = .patient, session: SessionRecorder = SessionRecorder()
    ) async throws {
        plugin = try FixturePlugin(source, defines: defines)
        host = PluginHost(
            search: PluginSearch(commandLine: [plugin.folder], executableFolder: nil), hosts: hosts, limits: limits,
            log: Self.silent)
        backend = try await host.backend(
            kind: "Fixture", configuration: Self.configuration(), timing: timing)
        self.session = session
        let opening = Recorder()
        backend.link.open(1, shared: false, context: CallContext(), sessionObserver: session, observer: opening)
        _ = await opening.ended()
    }

    static func configuration(spec: String = "{}") -> InstanceConfiguration {
        InstanceConfiguration(
            apiVersion: "fixtures/v1", kind: "Fixture", name: "one", baseDirectory: "/", spec: Array(spec.utf8))
    }

    static let silent = Logger(label: "fixtures") { _ in SwiftLogNoOpLogHandler() }

    /// Sends a command and waits for the end of the call.
    func send(_ command: String, _ context: CallContext = CallContext(), _ observer: Recorder = Recorder())
        async -> Recorder.Record
    {
        begin(command, context, observer)
        return await observer.ended()
    }

    @discardableResult
    func begin(_ command: String, _ context: CallContext = CallContext(), _ observer: Recorder = Recorder()) -> UInt64 {
        backend.link.send(1, Array(command.utf8), context: context, observer: observer)
    }

    var report: PluginReport { host.plugins()[0] }
    var misbehaviour: [Misbehaviour: UInt64] { report.misbehaviour }
    /// Calls that the plugin has not resolved.
    var pending: Int { backend.counts.pending }
}
