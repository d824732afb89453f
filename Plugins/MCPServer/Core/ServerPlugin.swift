package import PluginKit

/// A backend that the gateway runs itself: the kind MCPServer.
package final class ServerPlugin: BackendPlugin, ResourceReporter {
    /// What the library exports.
    package static let definition = PluginDefinition(
        id: "mcp-server", version: "0.1.0", provides: [.backend], configSchema: ServerSchema.text
    ) { configuration, host throws(PluginError) in
        try ServerPlugin(configuration, host)
    }

    private let serving: any Serving

    /// Reads the configuration; nothing is started before the first session.
    package init(
        _ configuration: PluginConfiguration, _ host: HostServices, search: ProgramSearch = .system
    ) throws(PluginError) {
        let settings = try ServerSettings(configuration)
        let runtime: any Runtime
        if case .container(let image) = settings.image {
            runtime = ContainerRuntime(
                settings, try ContainerSettings(image, configuration), host, environment: search.environment)
        } else {
            runtime = ProcessRuntime(settings, host, search: search)
        }
        serving =
            settings.transport == .stdio
            ? PipeBackend(runtime, host) : PortBackend(settings, runtime, host)
    }

    package var traits: BackendTraits { serving.traits }
    package var listens: Bool { serving.listens }

    package var usage: ResourceUsage {
        var usage = ResourceUsage()
        usage.processes = serving.processes
        usage.sessions = serving.sessions
        return usage
    }

    /// Only looks: the state of the instance tells at once what is missing, and it may still be installed.
    package func start(_ call: Call) {
        serving.check { call.resolve() }
    }

    package func open(_ session: UInt64, parameters: SessionParameters, sink: SessionSink, call: Call) {
        serving.open(session, parameters: parameters, sink: sink, call: call)
    }

    package func send(_ session: UInt64, message: RawSpan, call: Call) {
        serving.send(session, message: message, call: call)
    }

    package func listen(_ session: UInt64, call: Call) { serving.listen(session, call: call) }
    package func close(_ session: UInt64, call: Call) { serving.close(session, call: call) }
    package func resumeSession(_ session: UInt64) { serving.resume(session) }
    package func quiesce(_ call: Call) { serving.quiesce(call) }
}
