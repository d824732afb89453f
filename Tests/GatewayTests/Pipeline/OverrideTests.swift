import Gateway
import Testing

@Suite("Overrides and visibility of tools")
struct OverrideTests {
    private func run(
        _ overrides: [String: AggregationSettings.Override], _ names: [String], filter: [String] = []
    ) throws -> (Catalog, AggregationReport) {
        let settings = AggregationSettings(
            prefixMode: .onConflict, workloads: [.init(workload: "a", filter: filter, overrides: overrides)])
        return Pipeline(settings).catalog(from: try Offers.tools(["a": names]))
    }

    @Test(
        "Overrides rename by the real name; those that collide are skipped, and only those",
        arguments: [
            (["x": "y"], ["x", "z"], ["y=x", "z=z"], [String]()),
            // Exchanged names are distinct.
            (["x": "y", "y": "x"], ["x", "y"], ["x=y", "y=x"], []),
            // Onto a tool that has no override.
            (["x": "y"], ["x", "y"], ["x=x", "y=y"], ["x"]),
            // Two onto one name; a third stays in force.
            (["x": "n", "y": "n", "z": "m"], ["x", "y", "z"], ["m=z", "x=x", "y=y"], ["x", "y"]),
            // A skipped override gives the name back that another one wanted.
            (["x": "y", "w": "x"], ["w", "x", "y"], ["w=w", "x=x", "y=y"], ["w", "x"]),
            // Of a tool the backend lacks: nothing happens.
            (["nope": "y"], ["x"], ["x=x"], []),
            (["x": ""], ["x"], ["x=x"], []),
        ] as [([String: String], [String], [String], [String])])
    func renames(names: [String: String], tools: [String], expected: [String], skipped: [String]) throws {
        for tools in permutations(tools) {
            let (catalog, report) = try run(names.mapValues { .init(name: $0) }, tools)
            #expect(catalog.tools.map { "\($0.name)=\($0.originalName)" } == expected)
            let found = report.entries.filter { if case .overrideCollides = $0.cause { true } else { false } }
            #expect(found.map(\.originalName).sorted() == skipped)
        }
    }

    @Test("An override of a tool the backend lacks is reported")
    func unknownTool() throws {
        let (_, report) = try run(["nope": .init(name: "y")], ["x"])
        #expect(report.causes("a", "nope") == [.overrideOfUnknownTool])
    }

    @Test(
        "Only name, description and annotations change; every other byte stays",
        arguments: [
            (
                AggregationSettings.Override(name: "new"),
                #"{"x":1.0,"name":"old","description":"d","n":12345678901234567890}"#,
                #"{"x":1.0,"name":"new","description":"d","n":12345678901234567890}"#
            ),
            (
                .init(description: "say \"hi\"\n"),
                #"{ "description" : "d" , "name" : "old" , "title":null }"#,
                #"{ "description" : "say \"hi\"\n" , "name" : "old" , "title":null }"#
            ),
            (.init(description: "d"), #"{"name":"old"}"#, #"{"name":"old","description":"d"}"#),
            (.init(description: ""), #"{"name":"\u006fld"}"#, #"{"name":"\u006fld"}"#),
            // Annotations alone are enough; ToolHive refuses that.
            (
                .init(annotations: .init(readOnlyHint: true)),
                #"{"annotations":{"readOnlyHint":false, "x":{"readOnlyHint":0},"title":"T"},"name":"old"}"#,
                #"{"annotations":{"readOnlyHint":true, "x":{"readOnlyHint":0},"title":"T"},"name":"old"}"#
            ),
            (
                .init(annotations: .init(title: "N", idempotentHint: false)),
                #"{"annotations":{"title":"T"},"name":"old","z":[ ]}"#,
                #"{"annotations":{"title":"N","idempotentHint":false},"name":"old","z":[ ]}"#
            ),
            (
                .init(annotations: .init(destructiveHint: false, openWorldHint: true)),
                #"{"annotations":{ },"name":"old"}"#,
                #"{"annotations":{ "destructiveHint":false,"openWorldHint":true},"name":"old"}"#
            ),
            (
                .init(description: "d", annotations: .init(readOnlyHint: true)), #"{"name":"old"}"#,
                #"{"name":"old","description":"d","annotations":{"readOnlyHint":true}}"#
            ),
            (
                .init(annotations: .init(readOnlyHint: true)), #"{"annotations":null,"name":"old"}"#,
                #"{"annotations":{"readOnlyHint":true},"name":"old"}"#
            ),
            (
                .init(name: "new", description: "e", annotations: .init(title: "t")),
                #"{"annotations":{"title":""},"description":"d","name":"old"}"#,
                #"{"annotations":{"title":"t"},"description":"e","name":"new"}"#
            ),
            (.init(annotations: .init()), #"{"name":"old"}"#, #"{"name":"old"}"#),
        ])
    func splices(override: AggregationSettings.Override, sent: String, expected: String) throws {
        let settings = AggregationSettings(
            prefixMode: .onConflict, workloads: [.init(workload: "a", overrides: ["old": override])])
        let (catalog, _) = Pipeline(settings)
            .catalog(from: [BackendOffer(backend: "a", tools: [try Offers.json(sent)])])
        #expect(catalog.tools.map { String(decoding: $0.json.bytes, as: UTF8.self) } == [expected])
    }

    @Test("The report names the members that an override changed")
    func reportsMembers() throws {
        let override = AggregationSettings.Override(
            name: "n", description: "d", annotations: .init(readOnlyHint: true))
        let (_, report) = try run(["x": override, "y": .init(annotations: .init(title: "t"))], ["x", "y"])
        #expect(report.causes("a", "x") == [.overridden(members: ["name", "description", "annotations"])])
        #expect(report.causes("a", "y") == [.overridden(members: ["annotations"])])
    }

    @Test(
        "What is advertised",
        arguments: [
            (AggregationSettings(), ["a_x", "a_y", "b_x"]),
            (.init(excludeAllTools: true), []),
            (.init(defaultToolVisibility: .deny), []),
            (.init(defaultToolVisibility: .deny, workloads: [.init(workload: "a")]), ["a_x", "a_y"]),
            (.init(workloads: [.init(workload: "a", excludeAll: true)]), ["b_x"]),
            (.init(workloads: [.init(workload: "a", filter: ["x"], excludeAll: true)]), ["b_x"]),
            (.init(workloads: [.init(workload: "a", filter: ["y"])]), ["a_y", "b_x"]),
            (.init(workloads: [.init(workload: "a", filter: ["a_y"])]), ["b_x"]),
            (
                .init(workloads: [.init(workload: "a", filter: ["z"], overrides: ["y": .init(name: "z")])]),
                ["a_z", "b_x"]
            ),
            (
                .init(workloads: [.init(workload: "a", filter: ["y"], overrides: ["y": .init(name: "z")])]), ["b_x"]
            ),
            (.init(excludeAllTools: true, workloads: [.init(workload: "a", filter: ["x"])]), []),
        ])
    func visibility(settings: AggregationSettings, expected: [String]) throws {
        let offers = try Offers.tools(["a": ["x", "y"], "b": ["x"]])
        let (catalog, report) = Pipeline(settings).catalog(from: offers)
        #expect(catalog.tools.map(\.name) == expected)
        #expect(catalog.tools.count + catalog.hiddenTools.count == 3)
        #expect(report.entries.filter { $0.cause.what == .hidden }.count == 3 - expected.count)
        for hidden in catalog.hiddenTools {
            #expect(catalog.tool(named: hidden.name) == nil)
            #expect(catalog.workflowTool(named: hidden.name)?.originalName == hidden.originalName)
        }
    }

    @Test("A filter entry that names nothing, such as the old name of a renamed tool, is reported")
    func unusedFilter() throws {
        let (_, report) = try run(["x": .init(name: "n")], ["x"], filter: ["x", "n"])
        #expect(report.causes("a", "x").contains(.filterOfUnknownTool))
        #expect(!report.causes("a", "n").contains(.filterOfUnknownTool))
    }

    @Test("Workflows name tools as backend.name with the name before or after overrides; clients do not")
    func aliases() throws {
        let (catalog, _) = try run(["x": .init(name: "n")], ["x", "other"], filter: ["other"])
        #expect(catalog.workflowTool(named: "a.n")?.originalName == "x")
        #expect(catalog.workflowTool(named: "a.x")?.originalName == "x")
        #expect(catalog.workflowTool(named: "a.other")?.originalName == "other")
        #expect(catalog.tool(named: "a.other") == nil)
        #expect(catalog.workflowTool(named: "b.x") == nil)
    }

    @Test("A hidden tool takes part in conflicts: its name does not pass to another backend")
    func hiddenWinner() throws {
        let settings = AggregationSettings(
            strategy: .priority, priorityOrder: ["a", "ghost"], workloads: [.init(workload: "a", excludeAll: true)])
        let (catalog, report) = Pipeline(settings).catalog(from: try Offers.tools(["a": ["x"], "b": ["x", "y"]]))
        #expect(catalog.toolRoutes == ["y=b/y"])
        #expect(catalog.workflowTool(named: "x")?.backend == "a")
        #expect(report.causes("ghost") == [.unknownInPriorityOrder])
    }

    @Test("Settings of a backend that does not exist, and second entries for one, are reported")
    func workloads() throws {
        let settings = AggregationSettings(workloads: [
            .init(workload: "ghost"), .init(workload: "a", filter: ["x"]), .init(workload: "a", excludeAll: true),
        ])
        let (catalog, report) = Pipeline(settings).catalog(from: try Offers.tools(["a": ["x", "y"]]))
        #expect(catalog.tools.map(\.name) == ["a_x"])
        #expect(report.causes("ghost") == [.unknownWorkload])
        #expect(report.causes("a") == [.repeatedWorkload])
    }

    @Test("A tool that runs as a task only is hidden, since tasks are not offered")
    func taskOnly() throws {
        let tools = try ["required", "optional", "forbidden"].map {
            try Offers.json(#"{"name":"\#($0)","execution":{"taskSupport":"\#($0)"}}"#)
        }
        let (catalog, report) = Pipeline(AggregationSettings())
            .catalog(from: [BackendOffer(backend: "a", tools: tools)])
        #expect(catalog.tools.map(\.originalName) == ["forbidden", "optional"])
        #expect(report.causes("a", "required").contains(.requiresTask))
    }
}
