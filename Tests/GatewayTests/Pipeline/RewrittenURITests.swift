import Testing

@testable import Gateway

@Suite("URIs that several backends list")
struct RewrittenURITests {
    @Test(
        "A rewritten URI names its backend, holds the original byte by byte, and is read back",
        arguments: [
            ("docs", "file:///a%20b?q#f", "vmcp.docs+file:///a%20b?q#f"), ("a-1", "x", "vmcp.a-1+x"),
            ("my_Server.x", "u:1", "vmcp.my.5f.53erver.2ex+u:1"), ("é", "u:1", "vmcp..c3.a9+u:1"),
            ("b", "\u{301}:1+2", "vmcp.b+\u{301}:1+2"), ("b", "f:///{+path}{?q}", "vmcp.b+f:///{+path}{?q}"),
            ("b", "vmcp.b+u:1", "vmcp.b+vmcp.b+u:1"),
        ])
    func form(backend: String, original: String, expected: String) throws {
        let text = RewrittenURI.prefix(of: backend) + original
        #expect(text.utf8.elementsEqual(expected.utf8))
        let read = try #require(RewrittenURI(text))
        #expect(read.original.utf8.elementsEqual(original.utf8))
        #expect(read.isOf(backend) && !read.isOf("other"))
    }

    @Test(
        "Other URIs are not taken for one",
        arguments: ["", "u:1", "vmcp.", "vmcp.b", "vmcp.b+", "vmcp.+u:1", "vmcp.B+u:1", "vmcp.a/b+u:1", "VMCP.b+u:1"])
    func others(uri: String) {
        #expect(RewrittenURI(uri) == nil)
        #expect(RewrittenURI.original(of: uri) == uri)
    }

    @Test("No two backends share a prefix")
    func distinct() {
        let names = ["a", "A", "a.b", "a_b", "a.5fb", "a-b", "a+b", ".61", "a b"]
        #expect(Set(names.map(RewrittenURI.prefix(of:))).count == names.count)
    }

    /// `b` shares "u:1", "d:///dir" and the template "t:{x}" with `a`; "u:2" and "t:own" are its own.
    private static func catalog() throws -> (Catalog, AggregationReport) {
        let resources = try Offers.resources(["a": ["u:1", "d:///dir"], "b": ["u:1", "d:///dir", "u:2", "t:own"]])
        let templates = try Offers.templates(["a": ["t:{x}"], "b": ["t:{x}"]])
        return Pipeline(AggregationSettings()).catalog(
            from: zip(resources.sorted { $0.backend < $1.backend }, templates.sorted { $0.backend < $1.backend }).map {
                var offer = $0
                offer.items[.resourceTemplates] = $1.items[.resourceTemplates]
                return offer
            })
    }

    @Test(
        "Both ways: what the backend shares has another name towards clients, and everything else its own",
        arguments: [
            ("u:1", true), ("u:2", false), ("u:3", false), ("t:{x}", true), ("t:7", true), ("t:own", false),
            ("t:a/b", false), ("d:///dir", true), ("d:///dir/part/of", true), ("d:///directory", false),
        ])
    func bothWays(uri: String, isRewritten: Bool) throws {
        let (catalog, _) = try Self.catalog()
        let uris = try #require(catalog.uris["b"])
        let name = uris.towardsClient(uri)
        #expect(name == (isRewritten ? "vmcp.b+" : "") + uri)
        #expect(RewrittenURI.original(of: name) == uri)
    }

    @Test("Only a backend with rewritten URIs has names to replace")
    func others() throws {
        let (catalog, report) = try Self.catalog()
        #expect(Set(catalog.uris.keys) == ["b"])
        #expect(report.entries.map(\.cause.what) == [.rewritten, .rewritten, .rewritten])
        #expect(report.warnings.isEmpty)
        #expect(
            report.entries.first?.description
                == #"backend b, resources "u:1" as "vmcp.b+u:1": rewritten: backend a offers the same and sorts first"#)
    }

    @Test("Lists show the rewritten URI in place of the original, all other bytes as they came")
    func lists() throws {
        let item = try JSONSlice(validating: Array(#"{ "name":"n" , "uri" : "u:1", "more":[1.0] }"#.utf8))
        let offers = ["a", "b"].map { BackendOffer(backend: $0, items: [.resources: [item]]) }
        let (catalog, _) = Pipeline(AggregationSettings()).catalog(from: offers)
        #expect(
            String(decoding: try catalog.page(.resources), as: UTF8.self)
                == #"{"resources":[{ "name":"n" , "uri" : "u:1", "more":[1.0] },"#
                + #"{ "name":"n" , "uri" : "vmcp.b+u:1", "more":[1.0] }]}"#)
    }

    @Test(
        "A URI of this form leads to its own backend alone, also to what needs no rewriting",
        arguments: [
            ("u:1", "a", "u:1"), ("vmcp.b+u:1", "b", "u:1"), ("vmcp.a+u:1", "a", "u:1"), ("vmcp.b+u:2", "b", "u:2"),
            ("vmcp.b+t:7", "b", "t:7"), ("vmcp.b+t:{x}", "b", "t:{x}"), ("t:7", "a", "t:7"), ("vmcp.a+t:7", "a", "t:7"),
            ("vmcp.a+u:2", nil, nil), ("vmcp.c+u:1", nil, nil), ("vmcp.b+u:9", nil, nil),
            ("vmcp.b+vmcp.b+u:1", nil, nil),
        ])
    func routes(uri: String, backend: String?, original: String?) throws {
        let (catalog, _) = try Self.catalog()
        let route = catalog.route(forResource: uri)
        #expect(route?.backend == backend)
        #expect(route?.uri == original)
    }

    @Test("A template that takes any URI does not get those of another backend")
    func greedy() throws {
        let offers =
            try Offers.templates(["a": ["{+any}"]]) + Offers.resources(["b": ["u:1"], "c": ["u:1"]])
        let (catalog, _) = Pipeline(AggregationSettings()).catalog(from: offers)
        #expect(catalog.backend(forResource: "vmcp.c+u:1") == "c")
        #expect(catalog.backend(forResource: "vmcp.c+u:2") == nil)
        #expect(catalog.backend(forResource: "u:2") == "a")
    }

    @Test("A backend cannot take the place of another by listing a URI of this form")
    func reserved() throws {
        let uri = "vmcp.c+u:1"
        let offers = try Offers.resources(["a": [uri], "b": ["u:1"], "c": ["u:1"]])
        for offers in permutations(offers) {
            let (catalog, report) = Pipeline(AggregationSettings()).catalog(from: offers)
            #expect(catalog.backend(forResource: uri) == "c")
            #expect(catalog.route(forResource: "vmcp.a+" + uri)?.uri == uri)
            #expect(report.causes("a", uri) == [.reservedURI])
        }
    }

    @Test("A rewritten URI stays what it is whoever comes and goes")
    func stable() throws {
        for others in [["a"], ["a", "c"], ["b0", "d"], []] {
            let offers = try Offers.resources(["b1": ["u:1"]]) + others.flatMap { try Offers.resources([$0: ["u:1"]]) }
            let (catalog, _) = Pipeline(AggregationSettings()).catalog(from: offers)
            let route = catalog.route(forResource: "vmcp.b1+u:1")
            #expect(route?.backend == "b1" && route?.uri == "u:1")
        }
    }
}
