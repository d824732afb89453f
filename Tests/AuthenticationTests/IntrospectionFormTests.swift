import Gateway
import Synchronization
import Testing

@testable import HostAuthentication

@Suite("Forms of introspection")
struct IntrospectionFormTests {
    private static let google = "https://oauth2.googleapis.com/tokeninfo"
    private static let gitHub = "https://api.github.com/applications/Iv1.abc/token"

    @Test("The URL tells the form; what only looks like Google's is asked as RFC 7662 has it")
    func forms() {
        #expect(IntrospectionForm(url: Self.google) == .google)
        #expect(IntrospectionForm(url: Self.google + "/") == .standard)
        #expect(IntrospectionForm(url: Self.gitHub) == .gitHub)
        #expect(IntrospectionForm(url: "https://issuer.example/introspect") == .standard)
    }

    @Test("Google is asked with GET, and what it says is held to the rules, times as texts included")
    func google() async throws {
        let test = try TestGate {
            ($0.issuer, $0.audience) = ("https://accounts.google.com", "client.apps.googleusercontent.com")
            $0.introspectionURL = Self.google
            ($0.clientID, $0.clientSecret) = ("gateway", Array("confidential".utf8))
        }
        func tell(audience: String, expiry: String) {
            test.issuer.state.withLock {
                $0.told = FetchedDocument(
                    status: 200,
                    body: Array(
                        """
                        {"azp":"x","aud":"\(audience)","sub":"1234","scope":"openid email","exp":"\(expiry)",
                         "expires_in":"600","email":"a@example.com","email_verified":"true","iss":"https://evil.example"}
                        """.utf8), maxAge: nil)
            }
        }
        tell(audience: "client.apps.googleusercontent.com", expiry: "1000600")
        #expect(await test.subject("ya29.a+b") == "1234")
        let question = test.issuer.state.withLock { $0.questions.last }
        // The gateway's secret is for issuers that ask for it.
        #expect(
            question == IssuerQuestion(method: "GET", url: "\(Self.google)?access_token=ya29.a%2Bb"))
        let claims = try #require(test.identities.registered.withLock { $0.last?.claims })
        #expect(claims.hasPrefix(#"{"iss":"https://accounts.google.com","exp":1000600,"azp":"x""#))
        #expect(claims.contains(#""email":"a@example.com""#) && !claims.contains("evil"))
        tell(audience: "client.apps.googleusercontent.com", expiry: "999000")
        #expect(await test.refusal("old")?.challenge.contains("has expired") == true)
        tell(audience: "another", expiry: "1000600")
        #expect(await test.refusal("foreign")?.challenge.contains("another audience") == true)
        test.issuer.state.withLock {
            $0.told = FetchedDocument(status: 400, body: Array("{\"error\":\"invalid_token\"}".utf8), maxAge: nil)
        }
        #expect(await test.refusal("unknown")?.status == 401)
    }

    @Test("GitHub is asked with JSON and the application's secret, and its answer becomes claims")
    func gitHub() async throws {
        let test = try TestGate {
            ($0.issuer, $0.audience) = ("https://github.com", "https://github.com")
            $0.introspectionURL = Self.gitHub
            ($0.clientID, $0.clientSecret) = ("Iv1.abc", Array("confidential".utf8))
            $0.scopes = ["read:org"]
        }
        func tell(_ members: String, status: Int = 200) {
            test.issuer.state.withLock {
                $0.told = FetchedDocument(status: status, body: Array("{\(members)}".utf8), maxAge: nil)
            }
        }
        let user =
            #""user":{"login":"octocat","id":583231,"email":null,"name":"Mona","type":"User","site_admin":false}"#
        let scopes = #""scopes":["read:org","repo"],"app":{"name":"tools"}"#
        tell("\(user),\(scopes),\"created_at\":\"1970-01-12T13:46:40Z\",\"expires_at\":null")
        #expect(await test.subject("gho_\"quoted\"") == "583231")
        #expect(
            test.issuer.state.withLock { $0.questions.last }
                == IssuerQuestion(
                    method: "POST", url: Self.gitHub, accept: "application/vnd.github+json", type: "application/json",
                    body: #"{"access_token":"gho_\"quoted\""}"#, basic: "SXYxLmFiYzpjb25maWRlbnRpYWw="))
        #expect(
            test.identities.registered.withLock { $0.last?.claims }
                == #"{"iss":"https://github.com","aud":"https://github.com","sub":"583231","preferred_username":"octocat","#
                + #""login":"octocat","email":null,"name":"Mona","user_type":"User","site_admin":false,"#
                + #""scopes":["read:org","repo"],"scope":"read:org repo","app_name":"tools","iat":1000000}"#)
        // 1,000,000 is 13:46:40 on that day.
        tell("\(user),\(scopes),\"expires_at\":\"1970-01-12T13:46:00Z\"")
        #expect(await test.refusal("ended")?.challenge.contains("has expired") == true)
        tell("\(user),\(scopes),\"expires_at\":\"soon\"")
        #expect(await test.refusal("unreadable")?.status == 401)
        tell("\(user),\"scopes\":[\"repo\"]")
        #expect(await test.refusal("poor")?.status == 403)
        tell("\"message\":\"Not Found\"", status: 404)
        #expect(await test.refusal("unknown")?.status == 401)
        tell("\"message\":\"slow down\"", status: 429)
        #expect(await test.refusal("limited")?.status == 503)
    }
}
