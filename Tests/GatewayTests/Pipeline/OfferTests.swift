import Gateway
import Testing

@Suite("Reading what backends offer")
struct OfferTests {
    @Test(
        "A malformed tool is left out and reported, the others stay",
        arguments: [
            ("1", "expected an object, found number"), ("null", "expected an object, found null"),
            (#"{"title":"x"}"#, #""name" is missing"#), (#"{"name":7}"#, #""name" must be a string, found number"#),
            (#"{"name":null}"#, #""name" must be a string, found null"#), (#"{"name":""}"#, #""name" is empty"#),
            (#"{"name":"a","n\u0061me":"b"}"#, #""name" occurs more than once"#),
            (#"{"name":"a","description":"","description":""}"#, #""description" occurs more than once"#),
            (#"{"annotations":{},"annotations":{},"name":"a"}"#, #""annotations" occurs more than once"#),
        ])
    func malformed(item: String, problem: String) throws {
        let offer = BackendOffer(backend: "a", tools: [try Offers.json(item), try Offers.tool("good")])
        let (catalog, report) = Pipeline(AggregationSettings()).catalog(from: [offer])
        #expect(catalog.tools.map(\.originalName) == ["good"])
        #expect(report.causes("a") == [.malformed("item 0 of tools/list: \(problem)")])
    }

    @Test(
        "A tool whose schema is nested too deep is left out and reported, the others stay",
        arguments: ["inputSchema", "outputSchema"], [("{\"a\":", "}"), ("[", "]")])
    func depth(member: String, brackets: (String, String)) throws {
        func tool(_ name: String, _ levels: Int) throws -> JSONSlice {
            // Brackets and quotation marks in a text are no levels.
            let core = "\"\\\"[[[[{{{{[[[[{{{{[[[[{{{{[[[[\\\\\""
            let schema =
                String(repeating: brackets.0, count: levels) + core + String(repeating: brackets.1, count: levels)
            return try Offers.json(#"{"name":"\#(name)","\#(member)":\#(schema)}"#)
        }
        let offer = BackendOffer(backend: "a", tools: [try tool("deep", 17), try tool("good", 16)])
        let (catalog, report) = Pipeline(AggregationSettings(), schemaDepth: 16).catalog(from: [offer])
        #expect(catalog.tools.map(\.originalName) == ["good"])
        #expect(
            report.causes("a", "deep") == [
                .malformed("its \(member) is nested deeper than 16 levels (operational.limits.schemaDepth)")
            ])
        let (usual, _) = Pipeline(AggregationSettings()).catalog(from: [
            BackendOffer(backend: "a", tools: [try tool("deep", 65), try tool("good", 64)])
        ])
        #expect(usual.tools.map(\.originalName) == ["good"])
    }

    @Test("Nested members that look like names are left alone")
    func nested() throws {
        let text = #"{"inputSchema":{"name":"inner","x":[{"name":1}]},"name":"t","name2":"z"}"#
        let (catalog, _) = Pipeline(AggregationSettings())
            .catalog(from: [BackendOffer(backend: "a", tools: [try Offers.json(text)])])
        #expect(
            catalog.tools.map { String(decoding: $0.json.bytes, as: UTF8.self) }
                == [#"{"inputSchema":{"name":"inner","x":[{"name":1}]},"name":"a_t","name2":"z"}"#])
    }

    @Test("The first of several items with one name inside a backend stays")
    func repeated() throws {
        var offers = try Offers.tools(["a": ["x", "x"]])
        offers[0].items[.prompts] = [try Offers.tool("p"), try Offers.tool("p")]
        offers[0].items[.resources] = try ["1", "2"].map { try Offers.json(#"{"uri":"u:","name":"\#($0)"}"#) }
        let (catalog, report) = Pipeline(AggregationSettings()).catalog(from: offers)
        #expect((catalog.tools.count, catalog.prompts.count, catalog.resources.count) == (1, 1, 1))
        #expect(catalog.resources[0].json["name"]?.string == "1")
        #expect(report.entries.filter { $0.cause == .repeatedInBackend }.map(\.kind) == [.tools, .prompts, .resources])
    }

    @Test("A list that failed takes away its own kind and nothing else", arguments: OfferKind.allCases)
    func failedKind(kind: OfferKind) throws {
        let offer = BackendOffer(
            backend: "a", tools: [try Offers.tool("t")], resources: [try Offers.json(#"{"uri":"u:"}"#)],
            templates: [try Offers.json(#"{"uriTemplate":"t:{x}"}"#)], prompts: [try Offers.tool("p")],
            failures: [kind: "-32601 Method not found"])
        let (catalog, report) = Pipeline(AggregationSettings()).catalog(from: [offer])
        for other in OfferKind.allCases {
            #expect(String(decoding: try catalog.page(other), as: UTF8.self).contains("\":[]") == (other == kind))
        }
        #expect(report.warnings.map(\.cause) == [.listFailed("-32601 Method not found")])
        #expect(report.warnings.map(\.kind) == [kind])
    }

    @Test("A backend that is away is not taken for an unknown one")
    func away() throws {
        let settings = AggregationSettings(workloads: [.init(workload: "a", filter: ["x"])])
        let away = BackendOffer(backend: "a", failures: [.tools: "connection refused"])
        let (_, report) = Pipeline(settings).catalog(from: [away])
        #expect(report.causes("a") == [.listFailed("connection refused")])
    }

    @Test("Of two offers with one backend name the first counts, and the other is reported")
    func repeatedBackend() throws {
        let (catalog, report) = Pipeline(AggregationSettings())
            .catalog(from: try Offers.tools(["a": ["first"], "b": ["x"], "a": ["second"]]))
        #expect(catalog.tools.map(\.originalName) == ["first", "x"])
        #expect(report.causes("a") == [.repeatedBackend])
    }

    @Test("A line of the report says where, what and why")
    func line() throws {
        let (_, report) = Pipeline(AggregationSettings()).catalog(from: try Offers.tools(["a": ["x"]]))
        #expect(
            report.entries.map(\.description) == [
                #"backend a, tools "x" as "a_x": renamed: conflictResolution puts the prefix before the name"#
            ])
    }
}
