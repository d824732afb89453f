import Gateway
import HostServices
import Synchronization
import Testing

@testable import HostPlugins

/// A strategy whose answers the test gives.
private final class ScriptedSource: CredentialSource {
    typealias Completion = @Sendable (Result<AuthAnswer?, Outcome>) -> Void
    let needsBody: Bool
    let needsIdentity: Bool
    let asked = Mutex<[(request: AuthRequest, completion: Completion)]>([])
    let invalidated = Mutex<[[UInt8]]>([])

    init(needsBody: Bool = false, needsIdentity: Bool = false) {
        self.needsBody = needsBody
        self.needsIdentity = needsIdentity
    }

    func obtain(_ request: AuthRequest, context: CallContext, completion: @escaping Completion) {
        asked.withLock { $0.append((request, completion)) }
    }

    func invalidate(_ cacheKey: [UInt8]) { invalidated.withLock { $0.append(cacheKey) } }

    var count: Int { asked.withLock { $0.count } }

    func answer(_ index: Int, _ result: Result<AuthAnswer?, Outcome>) {
        asked.withLock { $0[index] }.completion(result)
    }

    func give(_ index: Int, _ token: String, scope: AuthAnswer.CacheScope = .identity, until: UInt64 = 1_000_000) {
        answer(
            index,
            .success(
                AuthAnswer(
                    scope: scope, set: [Header("Authorization", token)], expiresAt: until, cacheKey: Array(token.utf8)))
        )
    }
}

@Suite("Credentials of backends are kept, shared and renewed")
struct CredentialTests {
    /// One broker with a clock that stands, and what its requests got.
    private final class Desk: Sendable {
        let source: ScriptedSource
        let identities = IdentityStore()
        let broker: CredentialBroker
        let time = Time()
        let got = Mutex<[String]>([])

        final class Time: Sendable { let value = Mutex<UInt64>(1_000) }

        init(_ source: ScriptedSource = ScriptedSource(), capacity: Int = 100) {
            self.source = source
            let time = time
            broker = CredentialBroker(
                backend: "weather", type: "token_exchange", source: source, identities: identities, capacity: capacity,
                now: { time.value.withLock { $0 } })
        }

        func identity(_ key: String) -> UInt64 {
            identities.add(
                ServiceIdentity(claims: [], token: [], key: Array(key.utf8)) { _, _, completion in
                    completion(.failure(ServiceOutcome(.notFound)))
                })
        }

        /// Asks; what comes is noted as the value of the credential, `unchanged` or the refusal's message.
        func ask(
            _ identity: UInt64, attempt: UInt32 = 1, refused: String? = nil, purpose: CredentialPurpose = .call,
            lacksScopes: Bool = false
        ) {
            let request = AuthorizableRequest(
                attempt: attempt, purpose: purpose, identity: identity, method: "POST", url: "https://example.com/mcp",
                body: Array("body".utf8), challenge: attempt > 1 ? "Bearer" : "",
                refused: HeaderChanges(set: refused.map { [HTTPField("Authorization", $0)] } ?? []),
                lacksScopes: lacksScopes)
            broker.authorize(request) { [self] answer in
                got.withLock { got in
                    switch answer {
                    case .changes(let changes): got.append(changes.set.first?.value ?? "")
                    case .unchanged: got.append("unchanged")
                    case .refused(let outcome): got.append(outcome.message)
                    }
                }
            }
        }

        var answers: [String] { got.withLock { $0 } }
    }

    @Test("Requests of one identity wait for one answer and share it until 30 seconds before its end")
    func shared() {
        let desk = Desk()
        let alice = desk.identity("alice")
        for _ in 0..<5 { desk.ask(alice) }
        #expect(desk.source.count == 1)
        desk.source.give(0, "t1", until: 100_000)
        #expect(desk.answers == Array(repeating: "t1", count: 5))
        desk.time.value.withLock { $0 = 69_999 }
        desk.ask(alice)
        #expect(desk.source.count == 1)
        desk.time.value.withLock { $0 = 70_000 }
        desk.ask(alice)
        #expect(desk.source.count == 2)
    }

    @Test("An identity never gets what was obtained for another, nor the gateway's own")
    func apart() {
        let desk = Desk()
        let (alice, bob) = (desk.identity("alice"), desk.identity("bob"))
        desk.ask(0)
        desk.source.give(0, "gateway", scope: .backend)
        desk.ask(alice)
        desk.source.give(1, "for alice")
        desk.ask(bob)
        #expect(desk.source.count == 3)
        desk.source.give(2, "for bob")
        desk.ask(0)
        desk.ask(alice)
        desk.ask(bob)
        #expect(desk.source.count == 3)
        #expect(desk.answers == ["gateway", "for alice", "for bob", "gateway", "for alice", "for bob"])
        // Without an identity nobody caused the request.
        #expect(desk.source.asked.withLock { $0.map(\.request.purpose) } == [.probe, .call, .call])
    }

    @Test("What is for the whole backend serves every identity")
    func wholeBackend() {
        let desk = Desk()
        desk.ask(desk.identity("alice"))
        desk.source.give(0, "t", scope: .backend)
        desk.ask(desk.identity("bob"))
        #expect(desk.answers == ["t", "t"])
        #expect(desk.source.count == 1)
    }

    @Test("After a 401 the credential is dropped and obtained again, once for all that got the old one")
    func refused() {
        let desk = Desk()
        let alice = desk.identity("alice")
        desk.ask(alice)
        desk.source.give(0, "old")
        desk.ask(alice, attempt: 2, refused: "old")
        desk.ask(alice, attempt: 2, refused: "old")
        #expect(desk.source.count == 2)
        #expect(desk.source.invalidated.withLock { $0 } == [Array("old".utf8)])
        #expect(desk.source.asked.withLock { $0.last?.request.attempt } == 2)
        desk.source.give(1, "new")
        // Late: the new one is there already.
        desk.ask(alice, attempt: 2, refused: "old")
        #expect(desk.answers == ["old", "new", "new", "new"])
        #expect(desk.source.count == 2)
    }

    @Test("A failure fails all that waited, says which backend and strategy, and is not kept")
    func failure() {
        let desk = Desk()
        let alice = desk.identity("alice")
        desk.ask(alice)
        desk.ask(alice)
        desk.source.answer(
            0, .failure(Outcome(.unavailable, message: "token exchange failed: the token endpoint answered 503")))
        let text =
            "authentication failed for backend weather: token_exchange: token exchange failed: the token endpoint "
            + "answered 503"
        #expect(desk.answers == [text, text])
        desk.ask(alice)
        #expect(desk.source.count == 2)
    }

    @Test("Signatures are asked for each request, those that waited for the first answer too")
    func signatures() {
        let desk = Desk()
        let alice = desk.identity("alice")
        desk.ask(alice)
        desk.ask(alice)
        desk.source.give(0, "s1", scope: .none)
        #expect(desk.source.count == 2)
        desk.source.give(1, "s2", scope: .none)
        desk.ask(alice)
        desk.ask(alice)
        #expect(desk.source.count == 4)
        #expect(desk.answers == ["s1", "s2"])
        #expect(desk.broker.kept == 0)
    }

    @Test("A strategy that signs bodies gets them, others do not", arguments: [true, false])
    func bodies(needsBody: Bool) {
        let desk = Desk(ScriptedSource(needsBody: needsBody))
        desk.ask(desk.identity("alice"))
        #expect(desk.source.asked.withLock { $0[0].request.body } == (needsBody ? Array("body".utf8) : []))
    }

    @Test("Probes go without a credential that needs an identity; a call of a forgotten one is refused")
    func needsIdentity() {
        let desk = Desk(ScriptedSource(needsIdentity: true))
        desk.ask(0)
        desk.ask(desk.identity("alice"), purpose: .probe)
        let gone = desk.identity("gone")
        desk.identities.release(gone)
        desk.ask(gone)
        #expect(desk.source.count == 0)
        #expect(desk.answers.prefix(2) == ["unchanged", "unchanged"])
        #expect(desk.answers.last?.hasSuffix("the identity is not known any more") == true)
    }

    @Test("A backend that does not list without a credential gets none of users, and why is said")
    func withoutUser() {
        let needing = Desk(ScriptedSource(needsIdentity: true))
        needing.ask(0)
        needing.ask(0, attempt: 2)
        let passing = Desk()
        passing.ask(0)
        passing.source.answer(0, .success(nil))
        passing.ask(0, attempt: 2)
        passing.source.answer(1, .success(nil))
        for desk in [needing, passing] {
            #expect(desk.answers.first == "unchanged")
            #expect(desk.answers.last?.contains("this strategy has none but those of users") == true)
            #expect(desk.answers.count == 2)
        }
    }

    @Test("No more credentials are kept than allowed, and what is used stays")
    func bounded() {
        let desk = Desk(capacity: 3)
        let identities = (0..<5).map { desk.identity("\($0)") }
        for (index, identity) in identities.enumerated() {
            desk.ask(identity)
            desk.source.give(index, "t\(index)")
            desk.ask(identities[0])
        }
        #expect(desk.broker.kept == 3)
        #expect(desk.source.count == 5)
        desk.ask(identities[1])
        #expect(desk.source.count == 6)
    }

    @Test("A credential without an end is not kept")
    func endless() {
        let desk = Desk()
        let alice = desk.identity("alice")
        desk.ask(alice)
        desk.source.give(0, "t", until: 0)
        desk.ask(alice)
        #expect(desk.source.count == 2)
    }

    @Test("A credential with more scopes takes the place of the one before, which serves all others until then")
    func moreScopes() {
        let desk = Desk()
        let caller = desk.identity("caller")
        func widen(_ result: Result<AuthAnswer?, Outcome>) -> String? {
            desk.ask(caller, attempt: 2, refused: "narrow", lacksScopes: true)
            desk.source.answer(desk.source.count - 1, result)
            return desk.got.withLock { $0.last }
        }
        desk.ask(caller)
        desk.source.give(0, "narrow")
        // What does not give more leaves everything as it is: the 403 stands.
        #expect(widen(.failure(Outcome(.unauthenticated, message: "no"))) == "unchanged")
        #expect(widen(.success(nil)) == "unchanged")
        desk.ask(caller, attempt: 2, refused: "narrow", lacksScopes: true)
        desk.source.give(3, "narrow")
        #expect(desk.got.withLock { $0.last } == "unchanged")
        // While it is under way, others use what there is.
        desk.ask(caller, attempt: 2, refused: "narrow", lacksScopes: true)
        desk.ask(caller)
        #expect(desk.got.withLock { $0.last } == "narrow" && desk.source.count == 5)
        desk.source.give(4, "wide")
        #expect(desk.got.withLock { $0.last } == "wide")
        desk.ask(caller)
        #expect(desk.got.withLock { $0.last } == "wide" && desk.source.count == 5)
        #expect(desk.source.invalidated.withLock { $0.isEmpty })
    }
}
