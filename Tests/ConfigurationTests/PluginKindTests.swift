import Testing

@testable import HostConfiguration

@Suite("Kinds that only a plugin knows")
struct PluginKindTests {
    private static let schema = """
        {
          "type": "object",
          "required": ["greeting"],
          "properties": {
            "greeting": {"type": "string", "minLength": 2, "maxLength": 10, "pattern": "^[a-z]+$"},
            "count": {"type": "integer", "minimum": 1, "exclusiveMaximum": 10},
            "mode": {"enum": ["loud", "quiet"]},
            "tags": {"type": "array", "items": {"type": "string"}, "minItems": 1, "uniqueItems": true},
            "target": {"$ref": "#/$defs/target"},
            "groupRef": {"type": "object"},
            "tokenSecretRef": {"type": "object"}
          },
          "additionalProperties": false,
          "$defs": {"target": {"oneOf": [{"type": "string"}, {"type": "object", "required": ["url"]}]}}
        }
        """

    private func load(spec: String) throws -> LoadResult {
        let text = documents(
            surroundings,
            """
            apiVersion: example.com/v1
            kind: Greeter
            metadata: {name: hello}
            spec:
            \(indented(spec))

            """)
        return try loadText(text) {
            $0.servedKinds["Greeter"] = ServedKind(pluginID: "greeter", configSchema: Self.schema)
        }
    }

    @Test("Such a resource is a backend of its group, with its references followed")
    func backend() throws {
        let result = try load(
            spec: "greeting: hello\ngroupRef: {name: tools}\ntokenSecretRef: {name: keys, key: token}")
        let configuration = try #require(result.configuration)
        #expect(configuration.backends.map(\.kind) == ["Greeter"])
        #expect(configuration.backends[0].apiVersion == "example.com/v1")
        #expect(
            String(decoding: configuration.backends[0].resolvedJSON, as: UTF8.self).contains(
                #""keys/token":"default/keys/token""#))
        #expect(configuration.notImplemented.isEmpty)
    }

    @Test(
        "What the plugin's schema does not permit is an error with its place",
        arguments: [
            ("count: 1", "spec.greeting", "required"), ("greeting: 5", "spec.greeting", "expected string"),
            ("greeting: a", "spec.greeting", "at least 2"), ("greeting: abcdefghijk", "spec.greeting", "at most 10"),
            ("greeting: AB", "spec.greeting", "matching"), ("greeting: ab\ncount: 0", "spec.count", "at least 1"),
            ("greeting: ab\ncount: 10", "spec.count", "less than 10"),
            ("greeting: ab\ncount: 1.5", "spec.count", "expected integer"),
            ("greeting: ab\nmode: silent", "spec.mode", #""loud", "quiet""#),
            ("greeting: ab\ntags: []", "spec.tags", "at least 1"),
            ("greeting: ab\ntags: [a, a]", "spec.tags[1]", "once"),
            ("greeting: ab\ntags: [1]", "spec.tags[0]", "expected string"),
            ("greeting: ab\ntarget: {}", "spec.target", "exactly one"),
            ("greeting: ab\ngreting: ab", "spec.greting", "did you mean `greeting`?"),
            ("greeting: ab\ngroupRef: {name: none}", "spec.groupRef.name", "expected MCPGroup"),
            ("greeting: ab\ntokenSecretRef: {name: none, key: a}", "spec.tokenSecretRef.name", "expected Secret"),
        ])
    func rejected(spec: String, path: String, fragment: String) throws {
        let result = try load(spec: spec)
        #expect(
            result.errors.count == 1 && result.errors[0].path == path && result.errors[0].message.contains(fragment),
            "\(result.errors)")
    }

    @Test(
        "A kind nobody serves is an error, and a kind of ours whose plugin is absent is refused when it is to be served"
    )
    func unserved() throws {
        let unknown = try loadText(documents(surroundings, "apiVersion: a/v1\nkind: Greter\nmetadata: {name: a}\n")) {
            $0.servedKinds["Greeter"] = ServedKind(pluginID: "greeter")
        }
        #expect(unknown.errors.map(\.path) == ["kind"] && unknown.errors[0].message.contains("did you mean `Greeter`?"))
        let absent = try loadText(
            documents(surroundings, resource("MCPServer", spec: "image: uvx://a\ngroupRef: {name: tools}"))
        ) { $0.servedKinds = [:] }
        #expect(absent.errors.isEmpty)
        #expect(absent.configuration?.notImplemented.map(\.path) == ["kind"])
    }
}

/// The global function, which a method of the same name hides.
private func loadText(
    _ text: String, _ adjust: (inout ConfigurationSources) -> Void
) throws -> LoadResult {
    try load(text, adjust)
}
