import Testing

@testable import Gateway

@Suite("Composite tools: in the list")
struct CompositeCatalogTests {

    private static let safe =
        #"{"name":"read","annotations":{"readOnlyHint":true,"destructiveHint":false,"openWorldHint":false}}"#
    private static let plain =
        #"{"name":"write","inputSchema":{"type":"object","properties":{"n":{"type":"integer"}},"required":["n"],"additionalProperties":false}}"#

    private func list(
        _ definitions: [WorkflowDefinition], settings: AggregationSettings = AggregationSettings()
    ) async throws -> (Catalog, AggregationReport) {
        let backend = MemoryBackend(lists: ["tools/list": #"{"tools":[\#(Self.safe),\#(Self.plain)]}"#])
        let gateway = TestGateway(["a": backend], aggregation: settings, compositeTools: definitions)
        await gateway.server.keeper.firstRound()
        return (gateway.server.keeper.snapshot.catalog, gateway.server.keeper.snapshot.report)
    }

    @Test("A composite tool stands in the list with its schemas and with hints derived from its tools")
    func derived() async throws {
        let output = try Workflows.output(("n", .integer, "1"), required: ["n"])
        let (catalog, _) = try await list([
            try Workflows.flow(Workflows.tool("one", "a_read"), output: output),
            try Workflows.flow(
                Workflows.tool("one", "a_read"), Workflows.tool("two", "a_write", #"{"n":1}"#), name: "mixed"),
        ])
        let flow = try #require(catalog.tool(named: "flow"))
        #expect(
            String(decoding: flow.json.bytes, as: UTF8.self)
                == #"{"name":"flow","description":"d","inputSchema":{"type":"object"},"outputSchema":{"type":"object","properties":{"n":{"type":"integer","description":"d"}},"required":["n"]},"annotations":{"readOnlyHint":true,"destructiveHint":false,"openWorldHint":false}}"#
        )
        #expect(
            catalog.tool(named: "mixed")?.json["annotations"].map { String(decoding: $0.bytes, as: UTF8.self) }
                == #"{"readOnlyHint":false,"destructiveHint":true,"openWorldHint":true}"#)
    }

    @Test("Hidden tools are there for steps; a missing one takes only its composite tool away, and the report says why")
    func routes() async throws {
        var settings = AggregationSettings()
        settings.excludeAllTools = true
        let (catalog, report) = try await list(
            [
                try Workflows.flow(Workflows.tool("one", "a_read")),
                try Workflows.flow(Workflows.tool("one", "a_gone"), name: "lame"),
                try Workflows.flow(Workflows.tool("one", "flow"), name: "nested"),
            ], settings: settings)
        #expect(catalog.tools.map(\.name) == ["flow"])
        #expect(
            report.compositeCauses == [
                .compositeLacksTool(step: "one", tool: "a_gone"), .compositeLacksTool(step: "one", tool: "flow"),
            ])
    }

    @Test("A name that a backend's tool has hides the composite tool alone")
    func collision() async throws {
        let (catalog, report) = try await list([
            try Workflows.flow(Workflows.tool("one", "a_read"), name: "a_write"),
            try Workflows.flow(Workflows.tool("one", "a_read")),
        ])
        #expect(
            catalog.tools.map(\.name) == ["a_read", "a_write", "flow"] && catalog.tool(named: "a_write")?.backend == "a"
        )
        #expect(report.compositeCauses == [.compositeNameTaken(by: "a")])
    }

    @Test("A claim to be safer than the tools are hides the composite tool; one to be less safe stands")
    func claims() async throws {
        let (catalog, report) = try await list([
            try Workflows.flow(Workflows.tool("one", "a_write", #"{"n":1}"#), annotations: .init(readOnlyHint: true)),
            try Workflows.flow(
                Workflows.tool("one", "a_read"), annotations: .init(title: "T", destructiveHint: true), name: "honest"),
        ])
        #expect(
            catalog.workflow(named: "flow") == nil
                && report.compositeCauses == [.compositeClaimsSafety(hint: "readOnlyHint: true")])
        #expect(catalog.tool(named: "honest")?.json["annotations"]?["destructiveHint"]?.bool == true)
    }

    @Test("Arguments that the tool is bound to refuse are told, and as uncertain what a template decides")
    func arguments() async throws {
        let (catalog, report) = try await list([
            try Workflows.flow(
                Workflows.tool("one", "a_write", #"{"m":1}"#), Workflows.tool("two", "a_write", #"{"n":true}"#),
                Workflows.tool("three", "a_write", #"{"n":"{{.params.x}}"}"#),
                Workflows.tool("four", "a_write", #"{"n":"5"}"#),
                Workflows.tool("five", "a_write", #"{"n":"{{.params.x}}0"}"#))
        ])
        #expect(catalog.workflow(named: "flow") != nil)
        #expect(
            report.compositeCauses == [
                .compositeArguments(#"step one: the tool a_write requires the argument "n""#, isCertain: true),
                .compositeArguments(#"step one: the tool a_write does not take the argument "m""#, isCertain: true),
                .compositeArguments(
                    #"step two: the argument "n" of the tool a_write: expected integer, found boolean"#, isCertain: true
                ),
                .compositeArguments(
                    #"step five: the argument "n" of the tool a_write: expected integer, and a template makes text of it, which must spell one"#,
                    isCertain: false),
            ])
    }

    @Test(
        "Arguments are not held against a schema of an unknown dialect, and that is told",
        arguments: ["1", #""d:own""#])
    func unknownDialect(declared: String) async throws {
        let schema = #"{"$schema":\#(declared),"type":"object","required":["n"],"additionalProperties":false}"#
        let backend = MemoryBackend(
            lists: ["tools/list": #"{"tools":[{"name":"echo","inputSchema":\#(schema)}]}"#])
        let gateway = TestGateway(
            ["a": backend], compositeTools: [try Workflows.flow(Workflows.tool("one", "a_echo"))])
        await gateway.server.keeper.firstRound()
        let causes = gateway.server.keeper.snapshot.report.compositeCauses
        guard case .compositeArguments(let text, isCertain: false) = causes.first else {
            Issue.record("expected a doubt about the arguments, found \(causes)")
            return
        }
        let name = declared.replacing("\"", with: "")
        #expect(causes.count == 1)
        #expect(
            text.hasPrefix(
                "step one: the arguments of the tool a_echo are not checked: in its input schema the dialect \"\(name)\" is not"
            ))
    }

    @Test("Arguments are looked into at every depth, also behind references of the tool's schema")
    func deepArguments() async throws {
        let schema = """
            {"type":"object","properties":{"who":{"$ref":"#/$defs/who"},"list":{"type":"array","items":{"type":"object",\
            "properties":{"k":{"type":"boolean"}},"required":["k"]}}},"$defs":{"who":{"type":"object",\
            "properties":{"name":{"type":"string"}},"required":["name"]}}}
            """
        let backend = MemoryBackend(
            lists: ["tools/list": #"{"tools":[{"name":"echo","inputSchema":\#(schema)}]}"#])
        let gateway = TestGateway(
            ["a": backend],
            compositeTools: [
                try Workflows.flow(
                    Workflows.tool(
                        "fine", "a_echo", #"{"who":{"name":"x"},"list":[{"k":"{{.params.x}}"},{"k":"yes{{1}}"}]}"#),
                    Workflows.tool("one", "a_echo", #"{"who":{"n":"x"}}"#),
                    Workflows.tool("two", "a_echo", #"{"list":[{"j":"{{.params.x}}"},7]}"#),
                    Workflows.tool("three", "a_echo", #"{"list":{"k":"{{.params.x}}"}}"#))
            ])
        await gateway.server.keeper.firstRound()
        #expect(
            gateway.server.keeper.snapshot.report.compositeCauses.map { "\($0)" } == [
                #"step fine: the argument "list[1].k" of the tool a_echo: expected boolean, and a template makes text of it, which must spell one"#,
                #"step one: the argument "who.name" of the tool a_echo: expected a value, found none; it is required"#,
                #"step two: the tool a_echo requires the argument "list[0].k""#,
                #"step two: the argument "list[1]" of the tool a_echo: expected object, found number"#,
                #"step three: the argument "list" of the tool a_echo: expected array, found object"#,
            ])
    }

    @Test("A name that clients refuse is shortened as those of backend tools are, and is called by the short one")
    func longName() async throws {
        let long = String(repeating: "n", count: 80)
        let (catalog, report) = try await list([
            try Workflows.flow(Workflows.tool("one", "a_read"), name: long),
            try Workflows.flow(Workflows.tool("one", "a_read"), name: "has space"),
        ])
        let names = [long, "has space"].map { NameGuard.shortened($0) }
        #expect(names.allSatisfy { NameGuard.accepts($0) && catalog.workflow(named: $0) != nil })
        #expect(names == [long, "has space"].map { catalog.nameOfWorkflow(configuredAs: $0) })
        #expect(catalog.tools.map(\.name).filter { !$0.hasPrefix("a_") }.sorted() == names.sorted())
        #expect(report.compositeCauses == [.shortened(from: long), .shortened(from: "has space")])
        var settings = AggregationSettings()
        settings.shortenNames = false
        let (plain, _) = try await list(
            [try Workflows.flow(Workflows.tool("one", "a_read"), name: long)], settings: settings)
        #expect(plain.workflow(named: long) != nil)
    }

    @Test(
        "Rights are those of the caller, of each step and in each era: hidden tools may be allowed, shown ones denied")
    func allowList() async throws {
        struct AllowList: Policy {
            let tools: [String: Set<String>]
            func permitsCall(of tool: String, by principal: Principal) -> Bool {
                tools[principal.subject]?.contains(tool) == true
            }
        }
        let lists = #"{"tools":[{"name":"read","inputSchema":{}},{"name":"write","inputSchema":{}}]}"#
        let backend = MemoryBackend(lists: ["tools/list": lists])
        var settings = AggregationSettings()
        settings.excludeAllTools = true
        func steps() throws -> [WorkflowStep] {
            [try Workflows.tool("one", "a_read"), try Workflows.tool("two", "a_write", after: "one")]
        }
        let gateway = TestGateway(
            ["a": backend], aggregation: settings,
            compositeTools: [
                try WorkflowDefinition(name: "flow", description: "d", steps: try steps()),
                try WorkflowDefinition(
                    name: "trusted", description: "d", steps: try steps(), stepAuthorization: .composite),
            ], policy: AllowList(tools: ["reader": ["a_read"], "writer": ["a_read", "a_write"]]))
        for subject in ["reader", "writer"] {
            for tool in ["flow", "trusted"] {
                for isLegacy in [true, false] {
                    let principal = Principal(issuer: "i", subject: subject)
                    let answer: RecordingStream
                    if isLegacy {
                        answer = try await gateway.session(principal: principal).ask(
                            Workflows.call().replacing("flow", with: tool))
                    } else {
                        answer =
                            try await gateway.post("tools/call", #""name":"\#(tool)""#, principal: principal).recording
                    }
                    backend.answer(await backend.next("tools/call"), result: "{}")
                    if subject == "reader", tool == "flow" {
                        let response = await answer.response() ?? ""
                        #expect(response.contains("tool a_write of backend a in step two: the caller may not use"))
                    } else {
                        let second = await backend.next("tools/call")
                        #expect(second.message.params?["name"]?.string == "write")
                        backend.answer(second, result: "{}")
                        #expect(await answer.response()?.contains("isError") == false)
                    }
                }
            }
        }
    }

    @Test("Who may not use a step's tool cannot through a composite tool, unless that carries the right itself")
    func rights() async throws {
        struct Nobody: Policy { func permitsCall(of tool: String, by principal: Principal) -> Bool { false } }
        let backend = MemoryBackend()
        let gateway = TestGateway(
            ["a": backend],
            compositeTools: [
                try Workflows.flow(Workflows.tool("one")),
                try Workflows.flow(Workflows.tool("one"), name: "trusted", authorization: .composite),
            ], policy: Nobody())
        let session = try await gateway.session()
        let refused = await (try session.ask(Workflows.call())).response() ?? ""
        #expect(refused.contains("may not use this tool") && refused.contains(#""category":"forbidden""#))
        let trusted = try session.ask(Workflows.call(id: 2).replacing("flow", with: "trusted"))
        backend.answer(await backend.next("tools/call"), result: "{}")
        #expect(await trusted.response()?.contains("isError") == false)
    }

    @Test("A composite tool leaves the list while a backend it needs is away, and clients are told")
    func leaves() async throws {
        let (first, second) = (MemoryBackend(), MemoryBackend())
        let gateway = TestGateway(
            ["a": first, "b": second],
            compositeTools: [try Workflows.flow(Workflows.tool("one"), Workflows.tool("two", "b_echo"))])
        let session = try await gateway.session()
        let stream = RecordingStream()
        session.attach(stream)
        await gateway.catalogs.until { $0.last == "a_echo b_echo flow" }
        second.set { $0.startFailure = Outcome(.unavailable, message: "away") }
        for id in second.sessions { second.lose(id, Outcome(.unavailable, message: "gone")) }
        await gateway.catalogs.until { $0.last == "a_echo" }
        _ = await stream.messages(1)
        #expect(stream.sent.contains { $0.contains("notifications/tools/list_changed") })
        let response = await (try session.ask(Workflows.call())).response() ?? ""
        #expect(response.contains("Unknown tool: flow"))
    }
}

extension AggregationReport {
    /// Why composite tools are not as configured.
    fileprivate var compositeCauses: [AggregationCause] {
        entries.filter { $0.backend == Catalog.ownBackend }.map(\.cause)
    }
}
