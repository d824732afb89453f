import Gateway
import Testing

@Suite("2026-07-28: arguments that stand in headers")
struct HeaderParameterTests {
    private static func property(_ name: String, _ type: String = "string") -> String {
        #"{"type":"\#(type)","x-mcp-header":"\#(name)"}"#
    }

    private static func schema(_ properties: String, _ more: String = "") -> String {
        #"{"type":"object","properties":{\#(properties)}\#(more)}"#
    }

    private func find(_ schema: String) throws -> [HeaderParameter] {
        HeaderParameter.all(inSchema: try JSONSlice(validating: Array(schema.utf8)))
    }

    @Test("Annotations are found along properties, at any depth")
    func found() throws {
        let inner = Self.schema(#""count":\#(Self.property("Count", "integer"))"#)
        let found = try find(
            Self.schema(#""r":\#(Self.property("Region")),"d":\#(inner),"x-mcp-header":{"type":"string"}"#))
        #expect(
            found == [
                HeaderParameter(name: "Region", path: ["r"]), HeaderParameter(name: "Count", path: ["d", "count"]),
            ])
    }

    @Test(
        "A single invalid annotation takes away all of them",
        arguments: [
            schema(#""a":\#(property("")),"b":\#(property("B"))"#), schema(#""a":\#(property("A b"))"#),
            schema(#""a":\#(property("\u{e9}"))"#), schema(#""a":\#(property("A", "number"))"#),
            schema(#""a":\#(property("A", "object"))"#), schema(#""a":{"x-mcp-header":"A"}"#),
            schema(#""a":{"type":"string","x-mcp-header":1}"#),
            schema(#""a":\#(property("A")),"b":\#(property("a"))"#),
            schema(#""a":{"type":"array","items":\#(property("A"))}"#),
            schema(#""a":\#(property("A"))"#, #","$defs":{"d":\#(property("D"))}"#),
            schema(#""a":\#(property("A"))"#, #","anyOf":[{"properties":{"b":\#(property("B"))}}]"#),
            schema(#""a":\#(property("A"))"#, #","if":{"properties":{"b":\#(property("B"))}}"#),
            schema(#""a":\#(property("A"))"#, #","additionalProperties":\#(property("B"))"#),
            schema("", #","x-mcp-header":"Root""#),
        ])
    func invalid(_ schema: String) throws {
        #expect(try find(schema).isEmpty)
    }

    @Test("The gateway finds them by the name that clients use")
    func byName() async throws {
        let tool = #"{"name":"t","inputSchema":\#(Self.schema(#""r":\#(Self.property("Region"))"#))}"#
        let gateway = TestGateway(["a": MemoryBackend(lists: ["tools/list": "{\"tools\":[\(tool)]}"])])
        await gateway.server.keeper.firstRound()
        for _ in 0..<2 {
            let found = gateway.server.headerParameters(ofTool: "a_t", for: .anonymous)
            #expect(found == [HeaderParameter(name: "Region", path: ["r"])])
        }
        #expect(gateway.server.headerParameters(ofTool: "t", for: .anonymous).isEmpty)
    }
}
