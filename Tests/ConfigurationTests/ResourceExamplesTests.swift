import Testing

@testable import HostConfiguration

@Suite("Resource examples")
struct ResourceExamplesTests {
    @Test("A resource with every field of the specification is accepted", arguments: Examples.all)
    func accepted(example: Examples.Example) throws {
        let result = try load(documents(surroundings, resource(example.kind, spec: example.spec))) { $0.name = "front" }
        #expect(result.errors.map(\.description) == [])
        #expect(result.configuration != nil)
    }

    @Test("Both versions are served, and the older one is called deprecated")
    func versions() throws {
        let current = try load(documents(surroundings, resource("MCPGroup", "other")))
        #expect(current.diagnostics.contains { $0.message.contains("deprecated") } == false)
        let older = try load(documents(surroundings, resource("MCPGroup", "other", version: "v1alpha1")))
        #expect(older.errors.isEmpty)
        #expect(older.warnings.contains { $0.message == "toolhive.stacklok.dev/v1alpha1 is deprecated; use v1beta1" })
    }

    @Test("Status and the metadata of a cluster are accepted and left alone")
    func exported() throws {
        let text = """
            apiVersion: toolhive.stacklok.dev/v1beta1
            kind: MCPGroup
            metadata:
              name: exported
              namespace: default
              labels: {app: tools}
              annotations: {note: "kept"}
              uid: 5b6c
              resourceVersion: "12"
              generation: 3
              creationTimestamp: 2025-11-25T10:00:00Z
              finalizers: [toolhive.stacklok.dev/mcpgroup-finalizer]
              ownerReferences: []
              managedFields: []
            status: {phase: Ready, servers: [a], serverCount: 1}

            """
        #expect(try load(documents(surroundings, text)).errors.map(\.description) == [])
    }

    @Test("The minimal document of the specification is accepted without a word")
    func minimal() throws {
        let result = try load(document())
        #expect(result.diagnostics.map(\.description) == [])
        #expect(result.configuration?.backends.map(\.name) == ["fetch"])
    }

    @Test("A document with every field of the specification is accepted")
    func fullDocument() throws {
        let result = try load(Examples.document) {
            $0.environment = ["API_KEY": "k", "CLIENT_SECRET": "s", "VMCP_OIDC_CLIENT_SECRET": "o"]
        }
        #expect(result.errors.map(\.description) == [])
    }
}
