import Glibc

/// The certificate authorities that servers are checked against.
///
/// Used on transfer threads; a bundle is read once.
final class TrustStore {
    /// PEM text at an address that does not move, for libcurl to borrow as long as the bundle lives.
    final class Bundle {
        let bytes: UnsafeMutableRawBufferPointer

        init(_ text: [UInt8]) {
            bytes = .allocate(byteCount: max(1, text.count), alignment: 1)
            bytes.copyBytes(from: text)
        }

        deinit { bytes.deallocate() }
    }

    /// The system's bundle: what `CURL_CA_BUNDLE` or `SSL_CERT_FILE` names, or the first usual file there is; nil when
    /// there is none.
    let systemPath: String?
    /// The last bundles used, by what they add to the system's.
    private var combined: [[UInt8]: Bundle] = [:]
    private static let mostCombined = 64

    init(environment: [String: String]) {
        let usual = [
            "/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem",
            "/etc/ssl/ca-bundle.pem",
        ]
        let named = ["CURL_CA_BUNDLE", "SSL_CERT_FILE"].lazy.compactMap { environment[$0] }.first { !$0.isEmpty }
        systemPath = named ?? usual.first { access($0, R_OK) == 0 }
    }

    /// The system's authorities and more.
    ///
    /// - Parameter extra: PEM text.
    /// - Throws: ``ServiceOutcome`` when the text holds no certificate or the system's bundle cannot be read.
    func bundle(adding extra: [UInt8]) throws(ServiceOutcome) -> Bundle {
        if let known = combined[extra] { return known }
        guard String(decoding: extra, as: UTF8.self).contains("-----BEGIN CERTIFICATE-----") else {
            throw ServiceOutcome(
                .invalid, "the CA bundle of the request holds no PEM certificate (-----BEGIN CERTIFICATE-----)",
                notSent: true)
        }
        var text: [UInt8] = []
        if let systemPath {
            do {
                text = try FileBytes.read(systemPath)
            } catch {
                throw ServiceOutcome(
                    .unavailable, "the system's CA bundle \(systemPath) cannot be read: \(error)", notSent: true)
            }
            text.append(0x0A)
        }
        text += extra
        if combined.count >= TrustStore.mostCombined { combined.removeAll() }
        let bundle = Bundle(text)
        combined[extra] = bundle
        return bundle
    }
}
