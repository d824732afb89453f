/// Whether a call that failed is sent again, and when: a value without I/O.
///
/// Only what certainly did not run, or what may run twice by its tool's own word, and only a few times.
struct CallRetries: Sendable {
    /// Milliseconds; the upper end of the first pause. Each further one is twice as long.
    static let firstPause: UInt64 = 100

    private var made = 0

    /// - Parameters:
    ///   - limit: How often a call is sent again (``BackendDescriptor/retries``).
    ///   - mayRepeat: Whether it may run twice.
    /// - Returns: Milliseconds to wait before the call is sent again; `nil` when it is not.
    mutating func pause(after outcome: Outcome, limit: Int, mayRepeat: Bool) -> UInt64? {
        guard outcome.refusal == nil else { return nil }
        // The session had ended and the call opens another: once, whatever is configured, and without delay.
        if outcome.sessionLost, outcome.notSent, made == 0 {
            made += 1
            return 0
        }
        // A server that asks for time is not pressed.
        guard made < limit, outcome.retryAfter == 0 else { return nil }
        switch outcome.status {
        case .unavailable: if !outcome.notSent, !mayRepeat { return nil }
        case .protocolError: if !mayRepeat { return nil }
        default: return nil
        }
        made += 1
        let longest = Self.firstPause << UInt64(made - 1)
        // By chance, so that calls which failed together do not come back together.
        return UInt64.random(in: longest / 2...longest)
    }
}

extension Catalog {
    /// Whether a request may run twice: a call of a tool that declares itself read-only or idempotent.
    func mayRepeat(_ request: JSONRPCMessage) -> Bool {
        guard request.method == "tools/call", request.params?["task"] == nil,
            let name = request.params?["name"]?.string, let hints = tool(named: name)?.json["annotations"]
        else { return false }
        return hints["readOnlyHint"]?.bool == true || hints["idempotentHint"]?.bool == true
    }
}
