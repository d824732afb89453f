/// Whether the end of an exchange over HTTP may mean that the server speaks another era than its session, as one does that
/// was replaced by another version: a value without I/O.
///
/// Such a server refuses what it reads without running it. What it says then differs from server to server, a plain 400
/// among it, so nothing decides alone: the server is asked, as ``EraProbe`` asks it (2026-07-28, Versioning).
enum EraDoubt {
    /// What a server says to a request whose headers or metadata are of another era.
    private static let refusals: Set<Int> = [400, 404, 405, 406]
    /// What a server of 2026-07-28 says of requests that it understands.
    private static let modern: Set<Int> = [
        ModernProtocol.headerMismatch, ModernProtocol.missingCapability, ModernProtocol.unsupportedVersion, -32601,
        -32602, -32603,
    ]

    /// Whether the server is to be asked.
    /// - Parameters:
    ///   - outcome: How the exchange with the request ended.
    ///   - last: The body, empty when there was none that could be a message.
    ///   - isModern: The era of the session.
    static func arises(from outcome: Outcome, _ last: [UInt8], isModern: Bool) -> Bool {
        guard refusals.contains(outcome.httpStatus), !outcome.sessionLost else { return false }
        return !isModern || !modern.contains(code(last))
    }

    /// The code of the error in a body; 0 for none.
    private static func code(_ body: [UInt8]) -> Int {
        guard !body.isEmpty else { return 0 }
        do throws(JSONRPCMessage.Malformed) {
            return try JSONRPCMessage(body).error?["code"]?.integer ?? 0
        } catch {
            return 0
        }
    }

    /// Whether the answer to `server/discover` shows that the server is of the other era than its session, or, when it takes
    /// no POST at all, of another transport: HTTP+SSE has the same URL for its stream alone (2024-11-05, Transports).
    static func isConfirmed(by answer: Result<JSONRPCMessage, Outcome>, isModern: Bool) -> Bool {
        switch answer {
        case .success(let answer):
            if let result = answer.result {
                let versions = result["supportedVersions"]?.elements.compactMap(\.string) ?? []
                return versions.contains(ModernProtocol.revision) != isModern
            }
            // A server of 2026-07-28 has this method: one that cannot serve it now is of that era all the same.
            return isModern && answer.error?["code"]?.integer != -32603
        case .failure(let outcome):
            return outcome.httpStatus == 405 || isModern && refusals.contains(outcome.httpStatus)
        }
    }
}
