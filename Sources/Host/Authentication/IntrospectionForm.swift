import Gateway

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// How an issuer is asked about an opaque token, and how its answer reads as claims: a value without I/O.
///
/// Two issuers whose tokens many people have do not speak RFC 7662; they are told by the URL, as in ToolHive.
enum IntrospectionForm: Equatable {
    /// RFC 7662.
    case standard
    /// `tokeninfo` of Google's OAuth 2.0 endpoint.
    case google
    /// "Check a token" of GitHub's REST API for OAuth applications.
    case gitHub

    init(url: String) {
        if url == "https://oauth2.googleapis.com/tokeninfo" {
            self = .google
        } else if url.contains("api.github.com/applications") {
            self = .gitHub
        } else {
            self = .standard
        }
    }

    /// - Parameter basic: Who the gateway is there, for `Authorization: Basic`; `nil` = it has no secret.
    func question(about token: String, at url: String, basic: String?) -> IssuerQuestion {
        switch self {
        case .standard:
            IssuerQuestion(
                method: "POST", url: url, type: "application/x-www-form-urlencoded",
                body: "token=\(FormText.encode(token.utf8))&token_type_hint=access_token", basic: basic)
        case .google:
            IssuerQuestion(method: "GET", url: "\(url)?access_token=\(FormText.encode(token.utf8))")
        case .gitHub:
            IssuerQuestion(
                method: "POST", url: url, accept: "application/vnd.github+json", type: "application/json",
                body: "{\"access_token\":\(String(decoding: JSONText.quote(token), as: UTF8.self))}", basic: basic)
        }
    }

    /// The claims of an answer: an object.
    /// - Throws: ``TokenFault`` when the issuer does not answer for the token.
    func claims(of answer: FetchedDocument) throws(TokenFault) -> JSONSlice {
        if self == .gitHub, answer.status == 429 || answer.status == 403 {
            throw TokenFault(.busy, "the issuer answers no more questions for now; try again later")
        }
        guard answer.status == 200, answer.body.count <= 65_536 else {
            throw TokenFault(.inactive, "the issuer does not answer for the token")
        }
        let json: JSONSlice
        do throws(JSONScanError) { json = try JSONSlice(validating: answer.body) } catch {
            throw TokenFault(.inactive, "the issuer's answer about the token is no JSON")
        }
        switch self {
        case .standard:
            guard json.kind == .object, json["active"]?.bool == true else {
                throw TokenFault(.inactive, "the token is not active")
            }
            return json
        case .google: return try Self.google(json)
        case .gitHub: return try Self.gitHub(json)
        }
    }

    /// Google names no issuer, and writes times as texts.
    private static func google(_ json: JSONSlice) throws(TokenFault) -> JSONSlice {
        guard json.kind == .object, let expiry = json["exp"]?.string.flatMap(Int.init) ?? json["exp"]?.integer else {
            throw TokenFault(.inactive, "the token is not active")
        }
        var claims = Claims()
        claims.add("iss", "https://accounts.google.com")
        claims.add("exp", number: expiry)
        for (key, value) in json.members where !["iss", "exp", "active"].contains(key) { claims.add(key, value) }
        return try claims.slice()
    }

    /// GitHub answers with the token's application and user, and with no end where a token has none.
    private static func gitHub(_ json: JSONSlice) throws(TokenFault) -> JSONSlice {
        guard let user = json["user"], let id = user["id"]?.integer else {
            throw TokenFault(.inactive, "the issuer's answer about the token names no user")
        }
        var claims = Claims()
        claims.add("iss", "https://github.com")
        claims.add("aud", "https://github.com")
        claims.add("sub", "\(id)")
        if let login = user["login"] {
            claims.add("preferred_username", login)
            claims.add("login", login)
        }
        for (name, source) in [
            ("email", "email"), ("name", "name"), ("user_type", "type"), ("site_admin", "site_admin"),
        ] {
            if let value = user[source] { claims.add(name, value) }
        }
        if let scopes = json["scopes"] {
            claims.add("scopes", scopes)
            claims.add("scope", scopes.elements.compactMap(\.string).joined(separator: " "))
        }
        if let application = json["app"]?["name"] { claims.add("app_name", application) }
        if let made = time(json["created_at"]) { claims.add("iat", number: made) }
        if let end = json["expires_at"], end.kind != .null {
            guard let expiry = time(end) else { throw TokenFault(.malformed, "a time of the token cannot be read") }
            claims.add("exp", number: expiry)
        }
        return try claims.slice()
    }

    /// Unix time, in seconds, of a text such as `2026-01-31T12:00:00Z` (RFC 3339).
    private static func time(_ value: JSONSlice?) -> Int? {
        guard let text = value?.string else { return nil }
        do { return Int(try Date(text, strategy: .iso8601).timeIntervalSince1970) } catch { return nil }
    }

    /// An object that is written member by member.
    private struct Claims {
        private var bytes = Array("{".utf8)

        mutating func add(_ name: String, _ text: String) { add(name, bytes: JSONText.quote(text)[...]) }
        mutating func add(_ name: String, number: Int) { add(name, bytes: Array("\(number)".utf8)[...]) }
        mutating func add(_ name: String, _ value: JSONSlice) { add(name, bytes: value.bytes) }

        private mutating func add(_ name: String, bytes value: ArraySlice<UInt8>) {
            if bytes.count > 1 { bytes.append(UInt8(ascii: ",")) }
            JSONText.append(name, to: &bytes)
            bytes.append(UInt8(ascii: ":"))
            bytes += value
        }

        func slice() throws(TokenFault) -> JSONSlice {
            do throws(JSONScanError) { return try JSONSlice(validating: bytes + [UInt8(ascii: "}")]) } catch {
                throw TokenFault(.malformed, "the issuer's answer about the token cannot be read")
            }
        }
    }
}
