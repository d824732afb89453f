import Gateway
import Testing

@Suite("Conflict resolution of tools")
struct ConflictTests {
    @Test(
        "The prefix strategy puts the format before every name",
        arguments: [
            ("{workload}_", "gh_create_pr"), ("{workload}.", "gh.create_pr"), ("{workload}", "ghcreate_pr"),
            ("x-{workload}--", "x-gh--create_pr"), ("fixed_", "fixed_create_pr"), ("", "gh_create_pr"),
            ("{workload}{workload}-", "ghgh-create_pr"), ("{work{workload}_", "{workgh_create_pr"),
        ])
    func prefixFormats(format: String, expected: String) throws {
        let settings = AggregationSettings(prefixFormat: format, shortenNames: false)
        let (catalog, report) = Pipeline(settings).catalog(from: try Offers.tools(["gh": ["create_pr"]]))
        #expect(catalog.toolRoutes == ["\(expected)=gh/create_pr"])
        #expect(report.causes("gh", "create_pr") == [.prefixed])
    }

    @Test("Of two backends that reach one name by prefix, the first by name has it, in any order of arrival")
    func prefixCollision() throws {
        for offers in permutations(try Offers.tools(["a_b": ["c"], "a": ["b_c"], "z": ["c"]])) {
            let (catalog, report) = Pipeline(AggregationSettings()).catalog(from: offers)
            #expect(catalog.toolRoutes == ["a_b_c=a/b_c", "z_c=z/c"])
            #expect(report.causes("a_b", "c") == [.nameTaken(by: "a")])
        }
    }

    @Test("The prefix mode onConflict leaves a name bare while one backend offers it")
    func prefixOnConflict() throws {
        let settings = AggregationSettings(prefixMode: .onConflict)
        let offers = try Offers.tools(["a": ["echo", "add"], "b": ["echo", "mul"]])
        let (catalog, report) = Pipeline(settings).catalog(from: offers)
        #expect(catalog.toolRoutes == ["a_echo=a/echo", "add=a/add", "b_echo=b/echo", "mul=b/mul"])
        #expect(report.causes("a", "add").isEmpty)
    }

    @Test("A name claimed on purpose does not get the place of a generated one")
    func claimedName() throws {
        let offers = try Offers.tools(["evil": ["github_deploy"], "github": ["deploy"], "x": ["deploy"]])
        for settings in [
            AggregationSettings(prefixMode: .onConflict),
            AggregationSettings(strategy: .priority, priorityOrder: ["other"]),
        ] {
            for offers in permutations(offers) {
                let (catalog, report) = Pipeline(settings).catalog(from: offers)
                #expect(catalog.toolRoutes == ["github_deploy=github/deploy", "x_deploy=x/deploy"])
                #expect(report.causes("evil", "github_deploy") == [.nameTaken(by: "github")])
            }
        }
    }

    @Test(
        "The priority strategy",
        arguments: [
            // One candidate: unchanged.
            (["a"], ["only_b=b/only_b", "echo=a/echo"]),
            // The smallest index wins, the others are dropped and not renamed.
            (["b", "a"], ["echo=b/echo", "only_b=b/only_b"]),
            // A listed backend wins over one that is not listed, whatever their names.
            (["b"], ["echo=b/echo", "only_b=b/only_b"]),
            // Duplicates: the last place counts.
            (["a", "b", "a"], ["echo=b/echo", "only_b=b/only_b"]),
            // None listed: the configured prefix, where ToolHive uses its default one.
            (["c"], ["a-echo=a/echo", "b-echo=b/echo", "only_b=b/only_b"]),
        ])
    func priority(order: [String], expected: [String]) throws {
        let settings = AggregationSettings(strategy: .priority, prefixFormat: "{workload}-", priorityOrder: order)
        for offers in permutations(try Offers.tools(["a": ["echo"], "b": ["echo", "only_b"]])) {
            #expect(Pipeline(settings).catalog(from: offers).0.toolRoutes.sorted() == expected.sorted())
        }
    }

    @Test("The loser of a priority conflict is not routable under any name, workflows included")
    func loserIsGone() throws {
        let settings = AggregationSettings(strategy: .priority, priorityOrder: ["prod"])
        let offers = try Offers.tools(["prod": ["deploy"], "test": ["deploy"]])
        let (catalog, report) = Pipeline(settings).catalog(from: offers)
        #expect(catalog.tool(named: "deploy")?.backend == "prod")
        #expect(catalog.tool(named: "test_deploy") == nil)
        #expect(catalog.workflowTool(named: "test.deploy") == nil)
        #expect(report.causes("test", "deploy") == [.lostPriority(to: "prod")])
        #expect(report.warnings.map(\.backend) == ["test"])
    }

    @Test("Manual: an override before the conflict removes it, and no prefix is added")
    func manualSettled() throws {
        let settings = AggregationSettings(
            strategy: .manual,
            workloads: [
                .init(workload: "alpha", overrides: ["echo": .init(name: "a_echo")]),
                .init(workload: "beta", overrides: ["echo": .init(name: "b_echo")]),
            ])
        let offers = try Offers.tools(["alpha": ["echo", "add"], "beta": ["echo", "boom"]])
        let (catalog, report) = Pipeline(settings).catalog(from: offers)
        #expect(catalog.toolRoutes == ["a_echo=alpha/echo", "add=alpha/add", "b_echo=beta/echo", "boom=beta/boom"])
        #expect(report.conflicts.isEmpty)
    }

    @Test("Manual: unsettled conflicts are all reported with every backend; their tools alone are withheld")
    func manualUnsettled() throws {
        let settings = AggregationSettings(
            strategy: .manual,
            workloads: [.init(workload: "b", overrides: ["echo": .init(description: "no new name")])])
        let offers = try Offers.tools(["c": ["echo", "x"], "a": ["echo", "x", "free"], "b": ["echo"]])
        for offers in permutations(offers) {
            let (catalog, report) = Pipeline(settings).catalog(from: offers)
            #expect(catalog.toolRoutes == ["free=a/free"])
            #expect(catalog.workflowTool(named: "echo") == nil)
            #expect(
                report.conflicts.sorted { $0.name < $1.name } == [
                    .init(name: "echo", backends: ["a", "b", "c"]), .init(name: "x", backends: ["a", "c"]),
                ])
            #expect(report.warnings.count == 5)
            #expect(report.warnings.allSatisfy { $0.cause.severity == .error })
        }
    }

    @Test("Manual: where each claimant has an override under the common name, these apply once more")
    func manualSecondPass() throws {
        let settings = AggregationSettings(
            strategy: .manual,
            workloads: [
                .init(workload: "a", overrides: ["say": .init(name: "echo"), "echo": .init(name: "a_echo")]),
                .init(workload: "b", overrides: ["talk": .init(name: "echo"), "echo": .init(name: "b_echo")]),
            ])
        let offers = try Offers.tools(["a": ["say"], "b": ["talk"]])
        let (catalog, report) = Pipeline(settings).catalog(from: offers)
        #expect(catalog.toolRoutes == ["a_echo=a/say", "b_echo=b/talk"])
        #expect(report.conflicts.isEmpty)
    }

    @Test("Manual: an override onto a name that another backend has is a conflict too")
    func manualCollision() throws {
        let settings = AggregationSettings(
            strategy: .manual, workloads: [.init(workload: "a", overrides: ["echo": .init(name: "boom")])])
        let (catalog, report) = Pipeline(settings)
            .catalog(from: try Offers.tools(["a": ["echo"], "b": ["boom", "echo"]]))
        #expect(catalog.toolRoutes == ["echo=b/echo"])
        #expect(report.conflicts == [.init(name: "boom", backends: ["a", "b"])])
        #expect(report.conflicts[0].description.contains("a, b"))
    }
}
