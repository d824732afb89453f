import PluginKit
import Synchronization

/// A container engine that answered: docker's API of one version, which podman speaks too.
final class EngineClient: Sendable {
    let address: EngineAddress
    /// Such as `1.41`: the newest that both sides know.
    let version: String
    private let host: HostServices

    /// The versions of the API that were tried with this client.
    static let oldest = 40
    static let newest = 47
    /// Milliseconds that a question may take; stopping and removing wait for a container.
    static let patience: UInt64 = 60_000

    private init(_ address: EngineAddress, version: String, host: HostServices) {
        self.address = address
        self.version = version
        self.host = host
    }

    /// Asks an engine for the version of its API.
    ///
    /// - Throws: ``PluginError`` that says why it cannot be used.
    static func connect(_ address: EngineAddress, host: HostServices) async throws(PluginError) -> EngineClient {
        if let objection = address.objection { throw PluginError(.unavailable, objection) }
        let probe = EngineClient(address, version: "", host: host)
        let answer = try await probe.ask("GET", "/_ping", patience: 10_000)
        guard answer.status == 200, let found = answer.apiVersion else {
            throw PluginError(.protocolError, "no container engine answers there (status \(answer.status))")
        }
        let parts = found.split(separator: ".").compactMap { Int($0) }
        guard parts.count == 2, parts[0] == 1, parts[1] >= oldest else {
            throw PluginError(.unsupported, "expected API version 1.\(oldest) or newer, found \(found)")
        }
        return EngineClient(address, version: "1.\(min(parts[1], newest))", host: host)
    }

    /// Whether it is there.
    var answers: Bool {
        get async { await attempt("GET", "/_ping", patience: 10_000)?.status == 200 }
    }

    /// Asks, and returns the whole answer.
    ///
    /// - Throws: ``PluginError`` when there is none.
    func ask(
        _ method: String, _ path: String, body: JSONValue? = nil, headers: [Header] = [],
        patience: UInt64 = EngineClient.patience, line: (@Sendable ([UInt8]) -> Void)? = nil
    ) async throws(PluginError) -> EngineAnswer {
        var request = request(method, path)
        if line == nil { request.totalTimeout = patience } else { request.idleTimeout = patience }
        request.headers += headers
        let bytes = body?.json ?? []
        if body != nil { request.headers.append(Header("Content-Type", "application/json")) }
        let sent = request
        let underWay = ExchangeUnderWay()
        let (answer, outcome) = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let receiver = AnswerReceiver(line) { continuation.resume(returning: ($0, $1)) }
                bytes.withUnsafeBytes { underWay.set(host.http.request(sent, body: $0.bytes, handler: receiver)) }
            }
        } onCancel: {
            underWay.cancel()
        }
        guard outcome.status == .ok else {
            throw PluginError(outcome.status, "container engine at \(address): \(outcome.message)")
        }
        return answer
    }

    /// Asks for something that may fail: the log says why, and what comes next finds out.
    ///
    /// - Returns: `nil` when there is no answer.
    func attempt(
        _ method: String, _ path: String, patience: UInt64 = EngineClient.patience
    ) async -> EngineAnswer? {
        do throws(PluginError) { return try await ask(method, path, patience: patience) } catch {
            host.log.debug("container engine did not answer", [Header("path", path), Header("reason", error.message)])
            return nil
        }
    }

    /// Asks for something that has to work.
    ///
    /// - Parameter what: For the error: `create the container`.
    @discardableResult
    func must(
        _ what: String, _ method: String, _ path: String, body: JSONValue? = nil,
        patience: UInt64 = EngineClient.patience
    ) async throws(PluginError) -> EngineAnswer {
        try await ask(method, path, body: body, patience: patience).expected(what)
    }

    /// Asks for the upgraded connection of a container's streams.
    func attach(_ path: String, handler: any HTTPHandler) -> HTTPExchange {
        var request = request("POST", path)
        request.options.insert(.duplex)
        return host.http.request(request, handler: handler)
    }

    private func request(_ method: String, _ path: String) -> HTTPRequest {
        let prefix = version.isEmpty ? "" : "/v\(version)"
        var request: HTTPRequest
        switch address {
        case .socket(let socket):
            request = HTTPRequest(method, "http://engine\(prefix)\(path)")
            request.unixSocket = socket
        case .host(let name):
            request = HTTPRequest(method, "http://\(name)\(prefix)\(path)")
        }
        request.options = [.allowPrivate]
        return request
    }

    /// A value for a query.
    static func escaped(_ text: String) -> String {
        var out = ""
        for byte in text.utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E:
                out.append(Character(Unicode.Scalar(byte)))
            default: out += byte < 16 ? "%0\(String(byte, radix: 16))" : "%\(String(byte, radix: 16))"
            }
        }
        return out
    }
}

/// What an engine answered.
struct EngineAnswer: Sendable {
    var status = 0
    var apiVersion: String?
    var body: [UInt8] = []

    /// The body as JSON; null when it is none.
    var value: JSONValue {
        do throws(PluginError) { return try JSONValue(json: body) } catch { return .null }
    }

    /// Itself, when it is a success.
    ///
    /// - Parameter what: For the error: `create the container`.
    func expected(_ what: String) throws(PluginError) -> EngineAnswer {
        guard (200..<300).contains(status) || status == 304 else {
            throw PluginError(
                status == 404 ? .notFound : .unavailable, "the container engine could not \(what): \(message)")
        }
        return self
    }

    /// What the engine says went wrong.
    var message: String {
        let text = value["message"]?.string ?? String(decoding: body.prefix(500), as: UTF8.self)
        return text.isEmpty ? "status \(status)" : text
    }
}

/// Gathers an answer.
private final class AnswerReceiver: HTTPHandler {
    private struct State: Sendable {
        var answer = EngineAnswer()
        var lines = LineBuffer(limit: 1_048_576)
    }

    private let state = Mutex(State())
    private let line: (@Sendable ([UInt8]) -> Void)?
    private let done: @Sendable (EngineAnswer, Outcome) -> Void

    /// - Parameter line: Takes the body of a success by line, instead of its being kept.
    init(_ line: (@Sendable ([UInt8]) -> Void)?, _ done: @escaping @Sendable (EngineAnswer, Outcome) -> Void) {
        self.line = line
        self.done = done
    }

    func head(_ head: borrowing HTTPHead) -> Flow {
        let (status, version) = (head.status, head["api-version"])
        state.withLock { state in
            state.answer.status = status
            state.answer.apiVersion = version
        }
        return .go
    }

    func body(_ data: RawSpan) -> Flow {
        let lines = data.withUnsafeBytes { bytes in
            state.withLock { state -> [[UInt8]] in
                guard line != nil, state.answer.status == 200 else {
                    state.answer.body += bytes
                    return []
                }
                return state.lines.take(bytes)
            }
        }
        for text in lines { line?(text) }
        return .go
    }

    func ended(_ outcome: Outcome) {
        let (answer, rest) = state.withLock { ($0.answer, $0.lines.last()) }
        if let rest { line?(rest) }
        done(answer, outcome)
    }
}

/// An exchange that a cancelled task ends.
private final class ExchangeUnderWay: Sendable {
    private let state = Mutex<(exchange: HTTPExchange?, isCancelled: Bool)>((nil, false))

    func set(_ exchange: HTTPExchange) {
        let isCancelled = state.withLock { state in
            state.exchange = exchange
            return state.isCancelled
        }
        if isCancelled { exchange.cancel() }
    }

    func cancel() {
        let exchange = state.withLock { state in
            state.isCancelled = true
            return state.exchange
        }
        exchange?.cancel()
    }
}
