import Testing

/// A kind of client in the pairing matrix: a generation of the official SDK and the revision it speaks.
struct PeerClient: Sendable, Hashable, CustomTestStringConvertible {
    let sdk: Places.SDK
    /// Of the second generation: how it settles on a revision.
    var mode = "legacy"
    /// What it comes to.
    let revision: String

    static let all = [
        PeerClient(sdk: .first, revision: "2025-03-26"),
        PeerClient(sdk: .first, revision: "2025-06-18"),
        PeerClient(sdk: .first, revision: "2025-11-25"),
        PeerClient(sdk: .second, revision: "2025-11-25"),
        PeerClient(sdk: .second, mode: "auto", revision: "2026-07-28"),
        PeerClient(sdk: .second, mode: "2026-07-28", revision: "2026-07-28"),
    ]

    var isModern: Bool { revision >= "2026-07-28" }
    var testDescription: String { "\(sdk) \(mode == "auto" ? "auto, " : "")\(revision)" }

    /// Options of Fixtures/clients/driver.py.
    func options(record: String) -> [String: JSON] {
        var options: [String: JSON] = ["record": .string(record), "logLevel": "info"]
        if sdk == .second { options["mode"] = .string(mode) }
        if !isModern { options["revision"] = .string(revision) }
        return options
    }
}
