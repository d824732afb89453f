import Testing

@testable import Gateway

@Suite("Lists of backends of 2026-07-28", .timeLimit(.minutes(2)))
struct ModernListTests {
    private func backend(
        _ tools: String, hint: String = #""ttlMs":60000,"cacheScope":"public""#, tells: Bool = true
    ) -> MemoryBackend {
        MemoryBackend(
            traits: [.hasHeaders],
            discoverResult: #"{"supportedVersions":["2026-07-28"],"capabilities":{"tools":{"listChanged":\#(tells)}}}"#,
            lists: ["tools/list": #"{"resultType":"complete",\#(hint),"tools":[\#(tools)]}"#])
    }

    private func hints(_ gateway: TestGateway) async throws -> String {
        let result = try await gateway.post("tools/list").response()["result"]
        return "\(result?["ttlMs"]?.integer ?? -1) \(result?["cacheScope"]?.string ?? "")"
    }

    @Test("What several backends say of caching becomes the shortest time and the closest circle")
    func merged() async throws {
        #expect(try await hints(TestGateway(["a": backend(#"{"name":"t"}"#)])) == "60000 public")
        let hint = #""ttlMs":5000,"cacheScope":"private""#
        #expect(
            try await hints(TestGateway(["a": backend(#"{"name":"t"}"#), "b": backend(#"{"name":"u"}"#, hint: hint)]))
                == "5000 private")
        #expect(
            try await hints(TestGateway(["a": backend(#"{"name":"t"}"#), "b": MemoryBackend()])) == "0 private")
        let odd = #""ttlMs":-1,"cacheScope":"everybody""#
        #expect(try await hints(TestGateway(["a": backend(#"{"name":"t"}"#, hint: odd)])) == "0 private")
    }

    @Test("A list whose changes nobody tells of grows old, and is read again when it ends")
    func reread() async throws {
        let backend = backend(#"{"name":"t"}"#, tells: false)
        let gateway = TestGateway(["a": backend])
        #expect(try await hints(gateway) == "60000 public")
        // Up to a tenth longer, by chance.
        await gateway.clock.until { $0.contains { (60_000...66_000).contains($0) } }
        gateway.clock.advance(by: 50_000)
        #expect(try await hints(gateway) == "10000 public")
        gateway.clock.advance(by: 20_000)
        await backend.until { state in state.received.filter { $0.method == "tools/list" }.count == 2 }
    }

    @Test("A tool with an x-mcp-header that is not valid is left out with a warning that names it, the others stay")
    func invalidHeader() async throws {
        let bad = #"{"name":"bad","inputSchema":{"properties":{"n":{"type":"number","x-mcp-header":"N"}}}}"#
        let gateway = TestGateway(["a": backend(#"\#(bad),{"name":"good"}"#)])
        _ = try await gateway.session()
        let snapshot = gateway.server.keeper.snapshot
        #expect(snapshot.catalog.tools.map(\.name) == ["a_good"])
        #expect(
            snapshot.report.warnings.contains {
                $0.originalName == "bad" && $0.description.contains("x-mcp-header that is not valid")
            })
    }

    @Test("Clients of earlier revisions get no output schema of something that is no object")
    func outputSchema() async throws {
        let list = #"{"name":"l","outputSchema":{"type":"array"},"title":"L"}"#
        let object = #"{"name":"o","outputSchema":{"type":"object"}}"#
        let gateway = TestGateway(["a": backend(#"\#(list),\#(object)"#)])
        let older = try await gateway.session().ask(#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#)
        #expect(
            await older.response()
                == #"{"jsonrpc":"2.0","id":1,"result":{"tools":[{"name":"a_l","title":"L"},{"name":"a_o","outputSchema":{"type":"object"}}]}}"#
        )
        #expect(try await gateway.post("tools/list").text().contains(#""outputSchema":{"type":"array"}"#))
    }

    @Test(
        "A header gets a value as it is, or in the sentinel",
        arguments: [
            ("plain", "plain"), ("a b", "a b"), ("", ""), (" a", "=?base64?IGE=?="), ("a ", "=?base64?YSA=?="),
            ("é", "=?base64?w6k=?="), ("a\nb", "=?base64?YQpi?="),
            ("=?base64?YQ==?=", "=?base64?PT9iYXNlNjQ/WVE9PT89?="),
            ("=?base64?x", "=?base64?x"),
        ])
    func sentinel(_ value: String, _ header: String) {
        #expect(HeaderSentinel.encode(value) == header)
        #expect(HeaderSentinel.decode(header) == value)
    }

    @Test(
        "What stands between the marks of a sentinel must be padded base64 of UTF-8",
        arguments: [
            "YQ", "YQ=", "YQ===", "Y===", "YQ=a", "Y=Q=", "====", "YQ-_", "YR==", "Y", "/w==", " YQ==", "YQ==YQ==",
        ])
    func badSentinel(_ inside: String) { #expect(HeaderSentinel.decode("=?base64?\(inside)?=") == nil) }
}
