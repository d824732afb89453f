import Gateway
import Testing

@Suite("2026-07-28: discover and lists")
struct DiscoverTests {
    private static func backend(_ capabilities: String) -> MemoryBackend {
        MemoryBackend(
            initializeResult:
                #"{"protocolVersion":"2025-06-18","capabilities":\#(capabilities),"serverInfo":{"name":"m","version":"1"}}"#
        )
    }

    @Test("Discovery names every revision served, what backends offer together, and the gateway itself")
    func discover() async throws {
        let gateway = TestGateway([
            "a": Self.backend(#"{"tools":{}}"#),
            "b": Self.backend(#"{"completions":{},"resources":{"subscribe":true}}"#),
        ])
        let answer = try await gateway.post("server/discover")
        #expect(
            await answer.text()
                == #"{"jsonrpc":"2.0","id":7,"result":{"resultType":"complete","ttlMs":0,"cacheScope":"private","_meta":{\#(TestGateway.serverInfo)},"supportedVersions":["2026-07-28","2025-11-25","2025-06-18","2025-03-26","2024-11-05"],"capabilities":{"completions":{},"resources":{"listChanged":true,"subscribe":true},"tools":{"listChanged":true}}}}"#
        )
        #expect(answer.code == nil)
    }

    @Test(
        "A method is offered when a backend offers what it is about",
        arguments: [
            ("tools/list", true), ("tools/call", true), ("prompts/list", false), ("prompts/get", false),
            ("resources/read", false), ("completion/complete", false), ("server/discover", true),
            ("subscriptions/listen", true), ("ping", false), ("initialize", false), ("logging/setLevel", false),
            ("resources/subscribe", false), ("tasks/get", false),
        ])
    func offers(_ method: String, _ isOffered: Bool) async throws {
        let gateway = TestGateway(["a": Self.backend(#"{"tools":{}}"#)])
        await gateway.server.keeper.firstRound()
        #expect(gateway.server.offers(method, to: .anonymous) == isOffered)
    }

    @Test("While a backend is away, nothing is refused for its absence")
    func unknown() async throws {
        let away = Self.backend(#"{"prompts":{}}"#)
        away.set { $0.startFailure = Outcome(.unavailable, message: "down") }
        let gateway = TestGateway(["a": Self.backend(#"{"tools":{}}"#), "b": away])
        await gateway.server.keeper.firstRound()
        #expect(gateway.server.offers("prompts/list", to: .anonymous))
        let answer = try await gateway.post("prompts/list")
        #expect(await answer.text().contains(#""prompts":[]"#))
    }

    @Test("Pages of the catalogue come stamped, byte for byte otherwise, and cursors lead through all of them")
    func pages() async throws {
        let tools = (0..<1_500).map { #"{"name":"t\#($0)","inputSchema":{"type":"object","default":1.0}}"# }
        let gateway = TestGateway([
            "a": MemoryBackend(lists: ["tools/list": "{\"tools\":[\(tools.joined(separator: ","))]}"])
        ])
        let first = try await gateway.post("tools/list").response()
        #expect(first["result"]?["resultType"]?.string == "complete")
        #expect(first["result"]?["ttlMs"]?.integer == 0)
        #expect(first["result"]?["cacheScope"]?.string == "private")
        #expect(first["result"]?["_meta"]?["io.modelcontextprotocol/serverInfo"]?["name"]?.string == "test")
        let cursor = try #require(first["result"]?["nextCursor"]?.string)
        let second = try await gateway.post("tools/list", "\"cursor\":\"\(cursor)\"").response()
        let all = (first["result"]?["tools"]?.elements ?? []) + (second["result"]?["tools"]?.elements ?? [])
        #expect(Set(all.compactMap { $0["name"]?.string }).count == 1_500)
        #expect(second["result"]?["nextCursor"] == nil)
        #expect(
            all.first?["inputSchema"].map { String(decoding: $0.bytes, as: UTF8.self) }
                == #"{"type":"object","default":1.0}"#)
    }

    @Test(
        "What a client gets wrong has a code, and its id",
        arguments: [
            ("tools/list", #""cursor":"x""#, "", -32602), ("tools/call", #""name":"none""#, "", -32602),
            ("tools/call", #""name":"a_echo","arguments":[]"#, "", -32602), ("tools/call", "", "", -32602),
            ("tools/call", #""name":"a_echo","requestState":"x""#, "", -32602),
            ("prompts/get", #""name":"none""#, "", -32602), ("completion/complete", #""ref":{"type":"x"}"#, "", -32602),
            ("tools/list", "", #","io.modelcontextprotocol/logLevel":"loud""#, -32602),
            ("tools/list", "", #","io.modelcontextprotocol/logLevel":1"#, -32602), ("ping", "", "", -32601),
            ("subscriptions/listen", "", "", -32602), ("subscriptions/listen", #""notifications":[]"#, "", -32602),
            ("subscriptions/listen", #""notifications":{"toolsListChanged":1}"#, "", -32602),
            ("subscriptions/listen", #""notifications":{"resourceSubscriptions":[1]}"#, "", -32602),
            ("subscriptions/listen", #""notifications":{"taskIds":["t"]}"#, "", -32021),
        ])
    func faults(_ method: String, _ members: String, _ meta: String, _ code: Int) async throws {
        let gateway = TestGateway(["a": MemoryBackend()])
        let answer = try await gateway.post(method, members, id: #""q""#, meta: meta)
        let response = try await answer.response()
        #expect(response["error"]?["code"]?.integer == code)
        #expect(answer.code == code)
        #expect(response["id"]?.string == "q")
    }

    @Test("An unknown resource is named in the error")
    func unknownResource() async throws {
        let gateway = TestGateway(["a": MemoryBackend()])
        let answer = try await gateway.post("resources/read", #""uri":"mem://none""#)
        #expect(
            await answer.text()
                == #"{"jsonrpc":"2.0","id":7,"error":{"code":-32602,"message":"Resource not found","data":{"uri":"mem://none"}}}"#
        )
    }
}
