import Foundation
import Gateway
import Testing

@Suite("List pages and cursors")
struct PageTests {
    private static func cursor(_ json: String) throws -> JSONSlice {
        let text = Data(json.utf8).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_")
            .replacing("=", with: "")
        return try Offers.json("\"\(text)\"")
    }

    private static func catalog(_ count: Int) throws -> Catalog {
        let tools = try (0..<count).map { try Offers.tool("t\(String($0 + 10000))") }
        return Pipeline(AggregationSettings()).catalog(from: [BackendOffer(backend: "a", tools: tools)]).0
    }

    private struct Page {
        let names: [String]
        let next: JSONSlice?

        init(_ bytes: [UInt8], _ member: String, key: String = "name") throws {
            let json = try JSONSlice(validating: bytes)
            names = try #require(json[member]).elements.compactMap { $0[key]?.string }
            next = json["nextCursor"]
        }
    }

    @Test("A page is the result of its list method, and the last has no cursor")
    func bytes() throws {
        let (catalog, _) = Pipeline(AggregationSettings()).catalog(from: try Offers.tools(["b": ["x"], "a": ["y"]]))
        #expect(
            String(decoding: try catalog.page(.tools), as: UTF8.self)
                == #"{"tools":[{"name":"a_y","inputSchema":{}},{"name":"b_x","inputSchema":{}}]}"#)
        for (kind, member) in [
            (OfferKind.resources, "resources"), (.resourceTemplates, "resourceTemplates"), (.prompts, "prompts"),
        ] {
            #expect(String(decoding: try catalog.page(kind), as: UTF8.self) == "{\"\(member)\":[]}")
        }
        #expect(String(decoding: try Catalog().page(.tools), as: UTF8.self) == #"{"tools":[]}"#)
    }

    @Test(
        "Walking the cursors brings every item once, sorted, 1000 a page",
        arguments: [
            (0, [0]), (1, [1]), (999, [999]), (1000, [1000]), (1001, [1000, 1]), (2000, [1000, 1000]),
            (2500, [1000, 1000, 500]),
        ])
    func walk(count: Int, sizes: [Int]) throws {
        let catalog = try Self.catalog(count)
        var found: [String] = []
        var pages: [Int] = []
        var cursor: JSONSlice?
        repeat {
            let page = try Page(catalog.page(.tools, cursor: cursor), "tools")
            found += page.names
            pages.append(page.names.count)
            cursor = page.next
        } while cursor != nil
        #expect(pages == sizes)
        #expect(catalog.tools.allSatisfy { $0.json["name"]?.string == $0.name })
        #expect(found == catalog.tools.map(\.name))
        #expect(found == (0..<count).map { "a_t\($0 + 10000)" })
    }

    @Test("Lists are sorted by bytes, not by language")
    func bytewise() throws {
        let settings = AggregationSettings(prefixMode: .onConflict, shortenNames: false)
        let names = ["b", "a", "B", "Z", "_", "é", "e\u{301}", "zz", "z", "\u{1F600}", "\u{FFFD}"]
        let (catalog, _) = Pipeline(settings).catalog(from: try Offers.tools(["a": names]))
        let sorted = names.sorted { Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8)) }
        #expect(catalog.tools.map { Array($0.name.utf8) } == sorted.map { Array($0.utf8) })
    }

    @Test("A cursor is unpadded base64url of kind, last key and count")
    func form() throws {
        let page = try Page(try Self.catalog(1001).page(.tools), "tools")
        #expect(page.next?.string == (try Self.cursor(#"{"k":"tools","l":"a_t10999","d":1}"#)).string)
    }

    @Test("The absent, null and empty cursor is the beginning", arguments: ["null", "\"\""])
    func beginning(cursor: String) throws {
        let catalog = try Self.catalog(3)
        #expect(try catalog.page(.tools, cursor: Offers.json(cursor)) == catalog.page(.tools))
    }

    @Test(
        "A cursor of an earlier list goes on behind its key",
        arguments: [
            // Inside a page: its rest, then back on the rendered pages.
            (#"{"k":"tools","l":"a_t10500","d":1}"#, "a_t10501", 499),
            (#"{"k":"tools","l":"a_t10500","d":7}"#, "a_t10501", 499),
            (#"{"k":"tools","l":"a_t10500","d":0}"#, "a_t10500", 500),
            // Its item is gone.
            (#"{"k":"tools","l":"a_t10500x","d":1}"#, "a_t10501", 499),
            (#"{"k":"tools","l":"a","d":1}"#, "a_t10000", 1000),
            (#"{"d":1,"l":"a_t1\u0030999","k":"tools","more":[]}"#, "a_t11000", 501),
            (#"{"k":"tools","l":"zzz","d":1}"#, nil, 0),
        ])
    func stale(json: String, first: String?, count: Int) throws {
        let page = try Page(try Self.catalog(1501).page(.tools, cursor: Self.cursor(json)), "tools")
        #expect(page.names.first == first)
        #expect(page.names.count == count)
        #expect((page.next == nil) == (count == 501 || count == 0))
    }

    @Test(
        "What is not one of our cursors is an error",
        arguments: [
            "1", "true", "{}", "[\"\"]", #""zzz""#, #""e30=""#, #""a b""#, #""{}""#, #""e31""#,
            "\"\(String(repeating: "A", count: 513))\"",
        ])
    func invalid(raw: String) throws {
        let catalog = try Self.catalog(1)
        #expect(throws: InvalidCursor.self) { try catalog.page(.tools, cursor: Offers.json(raw)) }
    }

    @Test(
        "A cursor with wrong contents is an error",
        arguments: [
            "{}", "[]", "1", "", #"{"k":"prompts","l":"a","d":1}"#, #"{"l":"a","d":1}"#, #"{"k":"tools","d":1}"#,
            #"{"k":"tools","l":"","d":1}"#, #"{"k":"tools","l":1,"d":1}"#, #"{"k":"tools","l":"a"}"#,
            #"{"k":"tools","l":"a","d":-1}"#, #"{"k":"tools","l":"a","d":1.5}"#, #"{"k":"tools","l":"a","d":"1"}"#,
            #"{"k":"tools","l":"a","d":1}x"#, #"{"k":"tools","l":"a","d":99999999999999999999}"#,
        ])
    func wrongContents(json: String) throws {
        let catalog = try Self.catalog(1)
        // An empty text is the empty cursor, so it is wrapped in a kind that never is empty.
        let raw = json.isEmpty ? try Offers.json("\"A\"") : try Self.cursor(json)
        #expect(throws: InvalidCursor.self) { try catalog.page(.tools, cursor: raw) }
    }

    @Test("A key too long for a cursor does not end a page")
    func longKeys() throws {
        let long = String(repeating: "u", count: 600)
        let uris = (0..<2300).map { index in
            let isLong = (990..<1010).contains(index) || index >= 1500
            return "u:\(index + 10000)\(isLong ? long : "")"
        }
        let (catalog, _) = Pipeline(AggregationSettings()).catalog(from: try Offers.resources(["a": uris]))
        var found: [String] = []
        var pages: [Int] = []
        var cursor: JSONSlice?
        repeat {
            let page = try Page(catalog.page(.resources, cursor: cursor), "resources", key: "uri")
            found += page.names
            pages.append(page.names.count)
            cursor = page.next
        } while cursor != nil
        #expect(found == uris)
        #expect(pages == [990, 510, 800])
    }
}
