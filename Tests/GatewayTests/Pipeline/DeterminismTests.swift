import Gateway
import Testing

@Suite("Equal input, equal output")
struct DeterminismTests {
    private static func offers() throws -> [BackendOffer] {
        let names = ["echo", "add", "b_echo", "a b", String(repeating: "long", count: 20)]
        return try ["c", "a", "b", "a_b"].map { backend in
            BackendOffer(
                backend: backend, tools: try names.map(Offers.tool),
                resources: try ["u:1", "\(backend):1"].map { try Offers.json("{\"uri\":\"\($0)\"}") },
                templates: [try Offers.json("{\"uriTemplate\":\"\(backend):{x}\"}")],
                prompts: try ["greet", "b_greet"].map(Offers.tool))
        }
    }

    @Test(
        "The order in which backends arrive changes no byte, no hash and no line of the report",
        arguments: AggregationSettings.Strategy.allCases, AggregationSettings.PrefixMode.allCases)
    func permuted(strategy: AggregationSettings.Strategy, mode: AggregationSettings.PrefixMode) throws {
        let settings = AggregationSettings(
            strategy: strategy, prefixMode: mode, priorityOrder: ["b", "c"],
            workloads: [.init(workload: "b", filter: ["echo"]), .init(workload: "a", excludeAll: true)])
        var first: (Catalog, AggregationReport)?
        for offers in permutations(try Self.offers()) {
            let next = Pipeline(settings).catalog(from: offers)
            guard let (catalog, report) = first else {
                first = next
                continue
            }
            for kind in OfferKind.allCases {
                #expect(try next.0.page(kind) == catalog.page(kind))
                #expect(next.0.contentHash(of: kind) == catalog.contentHash(of: kind))
            }
            #expect(next.0.contentHash == catalog.contentHash)
            #expect(next.1 == report)
        }
    }

    @Test("Hashes are the same in every run")
    func stable() throws {
        let (catalog, _) = Pipeline(AggregationSettings()).catalog(from: try Offers.tools(["a": ["x"]]))
        #expect(catalog.contentHash(of: .tools) == 7001910517679387063)
        #expect(catalog.contentHash == 4873494711141544954)
    }

    @Test("A change of one kind changes its hash and the total, and no other kind's")
    func oneKind() throws {
        var offers = try Self.offers()
        let before = Pipeline(AggregationSettings()).catalog(from: offers).0
        offers[0].items[.prompts]?.removeLast()
        let after = Pipeline(AggregationSettings()).catalog(from: offers).0
        for kind in OfferKind.allCases {
            #expect((before.contentHash(of: kind) == after.contentHash(of: kind)) == (kind != .prompts))
        }
        #expect(before.contentHash != after.contentHash)
    }

    @Test("A new route under an unchanged list changes the total alone")
    func route() throws {
        let one = Pipeline(AggregationSettings()).catalog(from: try Offers.resources(["a": ["u:1"]])).0
        let two = Pipeline(AggregationSettings()).catalog(from: try Offers.resources(["b": ["u:1"]])).0
        #expect(one.contentHash(of: .resources) == two.contentHash(of: .resources))
        #expect(one.contentHash != two.contentHash)
    }

    @Test("The list that clients get is the one ToolHive gives for the same two backends")
    func reference() throws {
        let offers = try Offers.tools([
            "beta": ["echo", "weather", "create_issue", "boom"], "alpha": ["echo", "add", "create_issue", "slow"],
        ])
        let prefix = Pipeline(AggregationSettings()).catalog(from: offers).0
        #expect(
            prefix.tools.map(\.name) == [
                "alpha_add", "alpha_create_issue", "alpha_echo", "alpha_slow", "beta_boom", "beta_create_issue",
                "beta_echo", "beta_weather",
            ])
        let priority = Pipeline(AggregationSettings(strategy: .priority, priorityOrder: ["beta"]))
            .catalog(from: offers).0
        #expect(priority.tools.map(\.name) == ["add", "boom", "create_issue", "echo", "slow", "weather"])
        #expect(priority.tool(named: "create_issue")?.backend == "beta")
    }
}
