/// Finds out of which era a backend is, by what it answers to `server/discover` and `initialize`: a value without I/O.
///
/// No single code decides. What looks like a server of an earlier revision gets `initialize`, and only its success proves
/// it; a network failure, a refused credential and a server that is overloaded prove nothing (2026-07-28, Versioning,
/// detection of older servers).
struct EraProbe: Sendable {
    /// What a backend was found to be.
    enum Era: Sendable, Equatable { case handshake, modern }

    /// How messages travel.
    enum Channel: Sendable, Equatable {
        /// Every request has an exchange of its own: streamable HTTP.
        case exchanges
        /// One channel for all, and the server may still be starting: pipes.
        case pipe
        /// HTTP+SSE of 2024-11-05, which no server of 2026-07-28 speaks.
        case eventStream
    }

    /// What came in.
    enum Event: Sendable {
        case discovered(Result<JSONRPCMessage, Outcome>)
        /// Nothing came for some time; told of ``Channel/pipe`` only.
        case silence
        case initialized(Result<JSONRPCMessage, Outcome>)
    }

    /// What is to be done.
    enum Step: Sendable {
        case discover, initialize, wait
        /// - Parameter remember: Whether the era is to be kept for other sessions.
        case found(BackendServer, remember: Bool)
        case failed(Outcome)
    }

    private enum Question { case unasked, pending, refused(Outcome) }

    private let channel: Channel
    private let known: Era?
    private var discovery = Question.unasked
    private var handshake = Question.unasked
    private var discoveries = 0
    /// Whether the answer to `server/discover` says something about the server, and not about the moment.
    private var isEvidence = true

    /// - Parameter known: What the backend was the last time.
    init(channel: Channel, known: Era?) {
        self.channel = channel
        self.known = known
    }

    /// Whether `server/discover` has no answer yet: a server that ends now may have ended because of it.
    var awaitsDiscovery: Bool { if case .pending = discovery { true } else { false } }

    mutating func begin() -> Step {
        channel == .eventStream || known == .handshake ? askHandshake() : askDiscovery()
    }

    mutating func next(_ event: Event) -> Step {
        switch event {
        case .discovered(.success(let answer)): discovered(answer)
        case .discovered(.failure(let outcome)): notDiscovered(outcome)
        case .silence: if awaitsDiscovery, case .unasked = handshake { askHandshake() } else { .wait }
        case .initialized(.success(let answer)): initialized(answer)
        case .initialized(.failure(let outcome)): notInitialized(outcome, code: nil)
        }
    }

    // MARK: - Discovery

    private mutating func askDiscovery() -> Step {
        discovery = .pending
        discoveries += 1
        return .discover
    }

    private mutating func discovered(_ answer: JSONRPCMessage) -> Step {
        if let error = answer.error { return refusedDiscovery(error) }
        let versions = answer.result?["supportedVersions"]?.elements.compactMap(\.string)
        if let result = answer.result, versions?.contains(ModernProtocol.revision) == true {
            let info = result["_meta"]?[ModernProtocol.serverInfoKey]
            let server = BackendServer(revision: .modern, capabilities: result["capabilities"], info: info)
            return .found(server, remember: true)
        }
        return turnToHandshake(versions.map(Self.noCommonVersion) ?? Self.unreadableDiscovery, versions: versions)
    }

    private mutating func refusedDiscovery(_ error: JSONSlice) -> Step {
        let code = error["code"]?.integer ?? 0
        guard code == ModernProtocol.unsupportedVersion else {
            let text = "refused server/discover: \(code) \((error["message"]?.string ?? "no message").prefix(200))"
            return turnToHandshake(Outcome(.protocolError, message: text), versions: nil)
        }
        let supported = error["data"]?["supported"]?.elements.compactMap(\.string)
        // It names what it was just asked with: once more, and no more often.
        if supported?.contains(ModernProtocol.revision) == true, discoveries < 2 { return askDiscovery() }
        return turnToHandshake(Self.noCommonVersion(supported ?? []), versions: supported)
    }

    private mutating func notDiscovered(_ outcome: Outcome) -> Step {
        switch outcome.status {
        case .unauthenticated, .forbidden, .cancelled: return .failed(outcome)
        case _ where outcome.sessionLost: return .failed(outcome)
        case .timeout where outcome.httpStatus == 0: break
        case .unavailable where outcome.httpStatus >= 500: isEvidence = false
        case .unavailable, .exhausted, .timeout, .internalError: return .failed(outcome)
        default: break
        }
        return turnToHandshake(outcome, versions: nil)
    }

    /// - Parameter versions: What the server says that it speaks, if it says so.
    private mutating func turnToHandshake(_ refusal: Outcome, versions: [String]?) -> Step {
        discovery = .refused(refusal)
        if let versions, !versions.isEmpty, !versions.contains(where: { ProtocolRevision(rawValue: $0) != nil }) {
            return .failed(refusal)
        }
        switch handshake {
        case .unasked: return askHandshake()
        case .pending: return .wait
        case .refused(let other): return .failed(other)
        }
    }

    // MARK: - Handshake

    private mutating func askHandshake() -> Step {
        handshake = .pending
        return .initialize
    }

    private mutating func initialized(_ answer: JSONRPCMessage) -> Step {
        if let error = answer.error {
            let text = "refused initialize: \((error["message"]?.string ?? "no message").prefix(200))"
            return notInitialized(Outcome(.protocolError, message: text), code: error["code"]?.integer)
        }
        do throws(Outcome) {
            return .found(try BackendHandshake.read(answer.result), remember: isEvidence)
        } catch {
            return notInitialized(error, code: nil)
        }
    }

    private mutating func notInitialized(_ outcome: Outcome, code: Int?) -> Step {
        handshake = .refused(outcome)
        if outcome.sessionLost { return .failed(outcome) }
        switch discovery {
        case .pending: return .wait
        case .unasked:
            // It was of an earlier revision, and answers as one that knows no handshake: nothing has run.
            guard channel != .eventStream, code != nil || Self.refusals.contains(outcome.httpStatus) else {
                return .failed(outcome)
            }
            return askDiscovery()
        case .refused(let refusal):
            // A pipe that was silent for too long, and took the first message for the choice of an era.
            if code == ModernProtocol.unsupportedVersion, discoveries < 2 { return askDiscovery() }
            var both = outcome
            both.message += "; before that: \(refusal.message)"
            return .failed(both)
        }
    }

    /// What a server without a handshake says to one over HTTP, when it says nothing in JSON-RPC.
    private static let refusals: Set<Int> = [400, 404, 405, 406]

    // MARK: - Texts

    private static let unreadableDiscovery = Outcome(
        .protocolError, message: "answered server/discover without supportedVersions: expected an array of revisions")

    private static func noCommonVersion(_ versions: [String]) -> Outcome {
        let served = ModernProtocol.supportedVersions.joined(separator: ", ")
        let found = versions.isEmpty ? "none" : versions.prefix(8).map { String($0.prefix(32)) }.joined(separator: ", ")
        return Outcome(.protocolError, message: "speaks protocol revisions \(found); expected one of \(served)")
    }
}
