import HostServices

/// Fetches documents of an issuer.
protocol DocumentFetch: Sendable {
    /// - Throws: ``FetchFault`` with one sentence for the log.
    func get(_ url: String) async throws(FetchFault) -> FetchedDocument
    /// Asks about a token.
    func ask(_ question: IssuerQuestion) async throws(FetchFault) -> FetchedDocument
}

/// A question about a token.
struct IssuerQuestion: Sendable, Equatable {
    var method: String
    var url: String
    var accept = "application/json"
    /// Of ``body``; empty = there is none.
    var type = ""
    var body = ""
    /// For `Authorization: Basic`; `nil` sends none.
    var basic: String?
}

/// An answer of an issuer.
struct FetchedDocument: Sendable {
    var status: Int
    var body: [UInt8]
    /// `max-age` of `Cache-Control`, in seconds.
    var maxAge: Double?
}

/// Why there is none.
struct FetchFault: Error, Sendable { let text: String }

/// Over the http service, within the address policy. Redirects are not followed.
struct IssuerFetch: DocumentFetch {
    private let engine: HTTPEngine
    private let settings: OIDCSettings

    /// Milliseconds for one attempt.
    private static let patience: UInt64 = 5_000
    /// Most bytes of an answer.
    private static let limit: UInt64 = 1_048_576

    init(_ engine: HTTPEngine, _ settings: OIDCSettings) {
        self.engine = engine
        self.settings = settings
    }

    func get(_ url: String) async throws(FetchFault) -> FetchedDocument {
        var headers = [HTTPField("Accept", "application/json")]
        if !settings.tokenPath.isEmpty {
            let token: [UInt8]
            do { token = try FileBytes.read(settings.tokenPath) } catch {
                throw FetchFault(text: "the token file \(settings.tokenPath) cannot be read: \(error)")
            }
            let text = String(decoding: token.filter { $0 > 0x20 && $0 < 0x7F }, as: UTF8.self)
            headers.append(HTTPField("Authorization", "Bearer \(text)"))
        }
        return try await exchange(HTTPRequest("GET", url, headers: headers))
    }

    func ask(_ question: IssuerQuestion) async throws(FetchFault) -> FetchedDocument {
        var headers = [HTTPField("Accept", question.accept)]
        if !question.type.isEmpty { headers.append(HTTPField("Content-Type", question.type)) }
        if let basic = question.basic { headers.append(HTTPField("Authorization", "Basic \(basic)")) }
        return try await exchange(
            HTTPRequest(question.method, question.url, headers: headers, body: Array(question.body.utf8)))
    }

    private func exchange(_ given: HTTPRequest) async throws(FetchFault) -> FetchedDocument {
        guard isAllowed(given.url) else {
            throw FetchFault(
                text: "expected an https URL of the issuer, found another; `insecureAllowHttp` allows http")
        }
        var request = given
        request.totalTimeout = Self.patience
        request.maxResponseBytes = Self.limit
        request.caBundle = settings.caBundle
        request.policy = NetworkPolicy(allowPrivate: settings.allowsPrivate, allowLoopback: settings.allowsLoopback)
        let response: WholeResponse
        do throws(ServiceOutcome) { response = try await engine.whole(request) } catch {
            throw FetchFault(text: error.message)
        }
        let directives = response.head.values(of: "cache-control").flatMap { $0.lowercased().split(separator: ",") }
        let age = directives.lazy.compactMap { directive -> Double? in
            let text = directive.drop { $0 == " " }
            return text.hasPrefix("max-age=") ? Double(text.dropFirst(8)) : nil
        }.first
        return FetchedDocument(status: Int(response.head.status), body: response.body, maxAge: age)
    }

    /// https, or http for this machine, or where it is allowed for all.
    private func isAllowed(_ url: String) -> Bool {
        let text = url.lowercased()
        if text.hasPrefix("https://") { return true }
        guard text.hasPrefix("http://") else { return false }
        if settings.allowsHTTP { return true }
        let authority = text.dropFirst(7).prefix { $0 != "/" && $0 != "?" }
        let host = authority.hasPrefix("[") ? authority.prefix { $0 != "]" } + "]" : authority.prefix { $0 != ":" }
        return ["localhost", "127.0.0.1", "[::1]"].contains(host)
    }
}
