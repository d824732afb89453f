import HostServices
import Synchronization
import Testing

/// A strategy that answers as it is told and keeps what it was asked.
private final class TestAuthorizer: RequestAuthorizer {
    let asked = Mutex<[AuthorizableRequest]>([])
    let stepsUp: Bool
    let answer: @Sendable (AuthorizableRequest) -> Authorization

    init(stepsUp: Bool = false, _ answer: @escaping @Sendable (AuthorizableRequest) -> Authorization) {
        self.stepsUp = stepsUp
        self.answer = answer
    }

    func authorize(_ request: AuthorizableRequest, completion: @escaping @Sendable (Authorization) -> Void) {
        asked.withLock { $0.append(request) }
        let answer = answer(request)
        completion(answer)
        // A second answer must not matter.
        completion(.refused(ServiceOutcome(.internalError, "second answer")))
    }
}

@Suite("HTTP credentials")
struct HTTPAuthorizationTests {
    private let engine = Shared.hub.http

    private func bearer(_ token: String) -> Authorization {
        .changes(HeaderChanges(set: [HTTPField("authorization", "Bearer \(token)")], remove: ["X-Draft"]))
    }

    @Test("A strategy sees the request as it will be sent, and its headers replace others")
    func changes() async throws {
        let server = try await Shared.server
        let authorizer = TestAuthorizer { _ in self.bearer("good") }
        var request = server.request(
            "POST", "/echo", headers: [HTTPField("Authorization", "Bearer old"), HTTPField("X-Draft", "1")], body: "b")
        request.auth = engine.register(authorizer)
        request.identity = 42
        request.purpose = .probe
        let reply = await exchange(request)
        #expect(reply.text.contains("Bearer good"))
        #expect(!reply.text.contains("Bearer old"))
        #expect(!reply.text.contains("X-Draft"))
        let asked = try #require(authorizer.asked.withLock { $0 }.first)
        #expect(asked.attempt == 1)
        #expect(asked.identity == 42)
        #expect(asked.purpose == .probe)
        #expect(asked.method == "POST")
        #expect(asked.url == server.origin + "/echo")
        #expect(asked.body == Array("b".utf8))
        engine.unregister(request.auth)
    }

    @Test("A refusal ends the exchange with its own outcome, and nothing is sent")
    func refusal() async throws {
        let server = try await FixtureServer()
        var request = server.request("GET", "/hello")
        request.auth = engine.register(
            TestAuthorizer { _ in .refused(ServiceOutcome(.unauthenticated, "log in first")) })
        let outcome = try #require(await exchange(request).outcome)
        #expect(outcome.status == .unauthenticated)
        #expect(outcome.message == "log in first")
        #expect(outcome.notSent)
        #expect(await !server.stats().contains("/hello"))
    }

    @Test("After a 401 the strategy is asked once more, with the challenge")
    func secondAttempt() async throws {
        let server = try await Shared.server
        let authorizer = TestAuthorizer { self.bearer($0.attempt == 1 ? "stale" : "good") }
        var request = server.request("GET", "/protected")
        request.auth = engine.register(authorizer)
        let reply = await exchange(request)
        #expect(reply.status == 200)
        #expect(reply.text == "welcome")
        #expect(authorizer.asked.withLock { $0.map(\.attempt) } == [1, 2])
        #expect(authorizer.asked.withLock { $0.last?.challenge } == "Bearer realm=\"test\"")
    }

    @Test("After a 403 for want of scopes a strategy is asked once more that may get them, and no other")
    func moreScopes() async throws {
        let server = try await Shared.server
        for (path, stepsUp, second, status) in [
            ("/scoped", true, "wide", 200), ("/scoped", true, "narrow", 403), ("/scoped", false, "wide", 403),
            ("/scoped?plain=1", true, "wide", 403),
        ] {
            let authorizer = TestAuthorizer(stepsUp: stepsUp) { self.bearer($0.attempt == 1 ? "narrow" : second) }
            var request = server.request("POST", path, body: "b")
            request.auth = engine.register(authorizer)
            let reply = await exchange(request)
            #expect(reply.status == UInt32(status), "\(path) \(stepsUp) \(second)")
            let asked = authorizer.asked.withLock { $0 }
            let isAskedAgain = stepsUp && path == "/scoped"
            #expect(asked.map(\.attempt) == (isAskedAgain ? [1, 2] : [1]))
            #expect(asked.last?.lacksScopes == isAskedAgain)
            if isAskedAgain {
                #expect(asked.last?.challenge == #"Bearer error="insufficient_scope", scope="write""#)
                #expect(asked.last?.refused.set == [HTTPField("authorization", "Bearer narrow")])
            }
            engine.unregister(request.auth)
        }
    }

    @Test("A 403 that no more scopes are to be had for is the answer, body and all")
    func noMoreScopes() async throws {
        let server = try await Shared.server
        var request = server.request("POST", "/scoped", body: "b")
        request.auth = engine.register(
            TestAuthorizer(stepsUp: true) { $0.attempt == 1 ? self.bearer("narrow") : .unchanged })
        let reply = await exchange(request)
        #expect(reply.status == 403 && reply.text == "more")
        engine.unregister(request.auth)
    }

    @Test("A 401 without another credential, or after it, is the answer", arguments: [true, false])
    func lasting(gives: Bool) async throws {
        let server = try await Shared.server
        let authorizer = TestAuthorizer { $0.attempt == 1 || gives ? self.bearer("bad") : .unchanged }
        var request = server.request("GET", "/protected")
        request.auth = engine.register(authorizer)
        let reply = await exchange(request)
        #expect(reply.outcome?.status == .ok)
        #expect(reply.status == 401)
        #expect(reply.text == "who are you")
        #expect(reply.outcome?.challenge == "Bearer realm=\"test\"")
        #expect(authorizer.asked.withLock { $0.count } == 2)
    }

    @Test("When the strategy says after a 401 why it has no other credential, the exchange ends with that")
    func explained() async throws {
        let server = try await Shared.server
        let authorizer = TestAuthorizer {
            $0.attempt == 1
                ? self.bearer("bad") : .refused(ServiceOutcome(.unauthenticated, "no client", notSent: true))
        }
        var request = server.request("GET", "/protected")
        request.auth = engine.register(authorizer)
        let outcome = try #require(await exchange(request).outcome)
        #expect(outcome.status == .unauthenticated)
        #expect(outcome.message == "no client")
        #expect(outcome.httpStatus == 401)
        #expect(outcome.challenge == "Bearer realm=\"test\"")
        #expect(!outcome.notSent)
    }

    @Test("A 401 that was kept back, in part or as a whole, heeds a pause", arguments: [11, 300_000])
    func pausedRefusal(bytes: Int) async throws {
        let server = try await Shared.server
        let authorizer = TestAuthorizer { $0.attempt == 1 ? self.bearer("bad") : .unchanged }
        var request = server.request("GET", bytes == 11 ? "/protected" : "/protected?bytes=\(bytes)")
        request.auth = engine.register(authorizer)
        let sink = RecordingSink(head: .pause)
        let number = engine.nextExchange()
        engine.start(number, request, sink: sink)
        await sink.headCame()
        _ = await exchange(server.request("GET", "/hello"))
        #expect(sink.pieces == 0)
        #expect(sink.ends == 0)
        engine.resume(number)
        let reply = await sink.reply()
        #expect(reply.status == 401)
        #expect(reply.body.count == bytes)
        #expect(reply.outcome?.status == .ok)
    }

    @Test("A strategy that never answers holds an exchange no longer than its time, and nothing is sent")
    func silentStrategy() async throws {
        final class Silent: RequestAuthorizer {
            func authorize(_ request: AuthorizableRequest, completion: @escaping @Sendable (Authorization) -> Void) {}
        }
        var request = HTTPRequest("GET", "http://127.0.0.1:1/")
        request.auth = engine.register(Silent())
        request.totalTimeout = 100
        let outcome = try #require(await exchange(request).outcome)
        #expect(outcome.status == .timeout)
        #expect(outcome.notSent)
    }

    @Test("A strategy is asked again for the target of a redirect")
    func redirected() async throws {
        let server = try await Shared.server
        let authorizer = TestAuthorizer { _ in self.bearer("good") }
        var request = server.request("GET", "/redirect?to=/protected")
        request.auth = engine.register(authorizer)
        request.followsSameOrigin = true
        #expect(await exchange(request).text == "welcome")
        #expect(authorizer.asked.withLock { $0.map(\.url) } == [request.url, server.origin + "/protected"])
    }
}
