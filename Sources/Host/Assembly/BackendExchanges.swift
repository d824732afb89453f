import HostConfiguration
import HostServices
import Synchronization

/// What the exchanges of each backend are held to, as the configuration decided; the instances of a backend and of its
/// strategy share one, also across reloads.
final class BackendExchanges: Sendable {
    private let limits = Mutex<[String: ExchangeLimits]>([:])

    /// Those of a backend that is gone stay for instances that are still ending.
    func set(_ configuration: GatewayConfiguration) {
        for backend in configuration.backends { self[backend.name].apply(configuration.operational) }
    }

    subscript(name: String) -> ExchangeLimits {
        limits.withLock { limits in
            let own = limits[name] ?? ExchangeLimits()
            limits[name] = own
            return own
        }
    }
}

extension ExchangeLimits {
    func apply(_ operational: OperationalSettings) {
        let standard = ExchangeLimits()
        connectTimeout =
            operational.connectTimeout.map { UInt64($0 / .milliseconds(1)) } ?? standard.connectTimeout
        responseBytes = operational.limits[.responseBytesPerBackend] ?? standard.responseBytes
    }
}
