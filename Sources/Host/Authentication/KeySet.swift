import Gateway

/// The keys of an issuer by their ids (RFC 7517, section 5).
struct KeySet: Sendable {
    private struct Entry {
        let key: JSONWebKey
        /// The algorithm that the key is for; `nil` = any of its kind.
        let algorithm: String?
    }

    /// Most keys read of a set.
    static let limit = 256
    private var entries: [String: Entry] = [:]

    /// Reads a set; keys that are of no use are left out.
    ///
    /// - Returns: `nil` when the bytes are no set at all.
    init?(_ bytes: [UInt8]) {
        do throws(JSONScanError) {
            guard let keys = try JSONSlice(validating: bytes)["keys"], keys.kind == .array else { return nil }
            for element in keys.elements.prefix(Self.limit) {
                guard let id = element["kid"]?.string, !id.isEmpty, let key = JSONWebKey(element) else { continue }
                // The first one counts: a second of the same id cannot replace it.
                if entries[id] == nil { entries[id] = Entry(key: key, algorithm: element["alg"]?.string) }
            }
        } catch {
            return nil
        }
    }

    var count: Int { entries.count }

    /// The key of an id, if it is there and meant for the algorithm.
    func key(_ id: String, for algorithm: SignatureAlgorithm) -> JSONWebKey? {
        guard let entry = entries[id], entry.algorithm.map({ $0 == algorithm.rawValue }) ?? true else { return nil }
        return entry.key
    }
}
