import Testing

@testable import Gateway

@Suite("Arguments of find_tool and call_tool")
struct ToolArgumentTests {
    private func slice(_ text: String) throws -> JSONSlice { try JSONSlice(validating: Array(text.utf8)) }

    @Test(
        "Names of arguments may differ by case",
        arguments: [
            (#"{"tool_description":"a b","tool_keywords":["x"]}"#, ToolRequest(description: "a b", keywords: ["x"])),
            (
                #"{"Tool_Description":"a b","TOOL_KEYWORDS":["x","y"]}"#,
                ToolRequest(description: "a b", keywords: ["x", "y"])
            ),
            (#"{"TOOL_DESCRIPTION":"no","tool_description":"yes"}"#, ToolRequest(description: "yes")),
            (#"{"tool_description":"a","tool_keywords":null,"other":1}"#, ToolRequest(description: "a")),
        ])
    func find(text: String, expected: ToolRequest) throws {
        #expect(try FindTool.request(try slice(text)) == expected)
    }

    @Test(
        "What cannot be searched for is said",
        arguments: [
            ("{}", "find_tool failed: tool_description is required"),
            (#"{"tool_description":"  "}"#, "find_tool failed: tool_description is required"),
            (#"{"tool_description":1}"#, #"invalid arguments: "tool_description" must be a string, found number"#),
            (
                #"{"tool_description":"a","tool_keywords":"b"}"#,
                #"invalid arguments: "tool_keywords" must be an array of strings, found string"#
            ),
            (
                #"{"tool_description":"a","tool_keywords":["b",{}]}"#,
                #"invalid arguments: "tool_keywords" must be an array of strings, found object in it"#
            ),
            ("[]", "arguments must be object"),
        ])
    func refusedFind(text: String, reason: String) throws {
        let arguments = try slice(text)
        let error = #expect(throws: ToolArguments.Refusal.self) { try FindTool.request(arguments) }
        #expect(error?.text == reason)
    }

    @Test(
        "A name inside the parameters is taken out when there is none at its place",
        arguments: [
            (#"{"tool_name":"x","parameters":{"a":1}}"#, "x", #"{"a":1}"#),
            (#"{"Tool_Name":"x","Parameters":{"a":1}}"#, "x", #"{"a":1}"#),
            (#"{"tool_name":"x"}"#, "x", "{}"), (#"{"tool_name":"x","parameters":null}"#, "x", "{}"),
            (#"{"parameters":{"a":1,"tool_name":"x","b":{"c": 1.0}}}"#, "x", #"{"a":1,"b":{"c": 1.0}}"#),
            (#"{"tool_name":"","parameters":{"tool_name":"x"}}"#, "x", "{}"),
            (#"{"tool_name":"x","parameters":{"tool_name":"y"}}"#, "x", #"{"tool_name":"y"}"#),
        ])
    func call(text: String, tool: String, parameters: String) throws {
        let call = try CallTool(try slice(text))
        #expect(call.tool == tool)
        #expect(String(decoding: call.parameters, as: UTF8.self) == parameters)
    }

    @Test(
        "Without a name the shape is told, with what was found",
        arguments: [
            ("{}", "got parameters keys []"), (#"{"parameters":{"b":1,"a":2}}"#, "got parameters keys [a b]"),
            (#"{"parameters":{"Tool_Name":"x"}}"#, "got parameters keys [Tool_Name]"),
            (#"{"parameters":{"tool_name":1}}"#, "got parameters keys [tool_name]"),
        ])
    func nameless(text: String, end: String) throws {
        let arguments = try slice(text)
        let error = #expect(throws: ToolArguments.Refusal.self) { try CallTool(arguments) }
        let start = """
            call_tool failed: tool_name is required: call_tool expects {"tool_name": "<name from find_tool>", \
            "parameters": {<tool arguments>}}, 
            """
        #expect(error?.text == start + end)
    }

    @Test("Parameters that are no object are refused", arguments: [#""{}""#, "1", "[]", "true"])
    func badParameters(value: String) throws {
        let arguments = try slice(#"{"tool_name":"x","parameters":\#(value)}"#)
        let error = #expect(throws: ToolArguments.Refusal.self) { try CallTool(arguments) }
        #expect(error?.text.hasPrefix(#"invalid arguments: "parameters" must be an object, found"#) == true)
    }
}
