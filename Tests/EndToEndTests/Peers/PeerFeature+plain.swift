import Testing

extension PeerFeature {
    /// What needs nothing but an answer.
    static let plain = [
        PeerFeature(name: "lists") { _ in
            [["tools"], ["resources"], ["templates"], ["prompts"]]
        } check: { cell in
            let server = cell.server
            let tools = cell.results[0].array
            #expect(tools.contains { $0["name"] == server.offered("echo") }, "\(cell)")
            let echo = tools.first { $0["name"] == server.offered("echo") }
            #expect(echo?["annotations"]?["readOnlyHint"] == true, "\(cell)")
            #expect(echo?["inputSchema"]?["required"] == ["text"], "\(cell)")
            #expect(cell.results[1].array.contains { $0["uri"] == server.uri("info") }, "\(cell)")
            #expect(cell.results[2].array.contains { $0["uriTemplate"] == server.uri("note/{number}") }, "\(cell)")
            #expect(cell.results[3].array.contains { $0["name"] == server.offered("greet") }, "\(cell)")
        },
        PeerFeature(name: "call") {
            [$0.call("echo", ["text": "hello"])]
        } check: { cell in
            #expect(cell.text(0) == "\(cell.server.name): hello", "\(cell)")
        },
        PeerFeature(name: "progress") {
            [$0.call("slow", ["steps": 3])]
        } check: { cell in
            #expect(cell.text(0) == "3 steps done", "\(cell)")
            let progress = cell.steps[0]["progress"]?.array ?? []
            #expect(progress.compactMap { $0[0]?.number } == [1, 2, 3], "\(cell)")
            #expect(progress.last?[1] == 3, "\(cell)")
            #expect(cell.client.revision < "2025-03-26" || progress.last?[2] == "step 3", "\(cell)")
        },
        PeerFeature(name: "failing tool") {
            [$0.call("fail", ["reason": "no luck"])]
        } check: { cell in
            #expect(cell.results[0]["isError"] == true, "\(cell)")
            #expect(cell.text(0)?.contains("no luck") == true, "\(cell)")
        },
        PeerFeature(name: "unknown tool") {
            [$0.call("nothing")]
        } check: { cell in
            #expect(cell.errorCode(0) == -32602, "\(cell)")
        },
        PeerFeature(name: "structured output", since: "2025-06-18") {
            [$0.call("weather", ["city": "Bonn"]), ["tools"]]
        } check: { cell in
            let structured = cell.results[0]["structuredContent"]
            #expect(structured?["degrees"]?.number == 21.5 && structured?["city"] == "Bonn", "\(cell)")
            #expect((structured?["people"]?.number ?? 0) > 1e16, "\(cell)")
            let tool = cell.results[1].array.first { $0["name"] == cell.server.offered("weather") }
            #expect(tool?["outputSchema"]?["type"] == "object", "\(cell.server.name): \(String(describing: tool))")
        },
        PeerFeature(name: "links and embedded resources", since: "2025-06-18") {
            [$0.call("links")]
        } check: { cell in
            let content = cell.results[0]["content"]
            #expect(
                content?[0]?["type"] == "resource_link" && content?[0]?["uri"] == cell.server.uri("info"), "\(cell)")
            #expect(content?[1]?["resource"]?["uri"] == cell.server.uri("note/7"), "\(cell)")
        },
        PeerFeature(name: "resources") { server in
            [["read", server.uri("info")], ["read", server.uri("note/7")], ["read", "nobody://has/this"]]
        } check: { cell in
            let name = cell.server.name
            #expect(cell.results[0]["contents"]?[0]?["text"] == .string("This is \(name)."), "\(cell)")
            #expect(cell.results[1]["contents"]?[0]?["text"] == .string("Note 7 of \(name)."), "\(cell)")
            #expect(cell.results[1]["contents"]?[0]?["uri"] == cell.server.uri("note/7"), "\(cell)")
            #expect(cell.errorCode(2) == (cell.client.isModern ? -32602 : -32002), "\(cell)")
            #expect(cell.results[2]["error"]?["data"]?["uri"] == "nobody://has/this", "\(cell)")
        },
        PeerFeature(name: "prompts") {
            [["prompt", $0.offered("greet"), ["who": "Ada"]]]
        } check: { cell in
            let text = cell.results[0]["messages"]?[0]?["content"]?["text"]
            #expect(text == .string("Greet Ada on behalf of \(cell.server.name)."), "\(cell)")
        },
        PeerFeature(name: "completion") { server in
            [
                ["complete", "ref/prompt", server.offered("greet"), "who", "al"],
                ["complete", "ref/resource", server.uri("note/{number}"), "number", "1"],
            ]
        } check: { cell in
            #expect(cell.results[0]["completion"]?["values"] == ["alice", "albert"], "\(cell)")
            #expect(cell.results[1]["completion"]?["values"] == ["1", "10"], "\(cell)")
            #expect(cell.results[1]["completion"]?["total"] == 3, "\(cell)")
        },
        PeerFeature(name: "an argument that goes into a header") { server in
            [server.call("locate", ["region": "Zürich "]), server.call("locate", ["region": "Bonn"])]
        } check: { cell in
            #expect(cell.text(0) == "Zürich  by \(cell.server.name)", "\(cell)")
            #expect(cell.text(1) == "Bonn by \(cell.server.name)", "\(cell)")
        },
        PeerFeature(name: "ping", until: "2026-07-28") { _ in
            [["ping"]]
        } check: { cell in
            #expect(cell.results[0]["error"] == nil, "\(cell)")
        },
        PeerFeature(name: "level", until: "2026-07-28") { _ in
            [["level", "info"]]
        } check: { cell in
            #expect(cell.results[0]["error"] == nil, "\(cell)")
        },
        PeerFeature(name: "log messages at or above the level") { server in
            [
                server.call("log", ["level": "warning", "text": "mind the gap"]),
                server.call("log", ["level": "debug", "text": "too fine"]),
            ]
        } check: { cell in
            let logs = cell.steps[0]["logs"]?.array ?? []
            #expect(logs.map { $0["data"] } == ["mind the gap"], "\(cell)")
            #expect(logs.first?["level"] == "warning", "\(cell)")
            #expect(cell.text(1) == "logged" && cell.steps[1]["logs"] == [], "\(cell)")
        },
        PeerFeature(name: "a question to a client that declared nothing") { server in
            [server.call("ask_form"), server.call("roots")]
        } check: { cell in
            for index in 0...1 {
                let failed = cell.results[index]["isError"] == true || cell.errorCode(index) != nil
                #expect(failed && cell.asked(index).isEmpty, "\(cell)")
            }
        },
    ]
}
