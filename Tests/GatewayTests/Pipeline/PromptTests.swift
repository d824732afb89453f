import Gateway
import Testing

@Suite("Names of prompts")
struct PromptTests {
    @Test("Prefix and manual always put the prefix before a prompt's name")
    func prefixed() throws {
        let offers = try Offers.prompts(["alpha": ["greet"], "beta": ["greet", "bye"]])
        for strategy in [AggregationSettings.Strategy.prefix, .manual] {
            for format in ["{workload}_", ""] {
                let settings = AggregationSettings(strategy: strategy, prefixFormat: format)
                let (catalog, _) = Pipeline(settings).catalog(from: offers)
                #expect(
                    catalog.promptRoutes == ["alpha_greet=alpha/greet", "beta_bye=beta/bye", "beta_greet=beta/greet"])
            }
        }
    }

    @Test("Of prompts that reach one name by prefix, that of the first backend stays")
    func collision() throws {
        for offers in permutations(try Offers.prompts(["a_b": ["c"], "a": ["b_c"]])) {
            let (catalog, report) = Pipeline(AggregationSettings()).catalog(from: offers)
            #expect(catalog.promptRoutes == ["a_b_c=a/b_c"])
            #expect(report.causes("a_b", "c") == [.nameTaken(by: "a")])
        }
    }

    @Test(
        "Priority: listed backends keep bare names, others always get the prefix",
        arguments: [
            (["beta"], ["alpha_greet=alpha/greet", "greet=beta/greet"]),
            (["beta", "alpha"], ["greet=beta/greet"]),
            // Duplicates: the first place counts, unlike for tools.
            (["alpha", "beta", "alpha"], ["greet=alpha/greet"]),
            (["none"], ["alpha_greet=alpha/greet", "beta_greet=beta/greet"]),
        ])
    func priority(order: [String], expected: [String]) throws {
        let settings = AggregationSettings(strategy: .priority, priorityOrder: order)
        for offers in permutations(try Offers.prompts(["alpha": ["greet"], "beta": ["greet"]])) {
            #expect(Pipeline(settings).catalog(from: offers).0.promptRoutes == expected)
        }
    }

    @Test("Priority: nobody gets a prompt name that a backend outside the order claims as well")
    func unrankable() throws {
        let settings = AggregationSettings(strategy: .priority, priorityOrder: ["listed"])
        let offers = try Offers.prompts(["listed": ["other_greet", "own"], "other": ["greet"]])
        let (catalog, report) = Pipeline(settings).catalog(from: offers)
        #expect(catalog.promptRoutes == ["own=listed/own"])
        #expect(report.causes("listed", "other_greet") == [.unrankable(backends: ["listed", "other"])])
        #expect(report.causes("other", "greet") == [.unrankable(backends: ["listed", "other"])])
        #expect(report.warnings.allSatisfy { $0.cause.severity == .error })
    }

    @Test("Priority: a shortened prompt name cannot be claimed on purpose")
    func unrankableShortened() throws {
        let long = String(repeating: "g", count: 80)
        let settings = AggregationSettings(strategy: .priority, priorityOrder: ["listed"])
        let short = NameGuard.shortened("other_\(long)")
        let (catalog, _) = Pipeline(settings)
            .catalog(from: try Offers.prompts(["listed": [short], "other": [long]]))
        #expect(catalog.prompts.isEmpty)
    }

    @Test("Overrides, filters and visibility of tools leave prompts alone")
    func untouched() throws {
        let settings = AggregationSettings(
            defaultToolVisibility: .deny, excludeAllTools: true,
            workloads: [
                .init(workload: "a", filter: ["x"], overrides: ["greet": .init(name: "no")], excludeAll: true)
            ])
        let (catalog, _) = Pipeline(settings).catalog(from: try Offers.prompts(["a": ["greet"], "b": ["greet"]]))
        #expect(catalog.promptRoutes == ["a_greet=a/greet", "b_greet=b/greet"])
    }
}
