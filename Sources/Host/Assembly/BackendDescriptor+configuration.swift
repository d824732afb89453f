import Gateway
import HostConfiguration

extension BackendDescriptor {
    /// What a backend's configuration says, as the gateway needs it.
    /// - Parameter listsForCallers: Whether the strategy sends each caller's own credential, and there are callers.
    convenience init(
        _ backend: BackendConfiguration, strategy: OutgoingStrategy, operational: OperationalSettings,
        listsForCallers: Bool
    ) {
        self.init(
            name: backend.name, kind: backend.kind, transport: backend.transportName,
            authType: strategy.type, isolation: backend.isolation,
            timeout: UInt64(backend.timeout / .milliseconds(1)), staticHeaders: Self.staticHeaders(backend.specJSON),
            listsForCallers: listsForCallers,
            health: HealthSettings(operational, isRemote: backend.reach != nil),
            retries: operational.retries[backend.name] ?? operational.defaultRetries,
            limits: BackendLimits(operational.limits))
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

extension HealthSettings {
    /// - Parameter isRemote: The backend is at a URL of its own, and not run by the gateway.
    init(_ operational: OperationalSettings, isRemote: Bool) {
        self.init()
        func milliseconds(_ duration: Duration) -> UInt64 { UInt64(max(0, duration / .milliseconds(1))) }
        interval = milliseconds(operational.healthCheckInterval)
        timeout = milliseconds(operational.healthCheckTimeout)
        unhealthyThreshold = operational.unhealthyThreshold
        probesRegularly = !isRemote || operational.healthChecksRemotes
        breaker = operational.circuitBreaker.map {
            Breaker(failureThreshold: $0.failureThreshold, timeout: milliseconds($0.timeout))
        }
    }
}
