import Testing

@testable import Gateway

@Suite("What clients can be asked")
struct InputRequestTests {
    private func json(_ text: String) throws -> JSONSlice { try JSONSlice(validating: Array(text.utf8)) }

    @Test(
        "Capabilities are a set: equal ones are declared with equal bytes",
        arguments: [
            ("{}", "{}"), (#"{"elicitation":{}}"#, #"{"elicitation":{"form":{}}}"#),
            (#"{"elicitation":{"url":{}}}"#, #"{"elicitation":{"url":{}}}"#),
            (#"{"elicitation":{"url":{},"form":{"x":1}}}"#, #"{"elicitation":{"form":{},"url":{}}}"#),
            (
                #"{"roots":{"listChanged":true},"sampling":{"context":{},"tools":{}}}"#,
                #"{"sampling":{"tools":{},"context":{}},"roots":{}}"#
            ), (#"{"sampling":true,"extensions":{"a/b":{}}}"#, "{}"),
            (#"{"sampling":{"tools":1}}"#, #"{"sampling":{}}"#),
        ])
    func capabilities(_ declared: String, _ canonical: String) throws {
        #expect(String(decoding: InteractionSet(try json(declared)).json, as: UTF8.self) == canonical)
    }

    private static let everything: InteractionSet = [.form, .url, .sampling, .samplingTools, .samplingContext, .roots]

    struct Case: Sendable {
        let method: String, params: String
        let needs: InteractionSet, declared: InteractionSet
        let code: Int
        init(_ method: String, _ params: String, _ needs: InteractionSet, _ declared: InteractionSet, _ code: Int) {
            (self.method, self.params, self.needs, self.declared, self.code) = (method, params, needs, declared, code)
        }
    }

    static let cases: [Case] = [
        Case("elicitation/create", #"{"message":"m"}"#, .form, [], -32601),
        Case("elicitation/create", #"{"mode":"form"}"#, .form, [.url, .sampling], -32602),
        Case("elicitation/create", #"{"mode":"url"}"#, .url, [.form], -32602),
        Case("sampling/createMessage", "{}", .sampling, [.form, .roots], -32601),
        Case("sampling/createMessage", #"{"tools":[]}"#, [.sampling, .samplingTools], .sampling, -32602),
        Case("sampling/createMessage", #"{"toolChoice":{}}"#, [.sampling, .samplingTools], .sampling, -32602),
        Case(
            "sampling/createMessage", #"{"includeContext":"thisServer"}"#, [.sampling, .samplingContext], .sampling,
            -32602),
        Case("sampling/createMessage", #"{"includeContext":"none"}"#, .sampling, [], -32601),
        Case("roots/list", "{}", .roots, .sampling, -32601),
    ]

    @Test("A request needs what it uses, and is refused for exactly that", arguments: cases)
    func needs(_ test: Case) throws {
        let request = try #require(InputRequest(method: test.method, params: try json(test.params)))
        #expect(request.needs == test.needs)
        #expect(request.refusal(declared: Self.everything) == nil)
        let refusal = try #require(request.refusal(declared: test.declared))
        #expect(refusal.missing == test.needs.subtracting(test.declared) && refusal.code == test.code)
    }

    @Test("Unknown methods and modes are no requests", arguments: ["tools/call", "elicitation/create"])
    func unknown(method: String) throws {
        #expect(InputRequest(method: method, params: try json(#"{"mode":"carrier pigeon"}"#)) == nil)
    }

    @Test("A request goes on without what belongs to its hop, every other byte as it came")
    func cleaned() throws {
        let params =
            #"{"message":"é\u00e9","elicitationId":"e","mode":"url","url":"u","_meta":{"progressToken":1,"io.modelcontextprotocol/related-task":{},"k":1.0},"task":{},"n":9007199254740993}"#
        let request = try #require(InputRequest(method: "elicitation/create", params: try json(params)))
        #expect(
            String(decoding: request.json, as: UTF8.self)
                == #"{"method":"elicitation/create","params":{"message":"é\u00e9","mode":"url","url":"u","_meta":{"k":1.0},"n":9007199254740993}}"#
        )
        let bare = try #require(InputRequest(method: "roots/list", params: try json(#"{"_meta":{"progressToken":1}}"#)))
        #expect(String(decoding: bare.json, as: UTF8.self) == #"{"method":"roots/list","params":{}}"#)
    }

    @Test(
        "The members of a retry are taken out wherever they stand, and put in",
        arguments: [
            (#"{"name":"a"}"#, #"{"name":"a"}"#), (#"{"requestState":"s","name":"a"}"#, #"{"name":"a"}"#),
            (#"{"name":"a","requestState":"s"}"#, #"{"name":"a"}"#),
            (#"{"inputResponses":{},"name":"a","requestState":"s"}"#, #"{"name":"a"}"#),
            (#"{"inputResponses":{},"requestState":"s","name":"a"}"#, #"{"name":"a"}"#),
            (#"{"name":"a" , "inputResponses":{},"requestState":"s"}"#, #"{"name":"a"}"#),
            (#"{"requestState":"s"}"#, "{}"), ("{}", "{}"),
        ])
    func retryMembers(_ params: String, _ bare: String) throws {
        let slice = try json(params)
        var splice = JSONSplice()
        RetryParams.remove([RetryParams.responses, RetryParams.state], from: slice, into: &splice)
        #expect(String(decoding: splice.apply(to: slice), as: UTF8.self) == bare)
        guard bare != "{}" else { return }
        splice = JSONSplice()
        RetryParams.put(responses: Array("{}".utf8), state: Array(#""t""#.utf8), into: slice, &splice)
        #expect(
            String(decoding: splice.apply(to: slice), as: UTF8.self)
                == #"{"inputResponses":{},"requestState":"t",\#(bare.dropFirst())"#)
    }
}
