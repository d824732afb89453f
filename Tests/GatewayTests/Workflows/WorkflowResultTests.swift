import Testing

@testable import Gateway

@Suite("Composite tools: outputs and states")
struct WorkflowResultTests {
    private static let data =
        #"{"n":7,"f":1.5,"big":18446744073709551617,"one":1,"t":"12","json":"{\"a\":1}","list":[1,"a"],"map":{"k":1.0},"yes":true,"none":null}"#

    /// Type, template, and what comes of it as JSON; `nil` for what cannot be had.
    private static let fits: [(kind: WorkflowOutput.Kind, template: String, json: String?)] = [
        (.string, "{{.n}}", #""7""#), (.string, "x{{.n}}", #""x7""#), (.string, "{{.map}}", #""{\"k\":1.0}""#),
        (.string, "{{.yes}}", #""true""#), (.string, "{{.none}}", nil), (.string, "{{.gone}}", nil),
        (.integer, "{{.n}}", "7"), (.integer, "{{.big}}", "18446744073709551617"), (.integer, "{{.t}}", "12"),
        (.integer, "1{{.n}}", "17"), (.integer, "{{.f}}", nil), (.integer, "{{.json}}", nil),
        (.number, "{{.f}}", "1.5"), (.number, "{{.t}}", "12"), (.number, "{{.yes}}", nil),
        (.boolean, "{{.yes}}", "true"), (.boolean, "{{.one}}", "true"), (.boolean, "F", "false"),
        (.boolean, "{{.n}}", nil), (.boolean, "yes", nil),
        (.object, "{{.map}}", #"{"k":1.0}"#), (.object, "{{.json}}", #"{"a":1}"#), (.object, "{{.list}}", nil),
        (.array, "{{.list}}", #"[1,"a"]"#), (.array, "[{{.n}}]", "[7]"), (.array, "{{.map}}", nil),
        (.array, "{{.none}}", nil),
    ]

    private func build(_ property: WorkflowOutput.Property, required: [String] = []) throws -> String {
        let result = WorkflowResult(data: TemplateValue(try Workflows.json(Self.data)))
        let output = WorkflowOutput(properties: [("p", property)], required: required)
        return String(decoding: try result.build(output), as: UTF8.self)
    }

    private func property(
        _ kind: WorkflowOutput.Kind, _ template: String, default standard: String? = nil
    ) throws -> WorkflowOutput.Property {
        WorkflowOutput.Property(
            kind: kind, description: "d", source: .value(try Template(template)),
            defaultValue: try standard.map(Workflows.json))
    }

    @Test("A value becomes what its type says, digit for digit, or names the property", arguments: fits.indices)
    func types(index: Int) throws {
        let (kind, template, json) = Self.fits[index]
        if let json {
            #expect(try build(try property(kind, template)) == #"{"p":\#(json)}"#, "\(kind) \(template)")
        } else {
            let error = #expect(throws: StepFailure.self) { try build(try property(kind, template)) }
            #expect(error?.message.hasPrefix("output construction failed: p: ") == true, "\(kind) \(template)")
        }
    }

    @Test(
        "A default takes the place of what cannot be had, made what the type says",
        arguments: [
            (WorkflowOutput.Kind.integer, "{{.gone}}", "5", "5"), (.integer, "{{.f}}", #""6""#, "6"),
            (.string, "{{.none}}", "7", #""7""#), (.boolean, "maybe", "1", "true"), (.object, "x", "{}", "{}"),
            (.array, "{{.gone.more}}", #""[1]""#, "[1]"), (.number, "{{.n}}", "0", "7"),
        ])
    func defaults(kind: WorkflowOutput.Kind, template: String, standard: String, json: String) throws {
        #expect(try build(try property(kind, template, default: standard)) == #"{"p":\#(json)}"#)
    }

    @Test("Properties in properties, and required ones that are missing")
    func nested() throws {
        let inner = WorkflowOutput.Property(
            kind: .object, description: "d",
            source: .properties([("a", try property(.integer, "{{.n}}")), ("b", try property(.string, "{{.gone}}"))]))
        let error = #expect(throws: StepFailure.self) { try build(inner) }
        #expect(error?.message.contains("p.b: ") == true)
        let missing = #expect(throws: StepFailure.self) {
            try build(try property(.integer, "{{.n}}"), required: ["p", "q"])
        }
        #expect(missing?.message == #"required output field "q" is missing"#)
        let null = #expect(throws: StepFailure.self) {
            try build(try property(.array, "{{.gone}}", default: "null"), required: ["p"])
        }
        #expect(null?.message == #"required output field "p" is missing"#)
    }

    // MARK: - States

    private func state(_ id: String, _ status: WorkflowState.Status, updated: UInt64) -> WorkflowState {
        WorkflowState(id: id, workflow: "flow", status: status, started: 0, updated: updated)
    }

    @Test("States are kept within bounds: the oldest that are over go first, and none that is under way")
    func store() {
        let memory = WorkflowMemory(capacity: 2)
        memory.save(state("a", .running, updated: 1))
        memory.save(state("b", .failed, updated: 2))
        memory.save(state("c", .completed, updated: 3))
        #expect(Set(memory.states.map(\.id)) == ["a", "c"])
        memory.save(state("d", .waitingForElicitation, updated: 4))
        #expect(Set(memory.states.map(\.id)) == ["a", "d"])
        memory.save(state("e", .running, updated: 5))
        #expect(memory.states.count == 3, "what is under way is never forgotten")
        memory.save(state("a", .timedOut, updated: 6))
        memory.sweep(before: 6)
        #expect(memory.states.contains { $0.id == "a" })
        memory.sweep(before: 7)
        #expect(Set(memory.states.map(\.id)) == ["d", "e"])
    }

    @Test("The state of a run follows it, and is forgotten an hour after its end")
    func states() async throws {
        let backend = MemoryBackend()
        let gateway = TestGateway(
            ["a": backend],
            compositeTools: [
                try Workflows.flow(Workflows.tool("one"), Workflows.ask("person", "Go?", after: "one"))
            ])
        let session = try await gateway.session(capabilities: #"{"elicitation":{}}"#)
        let stream = try session.ask(Workflows.call())
        let call = await backend.next("tools/call")
        func now() -> WorkflowState? { gateway.server.workflowStates.first }
        #expect(now()?.status == .running && now()?.finishedSteps == [])
        backend.answer(call, result: "{}")
        let asked = try JSONSlice(validating: Array(try #require(await stream.messages(1).first).utf8))
        #expect(now()?.status == .waitingForElicitation && now()?.finishedSteps == ["one"])
        #expect(now()?.pendingElicitations == ["person"])
        let id = String(decoding: try #require(asked["id"]).bytes, as: UTF8.self)
        session.accept(try TestGateway.message(#"{"jsonrpc":"2.0","id":\#(id),"result":{"action":"cancel"}}"#))
        _ = await stream.response()
        #expect(now()?.status == .failed && now()?.pendingElicitations == [])
        gateway.clock.advance(by: 3_600_001)
        await gateway.server.sweep()
        #expect(gateway.server.workflowStates.isEmpty)
    }
}
