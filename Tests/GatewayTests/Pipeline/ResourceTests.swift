import Gateway
import Testing

@Suite("Resources, templates and their routes")
struct ResourceTests {
    @Test(
        "A URI of several backends stays with the first by name and is rewritten for the others, whatever the strategy and the order of arrival",
        arguments: AggregationSettings.Strategy.allCases)
    func firstByName(strategy: AggregationSettings.Strategy) throws {
        let settings = AggregationSettings(strategy: strategy, priorityOrder: ["b"])
        for offers in permutations(try Offers.resources(["b": ["u:1", "u:2"], "a": ["u:1"], "c": ["u:2"]])) {
            let (catalog, report) = Pipeline(settings).catalog(from: offers)
            #expect(
                catalog.resources.map { "\($0.uri)=\($0.backend)" } == [
                    "u:1=a", "u:2=b", "vmcp.b+u:1=b", "vmcp.c+u:2=c",
                ])
            #expect(report.causes("b", "u:1") == [.sharedURI(with: "a")])
            #expect(report.causes("c", "u:2") == [.sharedURI(with: "b")])
        }
        for offers in permutations(try Offers.templates(["b": ["u:{x}"], "a": ["u:{x}"]])) {
            let (catalog, report) = Pipeline(settings).catalog(from: offers)
            #expect(
                catalog.resourceTemplates.map { "\($0.uriTemplate)=\($0.backend)" } == [
                    "u:{x}=a", "vmcp.b+u:{x}=b",
                ])
            #expect(report.causes("b", "u:{x}") == [.sharedURI(with: "a")])
        }
    }

    @Test("A URI is what its bytes are: two that differ by Unicode normalisation are two")
    func bytes() throws {
        let (catalog, _) = Pipeline(AggregationSettings())
            .catalog(from: try Offers.resources(["a": ["u:\u{E9}"], "b": ["u:e\u{301}"]]))
        #expect(catalog.resources.map(\.backend) == ["b", "a"])
        #expect(catalog.backend(forResource: "u:\u{E9}") == "a")
        #expect(catalog.backend(forResource: "u:e\u{301}") == "b")
    }

    @Test(
        "A read goes to the exact URI, then to the exact template, then to the first template that matches",
        arguments: [
            ("f:///a", "exact"), ("f:///{x}", "one"), ("f:///other", "path"), ("f:///a/b", "path"),
            ("f:///{+path}", "path"), ("g:1", nil), ("", nil),
        ])
    func routing(uri: String, backend: String?) throws {
        let offers =
            try Offers.resources(["exact": ["f:///a"]])
            + Offers.templates(["path": ["f:///{+path}"], "one": ["f:///{x}", "z:{y}"]])
        for offers in permutations(offers) {
            // By their bytes "{+path}" comes before "{x}".
            let (catalog, _) = Pipeline(AggregationSettings()).catalog(from: offers)
            #expect(catalog.backend(forResource: uri) == backend)
        }
    }

    @Test("A template that is not RFC 6570 is listed and routes by its own text")
    func unreadable() throws {
        let (catalog, report) = Pipeline(AggregationSettings()).catalog(from: try Offers.templates(["a": ["u:{x"]]))
        #expect(catalog.resourceTemplates.count == 1)
        #expect(catalog.backend(forResource: "u:{x") == "a")
        #expect(catalog.backend(forResource: "u:1") == nil)
        #expect(report.warnings.map(\.cause) == [.unreadableTemplate("\"{\" without \"}\"")])
    }
}
