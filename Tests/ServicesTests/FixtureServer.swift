import Glibc
import HostServices
import Logging
import Synchronization

/// What all tests share. The threads live as long as the test process.
enum Shared {
    static let hub: ServiceHub = {
        do {
            return try ServiceHub(logger: Logger(label: "tests") { _ in SwiftLogNoOpLogHandler() }, version: "0.0.0")
        } catch {
            preconditionFailure("the test process has no descriptors or threads: \(error)")
        }
    }()

    /// A server for the tests that do not count what reaches it.
    static var server: FixtureServer { get async throws { try await serverTask.value } }
    private static let serverTask = Task { try await FixtureServer() }

    /// The folder of the fixtures.
    static let fixtures = String(#filePath.dropLast("FixtureServer.swift".count)) + "Fixtures/"
}

/// A new folder that goes with the value.
final class TemporaryFolder: Sendable {
    let path: String

    init() {
        var template = Array("/tmp/vmcp-tests-XXXXXX".utf8CString)
        path = mkdtemp(&template).map { String(cString: $0) } ?? ""
    }

    deinit {
        guard let folder = opendir(path) else { return }
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                String(cString: UnsafeRawPointer($0).assumingMemoryBound(to: CChar.self))
            }
            unlink("\(path)/\(name)")
        }
        closedir(folder)
        rmdir(path)
    }
}

/// `Fixtures/http_server.py`, run as a supervised child; it ends with the value.
final class FixtureServer: Sendable {
    let port: Int
    private let process: RunningProcess

    var origin: String { "http://127.0.0.1:\(port)" }

    /// Returns once the server listens.
    init(_ arguments: String...) async throws {
        var spec = ProcessSpec(["python3", Shared.fixtures + "http_server.py"] + arguments)
        spec.isByLine = true
        process = try RunningProcess(spec)
        port = Int(await process.line() ?? "") ?? -1
    }

    deinit { process.stop(grace: 0) }

    /// What the server counted, as JSON.
    func stats() async -> String {
        await exchange(request("GET", "/stats")).text
    }

    /// A request to this server that may go to loopback.
    func request(_ method: String, _ path: String, headers: [HTTPField] = [], body: String = "") -> HTTPRequest {
        var request = HTTPRequest(method, origin + path, headers: headers, body: Array(body.utf8))
        request.policy = NetworkPolicy(allowPrivate: true)
        return request
    }
}

/// Makes an exchange and returns what came of it.
func exchange(_ request: HTTPRequest, _ engine: HTTPEngine = Shared.hub.http) async -> Reply {
    let sink = RecordingSink()
    engine.start(engine.nextExchange(), request, sink: sink)
    return await sink.reply()
}
