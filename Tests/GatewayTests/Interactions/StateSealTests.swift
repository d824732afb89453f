import Testing

@testable import Gateway

@Suite("Sealed requestState")
struct StateSealTests {
    private static let binding = SealedState.Binding(
        principal: Principal(issuer: "i", subject: "s"), method: "tools/call", params: [1, 2, 3])
    private static let purposes: [SealedState.Purpose] = [
        .parked(instance: [9, 9], call: 7), .relayed(backend: "b", state: Array(#""x\"é""#.utf8)),
        .relayed(backend: "b", state: nil), .again,
    ]

    private func state(_ purpose: SealedState.Purpose = .again) -> SealedState {
        SealedState(purpose: purpose, binding: Self.binding, round: 3, expiry: 1_000)
    }

    /// The text without its quotation marks.
    private func text(_ sealed: [UInt8]) -> String { String(decoding: sealed.dropFirst().dropLast(), as: UTF8.self) }

    @Test("What is sealed comes back as it was, each kind of it", arguments: purposes)
    func roundTrip(purpose: SealedState.Purpose) throws {
        let seal = StateSeal(.made()) { 999 }
        #expect(try seal.open(text(seal.seal(state(purpose))), for: Self.binding) == state(purpose))
    }

    @Test("The text is safe in URLs, shows nothing of what is inside and is never the same")
    func text() {
        let seal = StateSeal(.made()) { 0 }
        let (one, two) = (text(seal.seal(state(Self.purposes[1]))), text(seal.seal(state(Self.purposes[1]))))
        #expect(one != two)
        #expect(one.wholeMatch(of: /[A-Za-z0-9_-]+/) != nil)
    }

    @Test("A change of any character is noticed")
    func tampered() throws {
        let seal = StateSeal(.made()) { 0 }
        let whole = Array(text(seal.seal(state())).utf8)
        for index in whole.indices {
            var changed = whole
            changed[index] = changed[index] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
            #expect(throws: StateSeal.Refusal.unknown) {
                try seal.open(String(decoding: changed, as: UTF8.self), for: Self.binding)
            }
        }
        for broken in ["", "A", "?", text(seal.seal(state())) + "A", String(text(seal.seal(state())).dropLast())] {
            #expect(throws: StateSeal.Refusal.unknown) { try seal.open(broken, for: Self.binding) }
        }
    }

    @Test("Another key opens nothing, the same key in another instance does")
    func keys() throws {
        let key = try StateKey(base64: "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=")
        let text = text(StateSeal(key) { 0 }.seal(state()))
        #expect(try StateSeal(key, time: { 0 }).open(text, for: Self.binding) == state())
        #expect(throws: StateSeal.Refusal.unknown) { try StateSeal(.made(), time: { 0 }).open(text, for: Self.binding) }
    }

    @Test("A state of another caller, method or params, or an expired one, is refused with the reason")
    func bound() throws {
        let seal = StateSeal(.made()) { 999 }
        let text = text(seal.seal(state()))
        let (good, principal) = (Self.binding, Principal(issuer: "is", subject: ""))
        let cases: [(SealedState.Binding, StateSeal.Refusal)] = [
            (.init(principal: principal, method: good.method, params: good.params), .foreign),
            (.init(principal: .anonymous, method: good.method, params: good.params), .foreign),
            (.init(principal: good.principal, method: "prompts/get", params: good.params), .otherMethod),
            (.init(principal: good.principal, method: good.method, params: [1, 2]), .otherParams),
        ]
        for (binding, refusal) in cases {
            #expect(throws: refusal) { try seal.open(text, for: binding) }
        }
        let expired = self.text(
            seal.seal(SealedState(purpose: .again, binding: good, round: 1, expiry: 999)))
        #expect(throws: StateSeal.Refusal.expired) { try seal.open(expired, for: good) }
    }

    @Test(
        "A configured key is 32 bytes in base64, whatever alphabet; an error never shows it",
        arguments: [
            ("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", ""), ("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8", ""),
            ("-_ECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", ""), ("+/ECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", ""),
            ("", "found 0"), ("c2VjcmV0", "found 6"), ("secret!", "not base64"),
            ("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gIA==", "found 34"),
        ])
    func key(_ text: String, _ problem: String) {
        do throws(StateKey.Invalid) {
            _ = try StateKey(base64: text)
            #expect(problem.isEmpty)
        } catch {
            #expect(!problem.isEmpty && error.description.contains(problem), "\(error)")
            #expect(error.description.contains("openssl rand -base64 32"))
            #expect(text.isEmpty || !error.description.contains(text))
        }
    }

    private func digest(_ text: String) throws -> [UInt8] {
        ParamsDigest.of(try JSONSlice(validating: Array(text.utf8)))
    }

    @Test(
        "Order, spacing, spelling of strings, and what a retry changes, do not count",
        arguments: [
            #"{"name":"a","arguments":{"b":[1,{"c":"é"}],"d":null}}"#,
            " { \"arguments\" : { \"d\" :null , \"b\":[ 1 ,\n{\"c\":\"\\u00e9\"} ] } , \"n\\u0061me\":\"a\" } ",
            #"{"_meta":{"x":1},"name":"a","inputResponses":{"q":{}},"arguments":{"d":null,"b":[1,{"c":"é"}]},"requestState":"s"}"#,
        ])
    func same(text: String) throws {
        #expect(try digest(text) == digest(#"{"name":"a","arguments":{"b":[1,{"c":"é"}],"d":null}}"#))
    }

    @Test(
        "Everything else does",
        arguments: [
            #"{"name":"b","arguments":{"b":[1,2]}}"#, #"{"name":"a","arguments":{"b":[2,1]}}"#,
            #"{"name":"a","arguments":{"b":[1.0,2]}}"#, #"{"name":"a","arguments":{"b":["1",2]}}"#,
            #"{"name":"a","arguments":{"b":{"1":2}}}"#, #"{"name":"a","arguments":{"b":[1,2],"_meta":{}}}"#,
            #"{"name":"a","arguments":{"b":[[1],2]}}"#, #"{"name":"a","arguments":{"b":[12]}}"#, #"{"name":"a"}"#,
            #"{"name":"a","arguments":{"b":[1,2]},"x":1}"#, "{}",
        ])
    func different(text: String) throws {
        #expect(try digest(text) != digest(#"{"name":"a","arguments":{"b":[1,2]}}"#))
    }
}
