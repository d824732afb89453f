import Gateway
import HostConfiguration

extension BackendDescriptor {
    /// What a backend's configuration says, as the gateway needs it.
    /// - Parameter knowsCallers: Whether callers show who they are, so that a strategy has something to go by.
    init(_ backend: BackendConfiguration, strategy: OutgoingStrategy, knowsCallers: Bool) {
        self.init(
            name: backend.name, kind: backend.kind, transport: backend.transportName,
            authType: strategy.type, isolation: backend.isolation,
            timeout: UInt64(backend.timeout / .milliseconds(1)), staticHeaders: Self.staticHeaders(backend.specJSON),
            listsForCallers: knowsCallers && strategy.isOfCallers)
    }

    /// Names of `headerForward`, in lower case.
    private static func staticHeaders(_ spec: [UInt8]) -> Set<String> {
        let json: JSONSlice
        do throws(JSONScanError) { json = try JSONSlice(validating: spec) } catch { return [] }
        guard let forward = json["headerForward"] else { return [] }
        let plain = (forward["addPlaintextHeaders"]?.members ?? []).map(\.key)
        let secret = (forward["addHeadersFromSecret"]?.elements ?? []).compactMap { $0["headerName"]?.string }
        return Set((plain + secret).map { $0.lowercased() })
    }
}
