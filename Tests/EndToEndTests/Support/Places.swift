import Foundation
import Glibc

/// Where the files are that the tests use.
enum Places {
    /// The folder of Package.swift.
    static let repository = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
    /// The folder of the test runner, where `vmcp` and the plugin libraries lie too.
    static let products = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
    static let vmcp = products.appending(path: "vmcp")
    static let plugins = repository.appending(path: "Plugins")
    static let fixtures = repository.appending(path: "Tests/EndToEndTests/Fixtures")

    /// A generation of the official Python SDK.
    enum SDK: String, Sendable, CaseIterable, CustomStringConvertible {
        case first, second
        var description: String { "SDK \(self == .first ? 1 : 2).x" }
    }

    /// The interpreter with that SDK.
    ///
    /// - Throws: With what to do, when the environment does not name one.
    static func python(_ sdk: SDK) throws -> String {
        let variable = sdk == .first ? "VMCP_TEST_PYTHON1" : "VMCP_TEST_PYTHON"
        guard let path = ProcessInfo.processInfo.environment[variable],
            FileManager.default.isExecutableFile(atPath: path)
        else {
            throw TestFailure("\(variable) does not name a Python with the MCP SDK. Run `make test`, which installs it")
        }
        return path
    }

    /// The interpreter with an authorization server.
    ///
    /// - Throws: With what to do, when the environment does not name one.
    static func oauthPython() throws -> String { try python("VMCP_TEST_PYTHON_OAUTH", with: "idpyoidc") }

    /// The interpreter with a security token service and what verifies signatures.
    ///
    /// - Throws: With what to do, when the environment does not name one.
    static func awsPython() throws -> String { try python("VMCP_TEST_PYTHON_AWS", with: "moto and botocore") }

    private static func python(_ variable: String, with packages: String) throws -> String {
        guard let path = ProcessInfo.processInfo.environment[variable],
            FileManager.default.isExecutableFile(atPath: path)
        else {
            throw TestFailure("\(variable) does not name a Python with \(packages). Run `make test`, which installs it")
        }
        return path
    }

    /// A port on loopback that nobody listens on now.
    static func freePort() throws -> Int {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(listener) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, length) == 0 && getsockname(listener, $0, &length) == 0
            }
        }
        guard isBound else { throw TestFailure("no free port on loopback: \(String(cString: strerror(errno)))") }
        return Int(UInt16(bigEndian: address.sin_port))
    }

    static func server(_ name: String) -> String { fixtures.appending(path: "servers/\(name)").path }
    static func client(_ name: String) -> String { fixtures.appending(path: "clients/\(name)").path }

    /// Finds a program on PATH.
    ///
    /// - Throws: With what to do, when there is none.
    static func program(_ name: String) throws -> String {
        for folder in (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":") {
            let path = "\(folder)/\(name)"
            if FileManager.default.isExecutableFile(atPath: path) { return path }
        }
        throw TestFailure("\(name) is not on PATH. Run `make test`, which installs what is missing")
    }
}

/// A folder of its own for one test; removed afterwards.
func withTemporaryFolder<Result>(_ body: (URL) async throws -> Result) async throws -> Result {
    let folder = FileManager.default.temporaryDirectory.appending(path: "vmcp-test-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer {
        do { try FileManager.default.removeItem(at: folder) } catch { print("cannot remove \(folder.path): \(error)") }
    }
    return try await body(folder)
}
