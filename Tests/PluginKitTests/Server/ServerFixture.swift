import MCPServerCore
import PluginKit

/// An instance of the server plugin on a machine where `uvx` and `/bin/server` exist.
func server(
    _ spec: String = #""image":"uvx://mcp-server-time""#, resolved: String = "{}", host: TestHost = TestHost(),
    files: Set<String> = ["/bin/uvx", "/bin/server"]
) throws -> TestInstance {
    let search = ProgramSearch(
        environment: { ["PATH": "/bin"][$0] }, isExecutable: { files.contains($0) })
    let definition = PluginDefinition(
        id: files.isEmpty ? "server-without-programs" : "server", version: "1", provides: [.backend]
    ) { configuration, host throws(PluginError) in
        try ServerPlugin(configuration, host, search: search)
    }
    return try TestInstance(
        definition, host: host,
        configuration:
            #"{"kind":"MCPServer","name":"s","baseDirectory":"/base","spec":{\#(spec)},"resolved":\#(resolved)}"#)
}
