import PluginKit
import Synchronization

/// Why a service gave no answer that can be used.
struct ServiceFailure: Error {
    let outcome: Outcome
    init(_ outcome: Outcome) { self.outcome = outcome }
}

/// Speaks to an embedding service: one request, one completion.
struct EmbeddingClient: Sendable {
    /// Most bytes of an answer.
    static let maximumAnswer: UInt64 = 256 << 20

    /// What a service said about itself.
    struct Info: Sendable, Equatable {
        /// Names the model, or says that the service does not tell.
        var model: String
        /// Most texts in a request; `nil` when the service does not say.
        var maximumBatch: Int?
    }

    let http: HTTPService
    let settings: RemoteSettings

    /// Asks for the vectors of texts. `completion` is called exactly once, from any thread.
    @discardableResult
    func vectors(
        of texts: [String], _ completion: @escaping @Sendable (Result<[[Float]], ServiceFailure>) -> Void
    ) -> HTTPExchange {
        let inputs = JSONValue.array(texts.map { .string($0) })
        let (path, body): (String, JSONValue) =
            switch settings.wire {
            case .tei: ("/embed", ["inputs": inputs, "truncate": true])
            case .openai:
                ("/embeddings", ["model": .string(settings.model), "input": inputs, "encoding_format": "float"])
            }
        let (wire, count) = (settings.wire, texts.count)
        return send("POST", path, body: body.json) { result in
            completion(
                result.flatMap { answer in
                    do throws(PluginError) {
                        var scanner = VectorScanner(answer)
                        let rows = wire == .tei ? try scanner.rows() : try scanner.indexedRows(count: count)
                        guard rows.count == count else {
                            throw VectorScanner.wrong("\(count) vectors, found \(rows.count)")
                        }
                        return .success(rows)
                    } catch {
                        return .failure(ServiceFailure(Outcome(error.status, error.message)))
                    }
                })
        }
    }

    /// Asks text-embeddings-inference about itself. A service without `/info` has a model all the same.
    @discardableResult
    func info(_ completion: @escaping @Sendable (Result<Info, ServiceFailure>) -> Void) -> HTTPExchange {
        send("GET", "/info", body: []) { result in
            completion(
                result.map(Self.read).flatMapError { failure in
                    [404, 405].contains(failure.outcome.httpStatus)
                        ? .success(Info(model: "unknown", maximumBatch: nil)) : .failure(failure)
                })
        }
    }

    private static func read(_ answer: [UInt8]) -> Info {
        let value: JSONValue?
        do throws(PluginError) { value = try JSONValue(json: answer) } catch { value = nil }
        var model = value?["model_id"]?.string ?? "unknown"
        if let revision = value?["model_sha"]?.string, !revision.isEmpty { model += "@\(revision)" }
        let batch = value?["max_client_batch_size"]?.integer
        return Info(model: model, maximumBatch: batch.flatMap { $0 > 0 ? $0 : nil })
    }

    private func send(
        _ method: String, _ path: String, body: [UInt8],
        _ completion: @escaping @Sendable (Result<[UInt8], ServiceFailure>) -> Void
    ) -> HTTPExchange {
        var headers = settings.headers
        headers.append(Header("Accept", "application/json"))
        if !body.isEmpty { headers.append(Header("Content-Type", "application/json")) }
        var request = HTTPRequest(method, settings.base + path, headers: headers)
        request.totalTimeout = settings.timeout
        request.maximumResponse = Self.maximumAnswer
        // Who operates the gateway named the service; it is often beside it.
        request.options = [.allowPrivate]
        let collector = AnswerCollector { outcome, status, retryAfter, answer in
            completion(Self.judge(path, outcome, status, retryAfter, answer))
        }
        return http.request(request, body: body.span.bytes, handler: collector)
    }

    private static func judge(
        _ path: String, _ outcome: Outcome, _ status: Int, _ retryAfter: UInt64, _ answer: [UInt8]
    ) -> Result<[UInt8], ServiceFailure> {
        guard outcome.status == .ok else {
            var outcome = outcome
            outcome.message = "the embedding service did not answer \(path): \(outcome.message)"
            return .failure(ServiceFailure(outcome))
        }
        guard !(200..<300).contains(status) else { return .success(answer) }
        let verdict: Status =
            switch status {
            case 400, 413, 422: .invalid
            case 401: .unauthenticated
            case 403: .forbidden
            case 404, 405: .notFound
            case 429: .exhausted
            case 424, 500...: .unavailable
            default: .protocolError
            }
        // What refuses a credential may repeat it.
        let words = [401, 403].contains(status) ? "" : excerpt(answer)
        return .failure(
            ServiceFailure(
                Outcome(
                    verdict, "the embedding service answered \(path) with status \(status)\(words)", httpStatus: status,
                    retryAfter: retryAfter)))
    }

    /// Up to 200 printable characters.
    private static func excerpt(_ answer: [UInt8]) -> String {
        let text = answer.prefix(200).map { (0x20..<0x7F).contains($0) ? $0 : UInt8(ascii: " ") }
        return text.isEmpty ? "" : ": \(String(decoding: text, as: UTF8.self))"
    }
}

/// Keeps an answer until it is whole.
private final class AnswerCollector: HTTPHandler {
    private let state = Mutex<(status: Int, retryAfter: UInt64, body: [UInt8])>((0, 0, []))
    private let done: @Sendable (Outcome, Int, UInt64, [UInt8]) -> Void

    init(_ done: @escaping @Sendable (Outcome, Int, UInt64, [UInt8]) -> Void) { self.done = done }

    func head(_ head: borrowing HTTPHead) -> Flow {
        let status = head.status
        // Seconds, a day at most; a date is not read.
        let seconds = head["retry-after"].flatMap { UInt64($0) } ?? 0
        state.withLock { ($0.status, $0.retryAfter) = (status, min(seconds, 86_400) * 1_000) }
        return .go
    }

    func body(_ data: RawSpan) -> Flow {
        data.withUnsafeBytes { bytes in state.withLock { $0.body.append(contentsOf: bytes) } }
        return .go
    }

    func ended(_ outcome: Outcome) {
        let (status, retryAfter, body) = state.withLock { state in
            defer { state.body = [] }
            return state
        }
        done(outcome, status, retryAfter, body)
    }
}
