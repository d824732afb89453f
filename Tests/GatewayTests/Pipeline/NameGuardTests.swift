import Gateway
import Testing

@Suite("Names that clients refuse")
struct NameGuardTests {
    private static let long = String(repeating: "n", count: 65)

    @Test(
        "Names that clients accept stay as they are",
        arguments: ["a", "A-b_c.9", String(repeating: "x", count: 64)])
    func accepted(name: String) {
        #expect(NameGuard.accepts(name))
        #expect(NameGuard.shortened(name) == name)
    }

    @Test(
        "Others become 64 safe characters at most, the same in every run, and stay so when shortened again",
        arguments: [
            (long, String(repeating: "n", count: 55) + "_57a0c450"), ("a b", "a_b_e2bca18b"), ("a/b", "a_b_e2480c78"),
            ("grüße", "gr__e_deafd4d3"), ("", "_4fd0bfc1"),
        ])
    func refused(name: String, expected: String) {
        #expect(!NameGuard.accepts(name))
        let short = NameGuard.shortened(name)
        #expect(short == expected)
        #expect(NameGuard.accepts(short))
        #expect(NameGuard.shortened(short) == short)
        #expect(short.utf8.count <= 64)
        #expect(NameGuard.shortened(name, attempt: 1) != short)
    }

    @Test("Names that differ late, or in the replaced characters alone, stay different")
    func different() {
        let names = (0..<2000).map { "\(Self.long)\($0)" } + (0..<2000).map { "x\(Unicode.Scalar(0x4E00 + $0)!)" }
        #expect(Set(names.map { NameGuard.shortened($0) }).count == names.count)
    }

    @Test(
        "Long tools and prompts are shortened, reported and routed; the option turns it off", arguments: [true, false])
    func option(shorten: Bool) throws {
        let settings = AggregationSettings(shortenNames: shorten)
        let offer = BackendOffer(
            backend: "a", tools: [try Offers.tool(Self.long)], prompts: [try Offers.tool("mit Leerzeichen")])
        let (catalog, report) = Pipeline(settings).catalog(from: [offer])
        let tool = try #require(catalog.tools.first)
        let prompt = try #require(catalog.prompts.first)
        #expect(NameGuard.accepts(tool.name) == shorten)
        #expect(NameGuard.accepts(prompt.name) == shorten)
        #expect((tool.originalName, prompt.originalName) == (Self.long, "mit Leerzeichen"))
        #expect(catalog.tool(named: tool.name)?.originalName == Self.long)
        #expect(catalog.prompt(named: prompt.name)?.originalName == "mit Leerzeichen")
        #expect(tool.json["name"]?.string == tool.name)
        #expect(report.causes("a", Self.long).contains(.shortened(from: "a_\(Self.long)")) == shorten)
        #expect(report.entries.filter { $0.cause.what == .shortened }.count == (shorten ? 2 : 0))
    }

    @Test("A bare name that equals another tool's short form loses, whatever the backends are called")
    func claimedShortForm() throws {
        for (victim, evil) in [("a", "b"), ("b", "a")] {
            let short = NameGuard.shortened(Self.long)
            let settings = AggregationSettings(prefixMode: .onConflict)
            let offers = [
                BackendOffer(backend: victim, tools: [try Offers.tool(Self.long)]),
                BackendOffer(backend: evil, tools: [try Offers.tool(short)]),
            ]
            let (catalog, report) = Pipeline(settings).catalog(from: offers)
            #expect(catalog.toolRoutes == ["\(short)=\(victim)/\(Self.long)"])
            #expect(report.causes(evil, short) == [.nameTaken(by: victim)])
        }
    }

    @Test("Two long names with equal short forms both get a place")
    func equalShortForms() throws {
        let names = Self.collidingNames()
        #expect(NameGuard.shortened(names.0) == NameGuard.shortened(names.1))
        let settings = AggregationSettings(prefixMode: .onConflict)
        for offers in permutations(try Offers.tools(["a": [names.0], "b": [names.1]])) {
            let (catalog, _) = Pipeline(settings).catalog(from: offers)
            let short = NameGuard.shortened(names.0)
            let routes = Dictionary(uniqueKeysWithValues: catalog.tools.map { ($0.name, $0.backend) })
            #expect(routes == [short: "a", NameGuard.shortened(names.1, attempt: 1): "b"])
        }
    }

    /// Two different names that clients refuse and that have one short form. About 2^16 tries, by the birthday bound.
    private static func collidingNames() -> (String, String) {
        var seen: [String: String] = [:]
        var number = 0
        while true {
            let name = "\(long)\(number)"
            if let other = seen.updateValue(name, forKey: NameGuard.shortened(name)) { return (other, name) }
            number += 1
        }
    }
}
