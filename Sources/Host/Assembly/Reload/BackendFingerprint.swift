import Gateway
import HostConfiguration

/// Everything that the plugin instances of a backend are made from, in bytes: where they are equal, a new instance would be
/// the same as the one that runs.
///
/// Where the resource stands in its file is not part of it, nor is what holds for each call anew. It is kept in memory and
/// compared, never shown: values of secrets are in it.
struct BackendFingerprint {
    private(set) var bytes: [UInt8] = []

    init(_ backend: BackendConfiguration, _ strategy: OutgoingStrategy, secrets: [String: SecretValue]) {
        for text in [
            backend.kind, backend.apiVersion, backend.namespace, backend.baseDirectory, backend.transportName,
            backend.isolation.rawValue, strategy.type, strategy.baseDirectory,
            "\(backend.reach?.allowsPrivate ?? false) \(backend.reach?.allowsLoopback ?? false)",
        ] {
            add(Array(text.utf8))
        }
        for json in [backend.specJSON, backend.resolvedJSON, strategy.specJSON, strategy.resolvedJSON] { add(json) }
        for json in [backend.resolvedJSON, strategy.resolvedJSON] {
            for handle in Self.handles(json) {
                // What is in a file of its own may change any time, and is told to the instance that runs.
                if let file = secrets[handle]?.file {
                    add(Array(file.utf8))
                } else {
                    add(secrets[handle]?.bytes ?? [])
                }
            }
        }
    }

    /// With its length, so that no two lists of parts give the same bytes.
    private mutating func add(_ part: [UInt8]) {
        withUnsafeBytes(of: UInt64(part.count)) { bytes.append(contentsOf: $0) }
        bytes += part
    }

    /// The handles of secrets that a backend's or a strategy's references lead to, in order.
    private static func handles(_ resolved: [UInt8]) -> [String] {
        do throws(JSONScanError) {
            return (try JSONSlice(validating: resolved)["secrets"]?.members ?? []).compactMap(\.value.string).sorted()
        } catch {
            return []
        }
    }
}
