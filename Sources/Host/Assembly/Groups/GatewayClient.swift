package import Gateway
package import HostConfiguration
import HostServices

/// Asks a gateway that runs on this machine how it is: the documents beside its MCP endpoint.
package final class GatewayClient: Sendable {
    private let base: String
    private let engine: HTTPEngine

    /// Milliseconds for an answer: it comes from memory.
    private static let patience: UInt64 = 10_000

    /// - Parameter endpoint: Of its clients, such as `http://127.0.0.1:4483/mcp`.
    /// - Throws: When there is no thread or descriptor left.
    package init(endpoint: String) throws {
        base = endpoint.hasSuffix("/mcp") ? String(endpoint.dropLast(4)) : endpoint
        // No proxy stands before this machine.
        engine = try HTTPEngine(environment: [:])
    }

    /// What `/status` says.
    package func status() async throws(GroupFault) -> JSONSlice {
        let answer = try await get("/status")
        do { return try JSONSlice(validating: answer.body) } catch {
            throw GroupFault("the gateway at \(base) answered /status with something else than JSON")
        }
    }

    /// What a backend logged of late, a line each; `nil` when it does not know the backend.
    package func lines(of backend: String) async throws(GroupFault) -> String? {
        let answer = try await get("/api/backends/\(backend)/logs")
        return answer.head.status == 404 ? nil : String(decoding: answer.body, as: UTF8.self)
    }

    /// Ends the connections and the thread.
    package func end() async { await engine.shutDown() }

    private func get(_ path: String) async throws(GroupFault) -> WholeResponse {
        var request = HTTPRequest("GET", base + path)
        request.totalTimeout = Self.patience
        request.policy = NetworkPolicy(allowPrivate: false, allowLoopback: true)
        do throws(ServiceOutcome) { return try await engine.whole(request) } catch {
            throw GroupFault("the gateway of the group does not answer: \(error.message)")
        }
    }
}
