import Foundation
import Gateway
import Logging
import Testing

@testable import HostOptimizer

@Suite("Index of tools")
struct ToolIndexTests {
    static let log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    private func index(
        _ settings: OptimizerSettings = OptimizerSettings(), _ source: ScriptedSource? = nil, cacheFile: String? = nil,
        tools: [String: [String]] = Catalogs.small
    ) async throws -> ToolIndex {
        let index = try ToolIndex(settings, source: source, cacheFile: cacheFile, log: Self.log)
        index.update(try Catalogs.of(tools))
        await index.settled()
        return index
    }

    private func names(
        _ index: ToolIndex, _ text: String, _ keywords: [String] = [], hidden: Set<String> = []
    ) async throws -> [String] {
        try await index.search(ToolRequest(description: text, keywords: keywords)) { !hidden.contains($0.name) }
            .matches.map(\.tool.name)
    }

    @Test("Without a model tools are found by their words, in whatever form")
    func keywords() async throws {
        let index = try await index()
        #expect(try await names(index, "creating tickets") == ["create_ticket", "list_tickets"])
        #expect(try await names(index, "how high will the water be") == ["get_tide"])
        #expect(try await names(index, "umbrella") == [])
        #expect(try await names(index, "umbrella", ["sun"]) == ["get_forecast"])
        #expect(index.status == SearchStatus(ranking: "hybrid", tools: 5, embedding: nil))
    }

    @Test("With a model they are found by meaning too")
    func meaning() async throws {
        let source = ScriptedSource()
        let index = try await index(OptimizerSettings(), source)
        #expect(try await names(index, "do I need an umbrella").first == "get_forecast")
        #expect(source.documents.count == 5)
        #expect(source.documents.contains("get forecast: Rain and sun of the next days (sky)"))
        #expect(index.status.embedding?.phase == .ready)
        #expect(index.status.embedding?.embedded == 5)
        #expect(index.status.embedding?.model == "tiny/1")
    }

    @Test("The parts of a compound request are embedded with it")
    func parts() async throws {
        let source = ScriptedSource(maximumBatch: 2)
        let index = try await index(OptimizerSettings(), source)
        _ = try await names(index, "show the rain forecast, then write a letter home")
        #expect(
            source.queries == [
                "show the rain forecast, then write a letter home", "show the rain forecast,", "write a letter home",
            ])
    }

    @Test("What a caller may not see is neither found nor counted")
    func permission() async throws {
        let index = try await index(OptimizerSettings(), ScriptedSource())
        #expect(try await names(index, "ticket", hidden: ["create_ticket"]).first == "list_tickets")
        let request = ToolRequest(description: "ticket")
        let all = try await index.search(request) { _ in true }
        let some = try await index.search(request) { $0.backend == "sky" }
        let none = try await index.search(request) { _ in false }
        let tokens = try Catalogs.of(Catalogs.small).tools.map { ($0.backend, $0.json.range.count / 4) }
        #expect(all.searchedTokens == tokens.reduce(0) { $0 + $1.1 })
        #expect(some.searchedTokens == tokens.filter { $0.0 == "sky" }.reduce(0) { $0 + $1.1 })
        #expect(some.matches.allSatisfy { $0.tool.backend == "sky" })
        #expect(none.matches.isEmpty && none.searchedTokens == 0)
    }

    @Test("A change indexes and embeds what is new, and forgets what is gone")
    func change() async throws {
        let source = ScriptedSource()
        let index = try await index(OptimizerSettings(), source)
        var tools = Catalogs.small
        tools["work"] = ["create_ticket: Report a defect", "list_tickets: Everything", "book_plane: Fly away"]
        index.update(try Catalogs.of(tools))
        await index.settled()
        #expect(
            Set(source.documents.dropFirst(5)) == ["book plane: Fly away (work)", "list tickets: Everything (work)"])
        #expect(try await names(index, "plane").first == "book_plane")
        #expect(try await !names(index, "mail somebody").contains("send_mail"))
        // Back again: its vector is still there.
        index.update(try Catalogs.of(Catalogs.small))
        await index.settled()
        #expect(source.documents.count == 7)
        #expect(try await names(index, "letter").first == "send_mail")
    }

    @Test("The result does not depend on the order in which tools came")
    func deterministic() async throws {
        let direct = try await index(OptimizerSettings(), ScriptedSource())
        let detour = try await index(
            OptimizerSettings(), ScriptedSource(), tools: ["other": ["b: ticket mail", "a: ticket"]])
        for tools in [["work": Catalogs.small["work"] ?? []], [:], Catalogs.small] {
            detour.update(try Catalogs.of(tools))
        }
        await detour.settled()
        for text in ["ticket", "mail a ticket about rain", "defects"] {
            let request = ToolRequest(description: text)
            let (one, other) = (
                try await direct.search(request) { _ in true }, try await detour.search(request) { _ in true }
            )
            #expect(one.matches.map(\.tool.name) == other.matches.map(\.tool.name))
            #expect(one.matches.map(\.score) == other.matches.map(\.score))
        }
    }

    @Test("With the reference's ranking half is found by meaning and half by words")
    func reference() async throws {
        var settings = OptimizerSettings()
        (settings.ranking, settings.maximum) = (.reference, 2)
        let source = ScriptedSource()
        let index = try await index(settings, source)
        #expect(try await names(index, "umbrella against high water") == ["get_forecast", "get_tide"])
        #expect(source.documents.contains("name: get_forecast description: Rain and sun of the next days"))
    }

    @Test("A prefix that a conflict puts before a name changes neither what is embedded nor what is found")
    func prefixes() async throws {
        let source = ScriptedSource()
        let tools = ["blue": ["play: music"], "red": ["play: flight", "rest: nothing"]]
        let index = try await index(OptimizerSettings(), source, tools: tools)
        #expect(Set(source.documents) == ["play: music (blue)", "play: flight (red)", "rest: nothing (red)"])
        #expect(try await names(index, "plane").first == "red_play")
        let plain = try await self.index(OptimizerSettings(), tools: tools)
        #expect(Set(try await names(plain, "red")) == ["red_play", "rest"])
        let scores = try await plain.search(ToolRequest(description: "red")) { _ in true }.matches.map(\.score)
        #expect(Set(scores).count == 1)
    }

    @Test("A ratio of 0 asks no provider")
    func keywordsOnly() async throws {
        var settings = OptimizerSettings()
        settings.semanticRatio = 0
        let source = ScriptedSource()
        let index = try await index(settings, source)
        #expect(try await names(index, "ticket") == ["create_ticket", "list_tickets"])
        #expect(source.documents.isEmpty && source.queries.isEmpty)
    }

    static let hostile = [
        "\"", "*", "NEAR(a b)", "name:x", "a AND NOT b OR", "(((", "\u{0}", "ticket\u{0}ticket", "-", "^ticket",
        "{name server}: x", "💥", "天气", String(repeating: "ticket ", count: 50_000), "';DROP TABLE tools;--",
    ]

    @Test("Whatever stands in a request, the search answers", arguments: hostile)
    func hostileRequests(text: String) async throws {
        for ranking in OptimizerSettings.Ranking.allCases {
            var settings = OptimizerSettings()
            settings.ranking = ranking
            let index = try await index(settings, ScriptedSource())
            _ = try await names(index, text, [text, text])
            #expect(try await names(index, "ticket").contains("create_ticket"))
        }
    }

    @Test("Ten thousand keywords are a search like any other")
    func manyKeywords() async throws {
        let index = try await index()
        let words = ["ticket"] + (0..<10_000).map { "w\($0)" }
        #expect(Set(try await names(index, "mail", words)).isSuperset(of: ["create_ticket", "send_mail"]))
    }

    @Test("Odd tools are indexed: no description, enormous ones, foreign scripts, names equal but for case")
    func oddTools() async throws {
        let schema = (0..<20_000).map { #""property\#($0)":{"description":"long text about nothing"}"# }
        let tools = [
            "odd": [
                #"{"name":"bare"}"#, #"{"name":"Case","description":"upper"}"#,
                #"{"name":"case","description":"lower"}"#,
                #"{"name":"天气查询","description":"查询天气"}"#, #"{"name":"🔥","description":"fire \u0000 null"}"#,
                #"{"name":"huge","description":"\#(String(repeating: "colossal ", count: 100_000))"}"#,
                #"{"name":"wide","inputSchema":{"properties":{\#(schema.joined(separator: ","))}}}"#,
            ]
        ]
        let source = ScriptedSource()
        let index = try await index(OptimizerSettings(), source, tools: tools)
        #expect(try await names(index, "bare").first == "bare")
        #expect(try await names(index, "lower").first == "case")
        #expect(try await names(index, "upper").first == "Case")
        #expect(try await names(index, "查询天气").first == "天气查询")
        #expect(try await names(index, "fire").first == "🔥")
        #expect(try await names(index, "colossal").first == "huge")
        #expect(try await names(index, "property 17").first == "wide")
        #expect(index.status.embedding?.embedded == 7)
    }
}
