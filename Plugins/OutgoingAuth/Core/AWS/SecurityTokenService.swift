import PluginKit

/// What AWS lends to a caller. All but the access key is secret.
struct TemporaryCredentials: Sendable, Equatable {
    var accessKey: String
    var secret: String
    var sessionToken: String
    /// Unix time in milliseconds.
    var expiresAt: UInt64
}

/// Asks the security token service: AssumeRoleWithWebIdentity (STS API reference, version 2011-06-15).
struct SecurityTokenService: Sendable {
    private static let version = "2011-06-15"
    private static let step = "AssumeRoleWithWebIdentity"

    let http: HTTPService
    /// Of the region.
    let endpoint: String
    /// Seconds.
    let duration: Int

    /// Asks once; `completion` is called exactly once, from any thread. The request is not signed: the token speaks.
    func assume(
        _ role: String, session: String, token: String,
        _ completion: @escaping @Sendable (Result<TemporaryCredentials, PluginError>) -> Void
    ) {
        let fields = [
            ("Action", Self.step), ("Version", Self.version), ("RoleArn", role), ("RoleSessionName", session),
            ("WebIdentityToken", token), ("DurationSeconds", String(duration)),
        ]
        var post = HTTPRequest(
            "POST", endpoint,
            headers: [Header("Content-Type", "application/x-www-form-urlencoded"), Header("Accept", "text/xml")])
        post.totalTimeout = TokenClient.patience
        post.maximumResponse = TokenClient.maximumAnswer
        let answer = WholeAnswer { completion(Self.read($0, $1, $2)) }
        http.request(post, body: Array(FormBody.encode(fields).utf8).span.bytes, handler: answer)
    }

    private static func read(
        _ outcome: Outcome, _ status: Int, _ body: [UInt8]
    ) -> Result<TemporaryCredentials, PluginError> {
        func failed(_ status: Status, _ why: String) -> Result<TemporaryCredentials, PluginError> {
            .failure(PluginError(status, "\(step) failed: \(why)"))
        }
        guard outcome.status == .ok else { return failed(outcome.status, outcome.message) }
        let xml = Substring(decoding: body, as: UTF8.self)
        guard status == 200 else {
            // Codes alone: messages repeat what was sent.
            let code = XMLText.inside("Error", xml).flatMap { XMLText.text(of: "Code", $0) }.flatMap { code in
                code.utf8.count <= 64 && code.utf8.allSatisfy(isAlphanumeric) ? code : nil
            }
            return failed(
                status >= 500 ? .unavailable : .unauthenticated,
                "the service answered \(status)" + (code.map { " (\($0))" } ?? ""))
        }
        guard let credentials = XMLText.inside("Credentials", xml),
            let key = XMLText.text(of: "AccessKeyId", credentials), !key.isEmpty, key.utf8.allSatisfy(isAlphanumeric),
            let secret = XMLText.text(of: "SecretAccessKey", credentials), !secret.isEmpty,
            let token = XMLText.text(of: "SessionToken", credentials), !token.isEmpty,
            token.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
        else { return failed(.protocolError, "the service's answer has no credentials") }
        guard let end = XMLText.text(of: "Expiration", credentials).flatMap(UTCTime.milliseconds) else {
            return failed(.protocolError, "the service's answer does not say when the credentials expire")
        }
        return .success(TemporaryCredentials(accessKey: key, secret: secret, sessionToken: token, expiresAt: end))
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
    }
}

/// As much of XML as the answers of the service need: elements by name, and their text.
enum XMLText {
    /// What stands between the tags of the first element of this name.
    static func inside(_ name: String, _ xml: Substring) -> Substring? {
        for opening in ["<\(name)>", "<\(name) "] {
            guard let start = xml.firstRange(of: opening) else { continue }
            var content = xml[start.upperBound...]
            if opening.hasSuffix(" ") {
                guard let end = content.firstIndex(of: ">") else { return nil }
                content = content[content.index(after: end)...]
            }
            guard let end = content.firstRange(of: "</\(name)>") else { return nil }
            return content[..<end.lowerBound]
        }
        return nil
    }

    /// The text of the first element of this name, without white space around it.
    static func text(of name: String, _ xml: Substring) -> String? {
        guard let content = inside(name, xml), !content.contains("<") else { return nil }
        var text = String(content).withoutOuterSpace
        for (entity, character) in [
            ("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&#x2F;", "/"), ("&#47;", "/"),
            // Last: what it yields is no entity.
            ("&amp;", "&"),
        ] { text = text.replacing(entity, with: character) }
        return text
    }
}
