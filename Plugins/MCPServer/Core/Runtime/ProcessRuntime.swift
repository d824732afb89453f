package import PluginKit

/// Runs a server as a supervised child of the gateway.
package struct ProcessRuntime: Runtime {
    private let settings: ServerSettings
    private let host: HostServices
    private let search: ProgramSearch

    /// Makes a runtime; nothing is looked at before ``check()``.
    package init(_ settings: ServerSettings, _ host: HostServices, search: ProgramSearch = .system) {
        self.settings = settings
        self.host = host
        self.search = search
    }

    package var summary: String {
        ([settings.image.program] + settings.image.leadingArguments).joined(separator: " ")
    }

    package var choosesPort: Bool { false }

    package func port() throws(PluginError) -> Int {
        if let port = settings.port { port } else { try FreePort.onLoopback() }
    }

    package func check(_ done: @escaping @Sendable (PluginError?) -> Void) {
        do throws(PluginError) {
            _ = try program()
            done(nil)
        } catch {
            done(error)
        }
    }

    package func prepare(
        progress: @escaping @Sendable (String) -> Void, done: @escaping @Sendable (PluginError?) -> Void
    ) { done(nil) }

    package func cancel() {}

    package func launch(port: Int?, handler: any ServerHandler) throws(PluginError) -> any RunningServer {
        let program = try program()
        func filled(_ text: String) -> String { port.map { text.replacing("{port}", with: String($0)) } ?? text }
        var environment = settings.environment.map { Header($0.name, filled($0.value)) }
        if let port {
            // What the resource sets itself is not touched.
            for name in ["MCP_PORT", "PORT"] where !environment.contains(where: { $0.name == name }) {
                environment.append(Header(name, String(port)))
            }
        }
        for variable in settings.secrets {
            do {
                environment.append(Header(variable.name, try host.secrets.value(variable.handle).reveal()))
            } catch {
                throw PluginError(
                    .unauthenticated, "variable \(variable.name): secret \(variable.reference) cannot be read")
            }
        }
        return try host.process.spawn(
            ProcessSpecification(
                [program] + settings.image.leadingArguments + settings.arguments.map(filled),
                environment: environment, directory: settings.baseDirectory,
                maximumLine: UInt64(settings.eventLimit ?? 0)),
            handler: handler)
    }

    private func program() throws(PluginError) -> String {
        try search.program(
            of: settings.image, path: settings.environment.last { $0.name == "PATH" }?.value,
            baseDirectory: settings.baseDirectory)
    }
}
