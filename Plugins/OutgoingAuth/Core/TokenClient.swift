import PluginKit

/// Asks token endpoints.
struct TokenClient: Sendable {
    /// Milliseconds for a whole exchange.
    static let patience: UInt64 = 30_000
    /// Most bytes of an answer.
    static let maximumAnswer: UInt64 = 1_048_576

    let http: HTTPService
    /// Unix time in milliseconds.
    let now: @Sendable () -> UInt64

    /// Asks once; `completion` is called exactly once, from any thread. Redirects are not followed: they would carry the
    /// credentials elsewhere.
    func ask(_ request: TokenRequest, _ completion: @escaping @Sendable (Result<IssuedToken, PluginError>) -> Void) {
        var fields = request.fields
        var headers = [
            Header("Content-Type", "application/x-www-form-urlencoded"), Header("Accept", "application/json"),
        ]
        do throws(PluginError) {
            let secret = try request.client.secret?.value()
            if let id = request.client.id, let secret, request.client.method == .basic {
                let pair = "\(FormBody.encode(id)):\(FormBody.encode(secret))"
                headers.append(Header("Authorization", "Basic \(Base64Text.encode(pair.utf8))"))
            } else if let id = request.client.id {
                fields.append(("client_id", id))
                if let secret { fields.append(("client_secret", secret)) }
            }
        } catch {
            return completion(.failure(error))
        }
        var post = HTTPRequest("POST", request.url, headers: headers)
        post.totalTimeout = Self.patience
        post.maximumResponse = Self.maximumAnswer
        let answer = WholeAnswer { outcome, status, body in
            completion(Self.read(request, outcome, status, body, now: now()))
        }
        http.request(post, body: Array(FormBody.encode(fields).utf8).span.bytes, handler: answer)
    }

    /// - Returns: A failure names the step, the HTTP status and the OAuth error code, and nothing else of the answer.
    private static func read(
        _ request: TokenRequest, _ outcome: Outcome, _ status: Int, _ body: [UInt8], now: UInt64
    ) -> Result<IssuedToken, PluginError> {
        func failed(_ status: Status, _ why: String) -> Result<IssuedToken, PluginError> {
            .failure(PluginError(status, "\(request.step) failed: \(why)"))
        }
        guard outcome.status == .ok else { return failed(outcome.status, outcome.message) }
        let answer: JSONValue?
        do throws(PluginError) { answer = try JSONValue(json: body) } catch { answer = nil }
        guard status == 200 else {
            let code = answer?["error"]?.string.flatMap { isErrorCode($0) ? $0 : nil }
            return failed(
                status >= 500 ? .unavailable : .unauthenticated,
                "the token endpoint answered \(status)" + (code.map { " (\($0))" } ?? ""))
        }
        guard let answer, let token = answer["access_token"]?.string, !token.isEmpty else {
            return failed(.protocolError, "the token endpoint's answer has no access_token")
        }
        for name in ["token_type"] + request.requiredMembers where answer[name]?.string?.isEmpty ?? true {
            return failed(.protocolError, "the token endpoint's answer has no \(name)")
        }
        guard token.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            return failed(.protocolError, "the token endpoint's access_token cannot be sent in a header")
        }
        return .success(
            IssuedToken(
                token: token, tokenType: answer["token_type"]?.string ?? "",
                issuedTokenType: answer["issued_token_type"]?.string ?? "",
                expiresAt: lifetime(answer["expires_in"]).map { now + $0 } ?? 0))
    }

    /// A number, or a text that is one, of seconds as milliseconds; a year at most.
    private static func lifetime(_ value: JSONValue?) -> UInt64? {
        guard let seconds = value?.double ?? value?.string.flatMap({ Double($0) }), seconds > 0 else { return nil }
        return UInt64(min(seconds, 31_536_000) * 1_000)
    }

    /// RFC 6749, section 5.2, made stricter: it is shown to people.
    private static func isErrorCode(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.count <= 64
            && text.utf8.allSatisfy {
                (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x5F || $0 == 0x2D
            }
    }
}
