extension LadderRow {
    private static let served: JSON = ["2026-07-28", "2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"]
    private static let list = ModernRequest("tools/list")
    private static let echo = ModernRequest.call("one_echo", #"{"text":"x"}"#)
    private static let version = #""io.modelcontextprotocol/protocolVersion":"2026-07-28""#

    private static func header(_ name: String) -> JSON { ["header": .string(name)] }

    /// In the order in which a request is checked, the first failure being the answer; where a row has two faults, the
    /// first must answer.
    static let all = transport + envelope + headers + sentinel + outcomes

    private static let transport = [
        LadderRow(
            "a foreign origin", list.with("Origin", "https://evil.example").with(body: "{"), 403, -32600, id: nil),
        LadderRow("a foreign host", list.with("Host", "evil.example").with(body: "{"), 403, -32600, id: nil),
        LadderRow("a content type that is not JSON", list.with("Content-Type", "text/plain"), 415, -32600, id: .null),
        LadderRow("no event streams accepted", list.with("Accept", "application/json"), 406, -32600, id: .null),
        LadderRow("everything accepted", list.with("Accept", "*/*"), 200),
    ]

    private static let envelope = [
        LadderRow("not JSON", list.with(body: "{"), 400, -32700, id: .null),
        LadderRow("a batch", list.with(body: "[\(list.body)]"), 400, -32600, id: .null),
        LadderRow("a response", list.with(body: #"{"jsonrpc":"2.0","id":7,"result":{}}"#), 400, -32600, id: .null),
        LadderRow("a null id", ModernRequest("tools/list", id: "null"), 400, -32600, id: .null),
        LadderRow("a fraction as id", ModernRequest("tools/list", id: "1.5"), 400, -32600, id: .null),
        LadderRow("an array as id", ModernRequest("tools/list", id: "[1]"), 400, -32600, id: .null),
        LadderRow("a string as id", ModernRequest("tools/list", id: #""7""#), 200, id: "7"),
        LadderRow(
            "a notification, whatever it lacks",
            list.with(body: #"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":7}}"#), 202,
            id: nil),
        LadderRow("no metadata", ModernRequest("tools/list", meta: ""), 400, -32602),
        LadderRow("no capabilities", ModernRequest("tools/list", meta: version), 400, -32602),
        LadderRow(
            "no version in the metadata",
            ModernRequest("tools/list", meta: #""io.modelcontextprotocol/clientCapabilities":{}"#), 400, -32602),
        LadderRow(
            "neither the version header nor capabilities",
            ModernRequest("tools/list", meta: version).with("MCP-Protocol-Version", nil), 400, -32020,
            data: header("MCP-Protocol-Version")),
    ]

    private static let headers =
        [
            LadderRow(
                "no version header", list.with("MCP-Protocol-Version", nil), 400, -32020,
                data: header("MCP-Protocol-Version")),
            LadderRow(
                "the version header twice", list.adding("MCP-Protocol-Version", "2026-07-28"), 400, -32020),
            LadderRow(
                "another version in the header", list.with("MCP-Protocol-Version", "2027-01-01"), 400, -32020,
                data: ["header": "MCP-Protocol-Version", "headerValue": "2027-01-01", "bodyValue": "2026-07-28"]),
            LadderRow("no Mcp-Method", list.with("Mcp-Method", nil), 400, -32020, data: header("Mcp-Method")),
            LadderRow("another Mcp-Method", list.with("Mcp-Method", "tools/call"), 400, -32020),
            LadderRow("Mcp-Method in another case", list.with("Mcp-Method", "Tools/List"), 400, -32020),
            LadderRow("no Mcp-Name", echo.with("Mcp-Name", nil), 400, -32020, data: header("Mcp-Name")),
            LadderRow("another Mcp-Name", echo.with("Mcp-Name", "two_echo"), 400, -32020),
            LadderRow("Mcp-Name twice", echo.adding("Mcp-Name", "one_echo"), 400, -32020),
            LadderRow(
                "a version that is not served",
                ModernRequest("tools/list", meta: ModernRequest.meta(version: "2027-01-01"))
                    .with("MCP-Protocol-Version", "2027-01-01"), 400, -32022,
                data: ["supported": served, "requested": "2027-01-01"]),
            LadderRow(
                "a wrong Mcp-Method and a version that is not served",
                ModernRequest("tools/list", meta: ModernRequest.meta(version: "2027-01-01"))
                    .with("MCP-Protocol-Version", "2027-01-01").with("Mcp-Method", "x"), 400, -32020),
            LadderRow("an unknown method", ModernRequest("tools/paint"), 404, -32601),
            LadderRow(
                "a method that no backend offers",
                ModernRequest("tasks/get", members: #""taskId":"x""#, name: "x"), 404, -32601),
            LadderRow("a session's id, to be ignored", list.with("Mcp-Session-Id", "nobody's"), 200),
        ]
        + ["initialize", "ping", "logging/setLevel", "resources/subscribe", "resources/unsubscribe"].map {
            LadderRow("\($0), which the revision has not", ModernRequest($0), 404, -32601)
        }

    /// `Mcp-Param-Region` for an argument with non-ASCII text, and `Mcp-Name`.
    private static let sentinel: [LadderRow] = {
        let place = ModernRequest.call("one_locate", #"{"region":"Zürich"}"#)
        let plain = ModernRequest.call("one_locate", #"{"region":"Bonn"}"#)
        func row(_ name: String, _ request: ModernRequest, _ value: String?, isFine: Bool) -> LadderRow {
            LadderRow(name, request.with("Mcp-Param-Region", value), isFine ? 200 : 400, isFine ? nil : -32020)
        }
        return [
            row("a plain parameter", plain, "Bonn", isFine: true),
            row("a plain parameter, encoded", plain, "=?base64?Qm9ubg==?=", isFine: true),
            row("an encoded parameter", place, "=?base64?WsO8cmljaA==?=", isFine: true),
            row("no parameter", place, nil, isFine: false),
            row("another parameter", place, "=?base64?Qm9ubg==?=", isFine: false),
            row("a parameter with bad padding", place, "=?base64?WsO8cmljaA=?=", isFine: false),
            row("a parameter of the other alphabet", place, "=?base64?WsO8cmlja_==?=", isFine: false),
            row("the marks in another case", place, "=?BASE64?WsO8cmljaA==?=", isFine: false),
            row("the marks taken literally", plain, "=?base64?Bonn", isFine: false),
            LadderRow("an encoded name", echo.with("Mcp-Name", "=?base64?b25lX2VjaG8=?="), 200),
            LadderRow("a badly encoded name", echo.with("Mcp-Name", "=?base64?b25lX2VjaG8?="), 400, -32020),
        ]
    }()

    private static let outcomes = [
        LadderRow("a call", echo, 200),
        LadderRow(
            "a capability that the call needs and the request does not declare",
            .call("one_permit", #"{"key":"never"}"#), 400,
            -32021, data: ["requiredCapabilities": ["elicitation": ["url": [:]]]]),
        LadderRow(
            "a listen to tasks that does not declare them",
            ModernRequest("subscriptions/listen", members: #""notifications":{"taskIds":["x"]}"#), 400, -32021,
            data: ["requiredCapabilities": ["extensions": ["io.modelcontextprotocol/tasks": [:]]]]),
        LadderRow("a listen without a filter", ModernRequest("subscriptions/listen"), 400, -32602),
        LadderRow("an unknown tool", .call("one_nothing"), 400, -32602),
        LadderRow("a tool without its prefix", .call("echo"), 400, -32602),
        LadderRow(
            "an unknown prompt", ModernRequest("prompts/get", members: #""name":"nope""#, name: "nope"), 400, -32602),
        LadderRow(
            "an unknown resource", ModernRequest("resources/read", members: #""uri":"none://x""#, name: "none://x"),
            400,
            -32602, data: ["uri": "none://x"]),
        LadderRow(
            "a backend's failure whose code the revision does not have",
            ModernRequest("resources/read", members: #""uri":"three://one""#, name: "three://one"), 200, -32603,
            data: ["n": 1]),
        LadderRow("a bad cursor", ModernRequest("tools/list", members: #""cursor":"zzz""#), 400, -32602),
        LadderRow(
            "a bad log level",
            ModernRequest("tools/list", meta: ModernRequest.meta(more: #""io.modelcontextprotocol/logLevel":"loud""#)),
            400,
            -32602),
        LadderRow(
            "a bad requestState",
            ModernRequest(
                "tools/call", members: #""name":"one_echo","arguments":{"text":"x"},"requestState":"forged""#,
                name: "one_echo"), 400, -32602),
    ]
}
