import Gateway
import Testing

@testable import HostHTTP

@Suite("2026-07-28: headers", .timeLimit(.minutes(2)))
struct ModernHeaderTests {
    struct Named: Sendable, CustomTestStringConvertible {
        let testDescription: String
        /// As JSON text.
        let name: String
        let headers: [String]
        let isFine: Bool

        init(_ description: String, _ name: String, _ headers: String..., isFine: Bool) {
            (testDescription, self.name, self.headers, self.isFine) = (description, name, headers, isFine)
        }
    }

    static let names: [Named] = [
        .init("literal", #""echo""#, "echo", isFine: true),
        .init("white space around it", #""echo""#, "  echo\t", isFine: true),
        .init("absent", #""echo""#, isFine: false),
        .init("absent in header and body", "1", isFine: false),
        .init("twice", #""echo""#, "echo", "echo", isFine: false),
        .init("another", #""echo""#, "other", isFine: false),
        .init("another case", #""echo""#, "Echo", isFine: false),
        .init("encoded without need", #""echo""#, "=?base64?ZWNobw==?=", isFine: true),
        .init("non-ASCII", #""ech\u00f6""#, "=?base64?ZWNow7Y=?=", isFine: true),
        .init("a value that looks like the sentinel", #""=?base64?x?=""#, "=?base64?PT9iYXNlNjQ/eD89?=", isFine: true),
        .init("such a value literally", #""=?base64?x?=""#, "=?base64?x?=", isFine: false),
        .init("white space kept by encoding", #"" a ""#, "=?base64?IGEg?=", isFine: true),
        .init("marks in another case are literal", #""=?BASE64?ZWNobw==?=""#, "=?BASE64?ZWNobw==?=", isFine: true),
        .init("and decode to nothing", #""echo""#, "=?BASE64?ZWNobw==?=", isFine: false),
        .init("without the end mark", #""=?base64?ZWNobw==""#, "=?base64?ZWNobw==", isFine: true),
        .init("bad padding", #""echo""#, "=?base64?ZWNobw=?=", isFine: false),
        .init("no padding", #""echo""#, "=?base64?ZWNobw?=", isFine: false),
        .init("URL alphabet", #""ech~?~""#, "=?base64?ZWNofj9-?=", isFine: false),
        .init("standard alphabet", #""ech~?~""#, "=?base64?ZWNofj9+?=", isFine: true),
        .init("padding in the middle", #""echo""#, "=?base64?ZW==bw==?=", isFine: false),
        .init("not UTF-8", #""\ufffd""#, "=?base64?/w==?=", isFine: false),
        .init("equal, but in other bytes", #""e\u0301""#, "=?base64?w6k=?=", isFine: false),
        .init("nothing", #""""#, "=?base64??=", isFine: true),
    ]

    @Test("Mcp-Name must mean what the body says", arguments: names)
    func name(_ row: Named) async throws {
        try await TestServer.run { server in
            for (method, member) in [("tools/call", "name"), ("prompts/get", "name"), ("resources/read", "uri")] {
                var request = Request.modern(method, members: "\"\(member)\":\(row.name)")
                for header in row.headers { request = request.adding("Mcp-Name", header) }
                let response = try await server.answer(to: request)
                #expect(response.status == (row.isFine ? 200 : 400), "\(response.body)")
                if !row.isFine { #expect(response.body.contains("-32020")) }
            }
        }
    }

    struct Parameter: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let arguments: String
        let headers: [(String, String)]
        let isFine: Bool

        init(_ description: String, _ arguments: String, _ headers: (String, String)..., isFine: Bool) {
            (testDescription, self.arguments, self.headers, self.isFine) = (description, arguments, headers, isFine)
        }
    }

    static let parameters: [Parameter] = [
        .init("none at all", "{}", isFine: true),
        .init("a null counts as none", #"{"region":null}"#, isFine: true),
        .init("null against a header", #"{"region":null}"#, ("Mcp-Param-Region", "x"), isFine: false),
        .init("equal", #"{"region":"eu"}"#, ("mcp-param-region", "eu"), isFine: true),
        .init("different", #"{"region":"eu"}"#, ("Mcp-Param-Region", "us"), isFine: false),
        .init("encoded", #"{"region":"\u00fc"}"#, ("Mcp-Param-Region", "=?base64?w7w=?="), isFine: true),
        .init("badly encoded", #"{"region":"\u00fc"}"#, ("Mcp-Param-Region", "=?base64?w7w?="), isFine: false),
        .init("only in the body", #"{"region":"eu"}"#, isFine: false),
        .init("only in the header", "{}", ("Mcp-Param-Region", "eu"), isFine: false),
        .init(
            "twice", #"{"region":"eu"}"#, ("Mcp-Param-Region", "eu"), ("Mcp-Param-Region", "eu"), isFine: false),
        .init("an integer", #"{"deep":{"count":42}}"#, ("Mcp-Param-Count", "42"), isFine: true),
        .init("by its value", #"{"deep":{"count":42}}"#, ("Mcp-Param-Count", "42.0"), isFine: true),
        .init("by its value, in the body", #"{"deep":{"count":4.2e1}}"#, ("Mcp-Param-Count", "42"), isFine: true),
        .init("another integer", #"{"deep":{"count":42}}"#, ("Mcp-Param-Count", "43"), isFine: false),
        .init(
            "the largest", #"{"deep":{"count":9007199254740991}}"#, ("Mcp-Param-Count", "9007199254740991"),
            isFine: true),
        .init(
            "too large", #"{"deep":{"count":9007199254740993}}"#, ("Mcp-Param-Count", "9007199254740993"),
            isFine: false),
        .init("not a number", #"{"deep":{"count":42}}"#, ("Mcp-Param-Count", "forty"), isFine: false),
        .init("a boolean", #"{"dry":true}"#, ("Mcp-Param-Dry-Run", "true"), isFine: true),
        .init("a boolean in another case", #"{"dry":true}"#, ("Mcp-Param-Dry-Run", "True"), isFine: false),
        .init("an object", #"{"region":{}}"#, ("Mcp-Param-Region", "{}"), isFine: false),
        .init("an unknown parameter is ignored", "{}", ("Mcp-Param-Other", "x"), isFine: true),
    ]

    @Test("Mcp-Param headers and arguments are there together and equal", arguments: parameters)
    func parameter(_ row: Parameter) async throws {
        try await TestServer.run { server in
            var request = Request.tool("annotated", arguments: row.arguments)
            for (name, value) in row.headers { request = request.adding(name, value) }
            let response = try await server.answer(to: request)
            #expect(response.status == (row.isFine ? 200 : 400), "\(response.body)")
            if !row.isFine { #expect(response.body.contains("-32020")) }
        }
    }

    @Test("Tools without annotations ignore Mcp-Param headers")
    func noAnnotation() async throws {
        try await TestServer.run { server in
            let request = Request.tool("plain", arguments: #"{"region":"eu"}"#).with("Mcp-Param-Region", "us")
            let response = try await server.answer(to: request)
            #expect(response.status == 200)
        }
    }

    @Test(
        "Whole numbers are compared by value",
        arguments: [
            ("0", 0), ("-0", 0), ("0e99999999999999999999", 0), ("1.0", 1), ("10e-1", 1), ("-1.50e2", -150),
            ("9007199254740991", 9_007_199_254_740_991), ("9007199254740992", nil), ("1.5", nil), ("1e400", nil),
            ("1e-9223372036854775808", nil), ("01", nil), ("+1", nil), ("", nil), (" 1", nil), ("\"1\"", nil),
        ] as [(String, Int?)])
    func wholeNumber(_ text: String, _ value: Int?) {
        #expect(WholeNumber(Array(text.utf8))?.value == value)
    }
}
