import ArgumentParser
import Foundation
import Gateway
import Host
import HostConfiguration
import HostOptimizer
import Logging

/// Measures how well and how fast `find_tool` finds: the tool-retrieval benchmark through the index of the gateway.
@main
struct Retrieval: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench-retrieval",
        abstract: "Measure find_tool on the tool-retrieval benchmark.",
        discussion: "Searches each query in the tools of its pool, as a gateway with these servers would.")

    @Option(help: "The folder with tools.jsonl and the queries.") var data = "../shared/bench/tool-retrieval"
    @Option(help: "The file of the queries.") var queries = "queries.dev.jsonl"
    @Option(help: "The rankings to measure: hybrid, keywords, reference; separated by commas.")
    var rankings = "keywords,hybrid,reference"
    @Option(help: "The embedding provider.") var provider = "local"
    @Option(help: "A folder of plugins; repeatable.") var plugins: [String] = []
    @Option(help: "Where vectors of tools are kept, so that a second run need not make them.")
    var cache = ".cache/bench-retrieval.sqlite"
    @Option(help: "Threads of the local model.") var threads = 1
    @Flag(help: "Try other weights of the hybrid ranking as well, and how the best of some queries do on the others.")
    var crossValidate = false
    @Flag(help: "Measure times as well; they mean something in a release build only.") var times = false

    func run() async throws {
        let data = try RetrievalData(folder: data, queries: queries)
        let log = Logger(label: "bench") { StreamLogHandler.standardError(label: $0) }
        let assembly = try GatewayAssembly(
            AssemblyOptions(pluginFolders: plugins, environment: ProcessInfo.processInfo.environment), log: log)
        var configuration = OptimizerConfiguration.standard(allowsLoopback: true)
        configuration.provider = provider
        configuration.specJSON = Array("{\"embeddingThreads\":\(threads)}".utf8)
        let source = assembly.embeddings(configuration).map(TimedSource.init)
        for ranking in rankings.split(separator: ",") {
            try await measure(String(ranking), data, source, log)
        }
        if crossValidate { try await crossValidate(data, source, log) }
        if times { try await measureTimes(data, source, log) }
        await source?.end()
    }

    private func settings(_ ranking: String) -> OptimizerSettings {
        var settings = OptimizerSettings()
        settings.ranking = ranking == "reference" ? .reference : .hybrid
        return settings
    }

    private func index(_ settings: OptimizerSettings, _ source: TimedSource?, _ log: Logger) throws -> ToolIndex {
        try ToolIndex(settings, source: source, cacheFile: cache, log: log)
    }

    // MARK: - How well

    private func measure(_ ranking: String, _ data: RetrievalData, _ source: TimedSource?, _ log: Logger) async throws {
        let source = ranking == "keywords" ? nil : source
        guard let (answers, model) = try await answers(settings(ranking), data, source, log) else { return }
        report(ranking, model, Dictionary(grouping: answers, by: \.source).mapValues { $0.map(\.metrics) })
    }

    /// How good the answer to each query is, in the order of pools and queries; `nil` when tools cannot be embedded.
    private func answers(
        _ settings: OptimizerSettings, _ data: RetrievalData, _ source: TimedSource?, _ log: Logger
    ) async throws -> ([Answer], model: String)? {
        var answers: [Answer] = []
        var model = "without a model"
        for pool in Set(data.queries.map(\.pool)).sorted() {
            let index = try index(settings, source, log)
            let (catalog, ids) = data.catalog([pool], prefixed: settings.ranking == .reference)
            index.update(catalog)
            await index.settled()
            if let embedding = index.status.embedding {
                guard embedding.phase == .ready else {
                    print("\(settings.ranking): not measured: \(embedding.message ?? embedding.phase.rawValue)")
                    await index.stop()
                    return nil
                }
                model = embedding.model ?? "unknown model"
            }
            for query in data.queries where query.pool == pool {
                let found = try await index.search(ToolRequest(description: query.query)) { _ in true }
                let names = found.matches.map { ids["\($0.tool.backend)\n\($0.tool.originalName)"] ?? "" }
                let saved = 1 - Double(found.matches.reduce(0) { $0 + $1.tool.tokens }) / Double(found.searchedTokens)
                let metrics = Metrics(gold: query.gold, found: names, equivalents: data.equivalents, saved: saved)
                answers.append(Answer(source: query.source, metrics: metrics))
            }
            await index.stop()
        }
        return (answers, model)
    }

    /// Every recipe of the grid, and how the best of some queries does on the others.
    private func crossValidate(_ data: RetrievalData, _ source: TimedSource?, _ log: Logger) async throws {
        var validation = CrossValidation()
        for recipe in CrossValidation.grid {
            var settings = settings("hybrid")
            settings.recipe = recipe
            guard let (answers, _) = try await answers(settings, data, source, log) else { return }
            validation.add(answers, of: recipe)
        }
        print(validation.report())
    }

    private func report(_ ranking: String, _ model: String, _ bySource: [String: [Metrics]]) {
        var rows = bySource.map { (name: $0.key, count: $0.value.count, metrics: Metrics(mean: $0.value)) }
            .sorted { $0.name < $1.name }
        if let (live, macro) = Metrics.summary(bySource) {
            let counts = bySource.filter { $0.key.hasPrefix("live-") }.map(\.value.count)
            let total = rows.reduce(0) { $0 + $1.count }
            rows.append(("LIVE", counts.reduce(0, +), live))
            rows.append(("MACRO", total, macro))
        }
        print("\n### \(ranking), \(model)\n")
        print("| source | queries | \(Metrics.names.joined(separator: " | ")) |")
        print("| --- | ---: |\(Metrics.names.map { _ in " ---: |" }.joined())")
        for row in rows {
            let values = row.metrics.values.map { String(format: "%.1f", $0) }
            print("| \(row.name) | \(row.count) | \(values.joined(separator: " | ")) |")
        }
    }

    // MARK: - How fast

    private func measureTimes(_ data: RetrievalData, _ source: TimedSource?, _ log: Logger) async throws {
        print("\n### find_tool beside the embedding\n")
        print("| tools | p50 ms | p95 ms |")
        print("| ---: | ---: | ---: |")
        let all = Set(data.tools.map(\.tool.pool))
        for (pools, least) in [(["live"], 0), (["sealtools"], 0), (all, 10_000)] as [(Set<String>, Int)] {
            let index = try index(settings("hybrid"), source, log)
            let (catalog, _) = data.catalog(pools, least: least)
            index.update(catalog)
            await index.settled()
            let clock = ContinuousClock()
            var times: [Double] = []
            for query in data.queries where pools.contains(query.pool) {
                _ = source?.takeSpent()
                let start = clock.now
                _ = try await index.search(ToolRequest(description: query.query)) { _ in true }
                times.append(((clock.now - start) - (source?.takeSpent() ?? .zero)) / .milliseconds(1))
            }
            await index.stop()
            print("| \(catalog.tools.count) | \(Self.percentile(times, 50)) | \(Self.percentile(times, 95)) |")
        }
        // A start with vectors on file: the first pass put them there.
        let (catalog, _) = data.catalog(["live"])
        let clock = ContinuousClock()
        var starts: [Double] = []
        for _ in 0..<5 {
            let start = clock.now
            let index = try index(settings("hybrid"), source, log)
            index.update(catalog)
            await index.settled()
            starts.append((clock.now - start) / .milliseconds(1))
            await index.stop()
        }
        print("\n\(catalog.tools.count) tools indexed, vectors on file: p50 \(Self.percentile(starts, 50)) ms")
        let embedding = source?.times.map { $0 / .milliseconds(1) } ?? []
        if !embedding.isEmpty {
            print(
                "\none query embedded, \(threads) thread(s): p50 \(Self.percentile(embedding, 50)) ms, p95 "
                    + "\(Self.percentile(embedding, 95)) ms")
        }
    }

    private static func percentile(_ values: [Double], _ percent: Int) -> String {
        let sorted = values.sorted()
        guard !sorted.isEmpty else { return "-" }
        return String(format: "%.2f", sorted[min(sorted.count - 1, sorted.count * percent / 100)])
    }
}
