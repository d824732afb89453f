import Gateway
import Testing

/// Values that a parser and writer in between would not give back as they came.
private let delicate =
    #"{"big":9007199254740993,"huge":1e400,"point":1.0,"zero":-0.0,"digits":0.1000000000000000055511151231257827,"#
    + #""escaped":"\u00e9\ud83d\ude00\/","empty":null,"z":1,"a":{"x/y":[],"future":{"b":2,"a":1}}, "spaced" : [ 1 , 2 ]}"#

@Suite("What passes unchanged", .timeLimit(.minutes(2)))
struct FidelityTests {
    @Test(
        "A result travels as it is",
        arguments: [
            #"{"content":[{"type":"text","text":"x","annotations":{"audience":["user"],"priority":1.0,"new":1e400}}]}"#,
            #"{"content":[{"type":"image","data":"AA==","mimeType":"image/png"},{"type":"audio","data":"","mimeType":"a/b"}]}"#,
            #"{"content":[{"type":"resource_link","uri":"mem://a","name":"a","size":9007199254740993,"icons":[{"src":"data:,"}]}]}"#,
            #"{"content":[{"type":"resource","resource":{"uri":"mem://a","text":"x","_meta":{"k":1.0}},"_meta":{"v/w":null}}]}"#,
            #"{"content":[{"type":"of the future","x":1}],"isError":true,"more":{}}"#,
            #"{"content":[],"structuredContent":\#(delicate),"_meta":{"io.example/x":\#(delicate)}}"#,
        ])
    func results(result: String) async throws {
        let backend = MemoryBackend()
        let session = try await TestGateway(["b": backend]).session()
        let stream = try session.ask(
            #"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"b_echo"}}"#)
        backend.answer(await backend.next("tools/call"), result: result)
        #expect(await stream.response() == #"{"jsonrpc":"2.0","id":1,"result":\#(result)}"#)
    }

    @Test("A tool's schemas travel as they are, whatever their dialect, and nothing is fetched for them")
    func schemas() async throws {
        let schema = #"{"$schema":"https://example.com/own","$ref":"https://example.com/s","type":"object","x":1.0}"#
        let backend = MemoryBackend(
            lists: ["tools/list": #"{"tools":[{"name":"echo","inputSchema":\#(schema),"outputSchema":\#(schema)}]}"#])
        let gateway = TestGateway(["b": backend])
        let session = try await gateway.session()
        let listed = try session.ask(#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#)
        let schemas = #""inputSchema":\#(schema),"outputSchema":\#(schema)"#
        #expect(await listed.response()?.contains(schemas) == true)
        #expect(try await gateway.post("tools/list").text().contains(schemas))
        let call = try session.ask(#"{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"b_echo"}}"#)
        backend.answer(await backend.next("tools/call"), result: #"{"content":[]}"#)
        #expect(await call.response() == #"{"jsonrpc":"2.0","id":2,"result":{"content":[]}}"#)
    }

    @Test("An error's code, message and data travel as they are")
    func errors() async throws {
        let backend = MemoryBackend()
        let session = try await TestGateway(["b": backend]).session()
        let stream = try session.ask(
            #"{"jsonrpc":"2.0","id":"e","method":"tools/call","params":{"name":"b_echo"}}"#)
        let waiting = await backend.next("tools/call")
        let error = #"{"code":-31999,"message":"\u00e9","data":\#(delicate),"more":1.0}"#
        backend.push(
            waiting, #"{"jsonrpc":"2.0","id":\#(String(decoding: waiting.id, as: UTF8.self)),"error":\#(error)}"#)
        #expect(await stream.response() == #"{"jsonrpc":"2.0","id":"e","error":\#(error)}"#)
    }

    @Test("Arguments and the client's _meta travel as they are; the progress token alone is replaced")
    func arguments() async throws {
        let backend = MemoryBackend()
        let session = try await TestGateway(["b": backend]).session()
        let rest = #""arguments":\#(delicate),"more":\#(delicate)"#
        _ = try session.ask(
            #"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"b_echo",\#(rest),"_meta":{"io.example/x":\#(delicate),"progressToken":9007199254740993}}}"#
        )
        let waiting = await backend.next("tools/call")
        let sent = String(decoding: waiting.message.json.bytes, as: UTF8.self)
        let id = String(decoding: waiting.id, as: UTF8.self)
        #expect(
            sent
                == #"{"jsonrpc":"2.0","id":\#(id),"method":"tools/call","params":{"name":"echo",\#(rest),"_meta":{"io.example/x":\#(delicate),"progressToken":\#(id)}}}"#
        )
    }

    @Test(
        "Ids and tokens come back in the type and spelling they were sent in",
        arguments: ["1", #""1""#, "9007199254740993", "-7", #""\u0041""#, #""""#])
    func spelling(text: String) async throws {
        let backend = MemoryBackend()
        let session = try await TestGateway(["b": backend]).session()
        let stream = try session.ask(
            #"{"jsonrpc":"2.0","id":\#(text),"method":"tools/call","params":{"name":"b_echo","_meta":{"progressToken":\#(text)}}}"#
        )
        let waiting = await backend.next("tools/call")
        let token = String(decoding: waiting.id, as: UTF8.self)
        let progress = #""progress":1.0,"total":1e400,"message":"\u00e9","more":9007199254740993"#
        backend.say(
            #"{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":\#(token),\#(progress)}}"#,
            session: waiting.session)
        backend.answer(waiting, result: "{}")
        #expect(await stream.response() == #"{"jsonrpc":"2.0","id":\#(text),"result":{}}"#)
        #expect(
            stream.sent == [
                #"{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":\#(text),\#(progress)}}"#
            ])
    }

    @Test("What a list says of an item travels as it is, but for the name")
    func lists() async throws {
        let members = #""title":"T","icons":[{"src":"data:,","sizes":["1x1"]}],"_meta":{"k":1.0},"more":\#(delicate)"#
        let tool =
            #"\#(members),"description":"d","inputSchema":{"type":"object","$defs":{"a":{"$ref":"x.json"}},"maximum":1e400},"annotations":{"x":9007199254740993}"#
        let backend = MemoryBackend(lists: [
            "tools/list": #"{"tools":[{"name":"t",\#(tool)}],"_meta":{}}"#,
            "resources/list": #"{"resources":[{"uri":"mem://a","name":"a","size":1.0,\#(members)}]}"#,
            "resources/templates/list":
                #"{"resourceTemplates":[{"uriTemplate":"mem://{x}","name":"x",\#(members)}]}"#,
            "prompts/list":
                #"{"prompts":[{"name":"p","arguments":[{"name":"q","required":true,"z":1.0}],\#(members)}]}"#,
        ])
        let session = try await TestGateway(["b": backend]).session()
        func page(_ method: String) async throws -> String? {
            try await session.ask(#"{"jsonrpc":"2.0","id":1,"method":"\#(method)"}"#).response()
        }
        #expect(
            try await page("tools/list")
                == #"{"jsonrpc":"2.0","id":1,"result":{"tools":[{"name":"b_t",\#(tool)}]}}"#)
        #expect(
            try await page("resources/list")
                == #"{"jsonrpc":"2.0","id":1,"result":{"resources":[{"uri":"mem://a","name":"a","size":1.0,\#(members)}]}}"#
        )
        #expect(
            try await page("resources/templates/list")
                == #"{"jsonrpc":"2.0","id":1,"result":{"resourceTemplates":[{"uriTemplate":"mem://{x}","name":"x",\#(members)}]}}"#
        )
        #expect(
            try await page("prompts/list")
                == #"{"jsonrpc":"2.0","id":1,"result":{"prompts":[{"name":"b_p","arguments":[{"name":"q","required":true,"z":1.0}],\#(members)}]}}"#
        )
    }

    @Test("A log message travels as it is")
    func logs() async throws {
        let backend = MemoryBackend()
        let session = try await TestGateway(["b": backend]).session()
        let listening = RecordingStream()
        session.attach(listening)
        let stream = try session.ask(
            #"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"b_echo"}}"#)
        let waiting = await backend.next("tools/call")
        let message =
            #"{"jsonrpc":"2.0","method":"notifications/message","params":{"level":"error","logger":"l","data":\#(delicate),"more":1.0}}"#
        backend.say(message, session: waiting.session)
        backend.answer(waiting, result: "{}")
        _ = await stream.response()
        #expect(listening.sent + stream.sent == [message])
    }

    @Test("A call cancelled while its backend's session is still being opened never reaches the backend")
    func cancelledEarly() async throws {
        let backend = MemoryBackend()
        let gateway = TestGateway(["b": backend])
        let session = try await gateway.session(capabilities: #"{"roots":{}}"#)
        backend.set { $0.heldMethods = ["initialize"] }
        let stream = try session.ask(
            #"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"b_echo"}}"#)
        let handshake = await backend.next("initialize")
        session.accept(
            try TestGateway.message(
                #"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}"#))
        #expect(await stream.response() == nil)
        let next = try session.ask(
            #"{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"b_echo","arguments":{"second":1}}}"#)
        backend.answer(handshake, result: backend.initializeResult)
        let waiting = await backend.next("tools/call")
        #expect(waiting.message.params?["arguments"]?["second"] != nil)
        backend.answer(waiting, result: "{}")
        _ = await next.response()
        #expect(backend.methods.count { $0 == "tools/call" } == 1)
        #expect(!backend.methods.contains("notifications/cancelled"))
    }
}
