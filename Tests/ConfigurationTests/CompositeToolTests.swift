import Gateway
import Testing

@testable import HostConfiguration

@Suite("Composite tools as read")
struct CompositeToolTests {
    @Test("A definition has the defaults of its schema, also where 0 stands for them")
    func defaults() throws {
        let tool = try #require(
            try load(
                document(
                    """
                    compositeTools:
                    - name: flow
                      description: d
                      timeout: 0s
                      steps:
                      - {id: a, tool: t, onError: {action: retry, retryCount: 99}}
                      - {id: b, type: forEach, collection: "{{.params.l}}", maxParallel: 0, maxIterations: 0, step: {id: i, tool: t}}
                      - {id: c, type: elicitation, message: m, schema: {type: object}, timeout: 90s, onCancel: {action: skip_remaining}}
                    """)
            ).configuration?.compositeTools.first)
        #expect(tool.timeout == 1_800_000 && tool.stepAuthorization == .caller && tool.output == nil)
        #expect(tool.steps.map(\.timeout) == [300_000, 300_000, 90_000])
        #expect(tool.steps[0].onError == .retry(count: 10, delay: 1000))
        guard case .forEach(let forEach) = tool.steps[1].work, case .elicitation(let ask) = tool.steps[2].work else {
            Issue.record("expected a forEach and an elicitation")
            return
        }
        #expect(forEach.maximumParallel == 10 && forEach.maximumIterations == 100 && forEach.variable == "item")
        #expect(ask.onDecline == .abort && ask.onCancel == .skipRemaining)
    }

    @Test("What a template reads comes first, whether or not `dependsOn` says so")
    func implicitDependencies() throws {
        let tool = try #require(
            try load(
                document(
                    """
                    compositeTools:
                    - name: flow
                      description: d
                      steps:
                      - {id: a, tool: t}
                      - {id: b, tool: t, arguments: {x: ["{{(index .steps \\"a\\").output.y}}"]}}
                      - {id: c, tool: t, dependsOn: [b], condition: "{{eq .steps.a.status \\"completed\\"}}"}
                      - {id: d, tool: t}
                    """)
            ).configuration?.compositeTools.first)
        #expect(tool.dependencies == [[], [0], [0, 1], []])
    }

    @Test("A document takes definitions that it refers to, after its own, and each name once")
    func referenced() throws {
        let definition = resource(
            "VirtualMCPCompositeToolDefinition", "kept",
            spec: "name: second\ndescription: d\nsteps: [{id: a, tool: t}]")
        let text = document(
            """
            compositeTools: [{name: first, description: d, steps: [{id: a, tool: t}]}]
            compositeToolRefs: [{name: kept}]
            """)
        #expect(try load(documents(text, definition)).configuration?.compositeTools.map(\.name) == ["first", "second"])
        let again = text.replacing("name: first", with: "name: second")
        let errors = try load(documents(again, definition)).errors
        #expect(errors.map(\.path) == ["compositeToolRefs[0]"] && errors[0].message.contains("found `second` again"))
    }
}
