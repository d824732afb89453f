import Gateway
import Testing

@Suite("JSON-RPC messages")
struct JSONRPCMessageTests {
    private func text(_ slice: JSONSlice?) -> String? { slice.map { String(decoding: $0.bytes, as: UTF8.self) } }

    @Test(
        "Ids keep their JSON type and their bytes",
        arguments: ["1", "\"1\"", "-7", "1.0", "12345678901234567890", "\"\"", #""\u0031""#, "0", "1e2"])
    func ids(id: String) throws {
        let request = try JSONRPCMessage(Array("{\"jsonrpc\":\"2.0\",\"id\": \(id) ,\"method\":\"ping\"}".utf8))
        #expect(request.kind == .request)
        #expect(text(request.id) == id)
        let response = try JSONRPCMessage(Array("{\"jsonrpc\":\"2.0\",\"id\": \(id) ,\"result\":{}}".utf8))
        #expect(response.kind == .response)
        #expect(text(response.id) == id)
    }

    @Test("The parts are found in any order and kept as they came")
    func parts() throws {
        let message = try JSONRPCMessage(
            Array(
                #" {"params": { "n" : 1.0 },"x":{"method":"no"},"meth\u006fd":"tools\/call","id":3,"jsonrpc":"2.0"} "#
                    .utf8))
        #expect(message.kind == .request)
        #expect(message.method == "tools/call")
        #expect(text(message.params) == #"{ "n" : 1.0 }"#)
        #expect((message.result == nil, message.error == nil) == (true, true))
    }

    @Test("A message without an id is a notification; one without a method is a response")
    func kinds() throws {
        let notification = try JSONRPCMessage(Array(#"{"jsonrpc":"2.0","method":"notifications/x"}"#.utf8))
        #expect(notification.kind == .notification)
        #expect(notification.id == nil)
        #expect(notification.params == nil)
        let error = try JSONRPCMessage(Array(#"{"jsonrpc":"2.0","id":null,"error":{"code":-1}}"#.utf8))
        #expect(error.kind == .response)
        #expect(error.method.isEmpty)
        #expect(error.id == nil)
        #expect(text(error.error) == #"{"code":-1}"#)
        let null = try JSONRPCMessage(Array(#"{"jsonrpc":"2.0","id":1,"result":null}"#.utf8))
        #expect(text(null.result) == "null")
    }

    @Test(
        "What is not a message is refused with the code of JSON-RPC 2.0, section 5.1, and its id if it has one",
        arguments: [
            ("", -32700, nil), ("{", -32700, nil), (#"{"jsonrpc":"2.0","id":1,"method":"p"}x"#, -32700, nil),
            ("1", -32600, nil), ("null", -32600, nil), ("\"x\"", -32600, nil), ("[]", -32600, nil), ("{}", -32600, nil),
            (#"{"id":1,"method":"p"}"#, -32600, "1"), (#"{"jsonrpc":"1.0","id":"a","method":"p"}"#, -32600, "\"a\""),
            (#"{"jsonrpc":2.0,"id":1,"method":"p"}"#, -32600, "1"), (#"{"jsonrpc":"2.0","id":1}"#, -32600, "1"),
            (#"{"jsonrpc":"2.0","id":1,"method":7}"#, -32600, "1"),
            (#"{"jsonrpc":"2.0","id":1,"method":"p","method":"q"}"#, -32600, "1"),
            (#"{"jsonrpc":"2.0","id":1,"method":"p","params":{},"p\u0061rams":{}}"#, -32600, "1"),
            (#"{"jsonrpc":"2.0","id":1,"result":1,"result":2}"#, -32600, "1"),
            (#"{"jsonrpc":"2.0","id":null,"method":"p"}"#, -32600, nil),
            (#"{"jsonrpc":"2.0","id":true,"method":"p"}"#, -32600, nil),
            (#"{"jsonrpc":"2.0","id":{},"method":"p"}"#, -32600, nil),
            (#"{"jsonrpc":"2.0","result":{}}"#, -32600, nil),
            (#"{"jsonrpc":"2.0","id":[1],"result":{}}"#, -32600, nil),
            (#"{"jsonrpc":"2.0","id":1,"method":"p","params":[1]}"#, -32602, "1"),
            (#"{"jsonrpc":"2.0","id":1,"method":"p","params":"x"}"#, -32602, "1"),
        ])
    func refused(message: String, code: Int, id: String?) {
        let error = #expect(throws: JSONRPCMessage.Malformed.self) { try JSONRPCMessage(Array(message.utf8)) }
        #expect(error?.code == code)
        #expect(error?.id.map { String(decoding: $0, as: UTF8.self) } == id)
    }

    @Test("A batch is an array; its elements succeed and fail one by one")
    func batches() throws {
        #expect(try JSONRPCMessage.batch(Array(#" {"jsonrpc":"2.0"}"#.utf8)) == nil)
        let batch = try #require(
            try JSONRPCMessage.batch(
                Array(#"\#n [{"jsonrpc":"2.0","id":1,"method":"a"}, 7 ,[], {"jsonrpc":"2.0","method":"b"}]"#.utf8)))
        let methods = batch.map { element in
            switch element {
            case .success(let message): message.method
            case .failure(let error): "\(error.code)"
            }
        }
        #expect(methods == ["a", "-32600", "-32600", "b"])
    }

    @Test("A batch that is no JSON or empty is refused", arguments: [("[", -32700), ("[]", -32600), ("[1,]", -32700)])
    func badBatches(text: String, code: Int) {
        let error = #expect(throws: JSONRPCMessage.Malformed.self) { try JSONRPCMessage.batch(Array(text.utf8)) }
        #expect(error?.code == code)
    }

    @Test("What is written is read back the same")
    func written() throws {
        let id = Array("\"7\"".utf8)
        let result = try JSONRPCMessage(JSONRPCWriter.result(id: id, Array("{\"n\":1.0}".utf8)))
        #expect((result.kind, text(result.id), text(result.result)) == (.response, "\"7\"", "{\"n\":1.0}"))
        let error = try JSONRPCMessage(
            JSONRPCWriter.error(id: id, code: -32602, message: "say \"no\"\n", data: Array("[1]".utf8)))
        #expect(error.error?["code"]?.integer == -32602)
        #expect(error.error?["message"]?.string == "say \"no\"\n")
        #expect(text(error.error?["data"]) == "[1]")
        let noId = try JSONRPCMessage(JSONRPCWriter.error(id: nil, code: -32700, message: ""))
        #expect((noId.kind, noId.id == nil, noId.error?["data"] == nil) == (.response, true, true))
        let raw = try JSONRPCMessage(JSONRPCWriter.error(id: id, raw: Array("{\"code\":1,\"x\":1.0}".utf8)))
        #expect(text(raw.error) == "{\"code\":1,\"x\":1.0}")
        let request = try JSONRPCMessage(JSONRPCWriter.request(id: id, method: "a\"b", params: Array("{}".utf8)))
        #expect((request.kind, request.method, text(request.params)) == (.request, "a\"b", "{}"))
        let bare = try JSONRPCMessage(JSONRPCWriter.request(id: Array("1".utf8), method: "p", params: nil))
        #expect(bare.params == nil)
        let notification = try JSONRPCMessage(JSONRPCWriter.notification(method: "n", params: nil))
        #expect(notification.kind == .notification)
    }
}
