import Foundation
import Glibc
import Testing

/// The container engine that `scripts/test-containers.sh` has started, and what it has prepared.
enum TestEngine {
    /// An image with Fixtures/containers/server.c.
    static let image = variable("IMAGE")
    /// The same for another processor.
    static let foreignImage = variable("FOREIGN_IMAGE")
    /// The same in a registry that asks for a name and a password.
    static let registryImage = variable("REGISTRY_IMAGE")
    /// Its digest.
    static let registryDigest = variable("REGISTRY_DIGEST")
    /// Names and password of that registry, as `docker login` writes them down.
    static let registryLogin = variable("REGISTRY_LOGIN")
    /// A program that serves another engine with the same containers on a socket, its argument, until it is killed.
    static let program = variable("ENGINE")
    /// The socket of an engine whose disk is full.
    static let fullEngine = variable("FULL_ENGINE")
    static let host = ProcessInfo.processInfo.environment["DOCKER_HOST"] ?? ""

    private static func variable(_ name: String) -> String? {
        ProcessInfo.processInfo.environment["VMCP_TEST_CONTAINER_\(name)"]
    }

    /// Ids of the containers that carry our labels.
    static func containers() async throws -> Set<String> {
        let filter = "%7B%22label%22%3A%5B%22dev.vmcp.server%22%5D%7D"
        let found = try await ask("GET", "/containers/json?all=1&filters=\(filter)")
        return Set(found.array.compactMap { $0["Id"]?.string })
    }

    /// Asks the engine something; `null` for an answer that is no JSON.
    @discardableResult
    static func ask(_ method: String, _ path: String) async throws -> JSON {
        let script = """
            import http.client, socket, sys
            class Engine(http.client.HTTPConnection):
                def connect(self):
                    self.sock = socket.socket(socket.AF_UNIX)
                    self.sock.connect(sys.argv[1])
            engine = Engine("engine", timeout=60)
            engine.request(sys.argv[2], "/v1.40" + sys.argv[3])
            sys.stdout.buffer.write(engine.getresponse().read())
            """
        let (status, output, errors) = try await ChildProcess.run(
            try Places.program("python3"), ["-c", script, String(host.dropFirst("unix://".count)), method, path])
        guard status == 0 else { throw TestFailure("the engine at \(host) does not answer: \(errors)") }
        return (try? JSON(parsing: output.utf8)) ?? .null
    }

    /// Adds a server; `mode` holds its arguments.
    static func add(
        _ name: String, _ mode: String, to resources: inout Resources, image: String? = nil, _ extra: String = ""
    ) {
        let arguments = mode.split(separator: " ").map { "\"\($0)\"" }.joined(separator: ", ")
        resources.add(
            "MCPServer", name,
            "image: \"\(image ?? self.image ?? "")\"\ntransport: \(mode.hasPrefix("http") ? "streamable-http" : "stdio")\n"
                + "args: [\(arguments)]\n" + extra)
    }
}
