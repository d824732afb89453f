import Testing

extension PeerFeature {
    /// What the client answers; see Fixtures/clients/driver.py.
    static let answers: JSON = [
        "form": [
            "*": ["action": "accept", "content": ["name": "Ada"]],
            "Ada, which colour?": ["action": "accept", "content": ["colour": "red"]],
            "Not you?": ["action": "decline"],
            "Anybody?": ["action": "cancel"],
        ],
        "url": ["action": "accept"],
        "sample": [
            "*": ["role": "assistant", "model": "parrot", "content": ["type": "text", "text": "hello"]],
            "Refuse this": ["error": ["code": -1, "message": "User rejected sampling request"]],
        ],
        "tool": [
            "role": "assistant", "model": "parrot", "stopReason": "toolUse",
            "content": [["type": "tool_use", "id": "u1", "name": "temperature", "input": ["city": "Bonn"]]],
        ],
        "roots": ["file:///home/ada", "file:///srv"],
    ]

    /// What the backend asks back in the course of a call.
    static let interactive = [
        // The first of them: a client without sessions refuses by not coming back, and its call stays under way beside all
        // that follow, whose questions must be taken for their own.
        PeerFeature(name: "sampling that the client refuses", isInteractive: true) {
            [$0.call("sample", ["text": "Refuse this"])]
        } check: { cell in
            #expect(cell.results[0]["isError"] == true || cell.errorCode(0) != nil, "\(cell)")
            #expect(cell.asked(0).count == 1, "\(cell)")
        },
        PeerFeature(name: "form", isInteractive: true, since: "2025-06-18") { server in
            [
                server.call("ask_form", ["text": "Who are you?"]), server.call("ask_form", ["text": "Not you?"]),
                server.call("ask_form", ["text": "Anybody?"]),
            ]
        } check: { cell in
            #expect(cell.text(0) == "accept Ada" && cell.text(1) == "decline" && cell.text(2) == "cancel", "\(cell)")
            #expect(cell.asked(0).map { $0[1]?["message"] } == ["Who are you?"], "\(cell)")
            #expect(cell.asked(0).first?[1]?["requestedSchema"]?["required"] == ["name"], "\(cell)")
        },
        PeerFeature(name: "two forms, one after the other", isInteractive: true, since: "2025-06-18") {
            [$0.call("ask_twice")]
        } check: { cell in
            #expect(cell.text(0) == "Ada likes red" && cell.asked(0).count == 2, "\(cell)")
        },
        PeerFeature(name: "url", isInteractive: true, since: "2025-11-25") {
            [$0.call("ask_url")]
        } check: { cell in
            #expect(cell.text(0) == "accept", "\(cell)")
            let asked = cell.asked(0).first?[1]
            #expect(asked?["mode"] == "url", "\(cell)")
            #expect(asked?["url"] == .string("https://example.com/\(cell.server.name)"), "\(cell)")
        },
        PeerFeature(name: "sampling", isInteractive: true) {
            [$0.call("sample", ["text": "Say hello"])]
        } check: { cell in
            #expect(cell.text(0) == "parrot: hello", "\(cell)")
            #expect(cell.asked(0).first?[1]?["messages"]?[0]?["content"]?["text"] == "Say hello", "\(cell)")
        },
        PeerFeature(name: "sampling with tools", isInteractive: true, since: "2025-11-25") {
            [$0.call("sample_tools")]
        } check: { cell in
            #expect(cell.text(0) == "hello" && cell.asked(0).count == 2, "\(cell)")
            #expect(cell.asked(0).first?[1]?["tools"]?[0]?["name"] == "temperature", "\(cell)")
        },
        PeerFeature(name: "roots", isInteractive: true) {
            [$0.call("roots")]
        } check: { cell in
            let texts = cell.results[0]["content"]?.array.map { $0["text"] }
            #expect(texts == ["file:///home/ada", "file:///srv"], "\(cell)")
        },
        PeerFeature(
            name: "a page to see first", isInteractive: true, since: "2025-11-25",
            // The revision without sessions has no such error; the SDK's server has to ask otherwise then.
            isOffered: { $0.sdk == .first }
        ) { server in
            [server.call("permit", ["key": "k"]), server.call("permit", ["key": "k"])]
        } check: { cell in
            if cell.client.isModern {
                #expect(cell.text(0) == "k permitted" && cell.asked(0).count == 1, "\(cell)")
            } else {
                let asked = cell.results[0]["error"]?["data"]?["elicitations"]?[0]
                #expect(cell.errorCode(0) == -32042 && asked?["mode"] == "url", "\(cell)")
            }
            #expect(cell.text(1) == "k permitted", "\(cell)")
        },
    ]
}
