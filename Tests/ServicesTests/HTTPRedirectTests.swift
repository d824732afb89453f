import HostServices
import Testing

@Suite("HTTP redirects")
struct HTTPRedirectTests {
    @Test("Without the flag a redirect is the answer")
    func delivered() async throws {
        let server = try await Shared.server
        let reply = await exchange(server.request("GET", "/redirect?to=/hello"))
        #expect(reply.status == 307)
        #expect(reply.head?["location"] == "/hello")
        #expect(reply.text == "elsewhere")
    }

    @Test(
        "A redirect within the origin is followed, with the method its status asks for",
        arguments: [
            (301, "POST", "GET"), (302, "POST", "GET"), (303, "PUT", "GET"), (307, "POST", "POST"), (308, "PUT", "PUT"),
            (302, "PUT", "PUT"),
        ])
    func followed(status: Int, method: String, then: String) async throws {
        let server = try await Shared.server
        var request = server.request(
            method, "/redirect?status=\(status)&to=/echo", headers: [HTTPField("Authorization", "Bearer s3cret")],
            body: "text")
        request.followsSameOrigin = true
        let reply = await exchange(request)
        #expect(reply.status == 200)
        #expect(reply.text.contains("\"method\": \"\(then)\""))
        #expect(reply.text.contains("\"body\": \"\(then == "GET" ? "" : "text")\""))
        #expect(reply.text.contains("Bearer s3cret"))
        #expect(!reply.text.contains("elsewhere"))
    }

    @Test("A redirect to another origin fails, and nothing is sent there", arguments: ["host", "port"])
    func otherOrigin(what: String) async throws {
        let server = try await FixtureServer()
        let other = try await FixtureServer()
        let target =
            what == "port" ? other.origin + "/hello" : "http://localhost:\(server.port)/hello"
        var request = server.request(
            "GET", "/redirect?to=\(target)?token=hush", headers: [HTTPField("Authorization", "Bearer s3cret")])
        request.followsSameOrigin = true
        let outcome = try #require(await exchange(request).outcome)
        #expect(outcome.status == .brokenProtocol)
        #expect(outcome.httpStatus == 307)
        #expect(!outcome.notSent)
        #expect(!outcome.message.contains("hush"))
        #expect(await !server.stats().contains("/hello"))
        #expect(await !other.stats().contains("/hello"))
    }

    @Test("The sixth redirect is one too many")
    func tooMany() async throws {
        let server = try await Shared.server
        var request = server.request("GET", "/redirect?to=/redirect%3Fto=/hello")
        request.followsSameOrigin = true
        #expect(await exchange(request).status == 200)
        request.url = server.origin + "/redirect?to=/round"
        var path = "/hello"
        for _ in 0..<6 { path = "/redirect?to=" + path.replacing("%", with: "%25").replacing("?", with: "%3F") }
        request.url = server.origin + path
        let outcome = try #require(await exchange(request).outcome)
        #expect(outcome.status == .brokenProtocol)
        #expect(outcome.message.contains("more than 5 redirects"))
    }
}
