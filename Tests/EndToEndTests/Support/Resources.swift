/// Writes resource files for tests: a group, its members, and the gateway in front of them.
struct Resources {
    private var documents: [String] = []
    /// The members of `spec.config`, YAML of indentation 0.
    var config = ""
    private let spec: String

    /// - Parameters:
    ///   - config: YAML of `spec.config`.
    ///   - spec: More of `spec`.
    init(config: String = "", spec: String = "") { (self.config, self.spec) = (config, spec) }

    /// The text of the file.
    var yaml: String {
        let virtual = Self.document(
            "VirtualMCPServer", "gateway",
            "groupRef: {name: group}\nincomingAuth: {type: anonymous}" + (spec.isEmpty ? "" : "\n" + spec)
                + (config.isEmpty ? "" : "\nconfig:\n" + Self.indent(config)))
        let group = Self.document("MCPGroup", "group", "description: Servers of a test")
        return ([group] + documents + [virtual]).joined(separator: "\n---\n") + "\n"
    }

    /// A member of any kind; `spec` is YAML of indentation 0 without the group.
    mutating func add(
        _ kind: String, _ name: String, _ spec: String, apiVersion: String = "toolhive.stacklok.dev/v1beta1"
    ) {
        documents.append(Self.document(kind, name, "groupRef: {name: group}\n" + spec, apiVersion))
    }

    /// A document of any kind that is no member, its body YAML of indentation 0 after the metadata.
    mutating func addPlain(_ kind: String, _ name: String, apiVersion: String, _ body: String) {
        documents.append("apiVersion: \(apiVersion)\nkind: \(kind)\nmetadata: {name: \(name)}\n\(body)")
    }

    /// An MCPServer that runs a program; `extra` is YAML of indentation 0.
    mutating func addProcess(
        _ name: String, _ program: String, _ arguments: [String], transport: String = "stdio", extra: String = ""
    ) {
        let list = arguments.map { "\"\($0)\"" }.joined(separator: ", ")
        add("MCPServer", name, "image: \"exec:\(program)\"\ntransport: \(transport)\nargs: [\(list)]\n" + extra)
    }

    /// A server on the official SDK, run by the gateway; `more` are arguments of Fixtures/servers/sdk_server.py.
    mutating func addSDK(
        _ sdk: Places.SDK, _ name: String, transport: String = "stdio", more: [String] = [], extra: String = ""
    ) throws {
        let script = Places.server(sdk == .first ? "sdk1_server.py" : "sdk_server.py")
        // The gateway gives its children no standard input to end with when they speak HTTP.
        let arguments =
            [script, "--name", name, "--transport", transport] + (transport == "stdio" ? [] : ["--keep"]) + more
        addProcess(name, try Places.python(sdk), arguments, transport: transport, extra: extra)
    }

    /// The hand-written server over stdio; modes in Fixtures/servers/raw_stdio.py. Without `tools` it offers all it has.
    mutating func addRaw(
        _ name: String, _ mode: String = "ok", tools: [String] = [], extra: String = ""
    ) throws {
        let arguments = [Places.server("raw_stdio.py"), mode, name, tools.joined(separator: ",")]
        addProcess(name, try Places.program("python3"), arguments, extra: extra)
    }

    /// A server that runs by itself.
    mutating func addRemote(
        _ name: String, _ url: String, transport: String = "streamable-http", extra: String = ""
    ) {
        add("MCPRemoteProxy", name, "remoteUrl: \(url)\ntransport: \(transport)\n" + extra)
    }

    private static func document(
        _ kind: String, _ name: String, _ spec: String, _ apiVersion: String = "toolhive.stacklok.dev/v1beta1"
    ) -> String {
        "apiVersion: \(apiVersion)\nkind: \(kind)\nmetadata:\n  name: \(name)\nspec:\n" + indent(spec)
    }

    static func indent(_ text: String) -> String {
        text.split(separator: "\n").map { "  " + $0 }.joined(separator: "\n")
    }
}
