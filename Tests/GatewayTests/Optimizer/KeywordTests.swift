import Gateway
import Testing

@Suite("Words of tools and requests")
struct KeywordTests {
    @Test(
        "Names are taken apart into words",
        arguments: [
            ("create_pull_request", "create pull request"), ("createPullRequest", "create Pull Request"),
            ("gpt4Vision", "gpt 4 Vision"), ("list-issues.v2", "list issues v 2"), ("HTTPServer", "HTTPServer"),
            ("URLs and IDs", "URLs and IDs"), ("  a\u{0}b  ", "a b"), ("naïveÜbung", "naïve Übung"),
            ("查询天气 weather", "查询天气 weather"), ("🔥🔥", ""), ("e\u{301}tude", "e\u{301}tude"), ("", ""),
            ("1.5GB", "1 5 GB"),
        ])
    func splits(text: String, words: String) {
        #expect(WordSplit.split(text) == words)
    }

    @Test(
        "A hybrid query has the words that say something, quoted, each once",
        arguments: [
            ("create an issue in a repository", [], #""create" OR "issue" OR "repository""#),
            ("Please help me find the weatherForecast", ["Forecast", "city"], #""weather" OR "forecast" OR "city""#),
            (#"gamma "quoted* AND (x) NEAR(a b) name:foo"#, [], #""gamma" OR "quoted" OR "near" OR "name" OR "foo""#),
            ("a\u{0}b null\u{0}byte", [], #""null" OR "byte""#), ("查询 天", [], #""查询" OR "天""#),
        ] as [(String, [String], String)])
    func hybrid(text: String, keywords: [String], match: String) {
        #expect(KeywordQuery.hybrid(text, keywords: keywords).match == match)
    }

    @Test("A request without words matches nothing", arguments: ["", "the of a", "!!! ???", "🔥", "\u{0}"])
    func nothing(text: String) {
        #expect(KeywordQuery.hybrid(text).match == nil)
    }

    @Test(
        "A reference query has the keywords, or else the words of the description",
        arguments: [
            ("weather for a city", ["list issues", "GitHub"], #""list" OR "issues" OR "github""#),
            ("weather for a city", ["name", "schema"], #""weather" OR "for" OR "a" OR "city""#),
            (#"create_issue "x"#, [], #""create_issue" OR """x""#), ("Name TYPE", [], nil),
            ("issue Issue ISSUE", [], #""issue""#),
        ] as [(String, [String], String?)])
    func reference(text: String, keywords: [String], match: String?) {
        #expect(KeywordQuery.reference(text, keywords: keywords).match == match)
    }

    @Test("Ten thousand keywords and a megabyte of text make a query of bounded size")
    func bounded() {
        let keywords = (0..<10_000).map { "word\($0 % 26)x\($0)" }
        #expect(KeywordQuery.hybrid("x", keywords: keywords).words.count <= 200)
        let text = String(repeating: "lorem ipsum \u{1F525} ", count: 100_000)
        #expect(KeywordQuery.hybrid(text).words == ["lorem", "ipsum"])
        #expect(KeywordQuery.reference(text, keywords: []).words.count <= 200)
    }

    @Test(
        "A compound request has parts",
        arguments: [
            ("read my latest mail, then add it to my calendar", ["read my latest mail,", "add it to my calendar"]),
            ("Read the file notes.txt. Send it to Bob now!", ["Read the file notes.txt.", "Send it to Bob now!"]),
            ("fetch the page and then save it locally", ["fetch the page", "save it locally"]),
            (
                "get the weather\nbook a cheap flight\nalso find a hotel",
                [
                    "get the weather", "book a cheap flight", "find a hotel",
                ]
            ),
            ("create an issue in a repository", []), ("first do this", []),
            // One of them is too short to be a request of its own.
            ("go. then list all open issues", []), ("查询天气。", []), ("version 1.5 of the tool", []),
            (String(repeating: "do this and that. ", count: 7), []), ("", []),
        ])
    func clauses(text: String, parts: [String]) {
        #expect(RequestClauses.of(text) == parts)
    }

    @Test("What is searched of a tool is its name, server, description and parameters")
    func document() throws {
        let json = try JSONSlice(
            validating: Array(
                """
                {"name":"gh_createIssue","description":"Create an issue","inputSchema":{"properties":{"repoName":\
                {"description":"\(String(repeating: "é", count: 200))"},"n":true}}}
                """.utf8))
        let document = ToolDocument(
            name: "gh_createIssue", advertisedName: "git-hub_gh_createIssue", server: "git-hub", json: json)
        let parameters = "repoName \(String(repeating: "é", count: 120)) n"
        #expect(document.parameters == parameters)
        #expect(
            document.columns(.hybrid) == [
                "gh create Issue", "git hub", "Create an issue", "repo Name \(String(repeating: "é", count: 120)) n",
            ])
        #expect(document.columns(.reference) == ["git-hub_gh_createIssue", "Create an issue"])
        #expect(document.embeddingText(.hybrid) == "gh create Issue: Create an issue (git hub)")
        #expect(document.embeddingText(.reference) == "name: git-hub_gh_createIssue description: Create an issue")
    }

    @Test(
        "A tool without description or schema, or with enormous ones, is searched all the same",
        arguments: [
            (#"{"name":"x"}"#, 0), (#"{"name":"x","description":null,"inputSchema":[]}"#, 0),
            (#"{"name":"x","description":"\#(String(repeating: "word ", count: 200_000))"}"#, 32_768),
        ])
    func oddTools(text: String, length: Int) throws {
        let document = ToolDocument(
            name: "x", advertisedName: "x", server: "", json: try JSONSlice(validating: Array(text.utf8)))
        #expect(document.description.utf8.count == length)
        #expect(document.embeddingText(.hybrid).utf8.count <= 8_192)
    }
}
