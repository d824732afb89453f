import Foundation
import Gateway
import Synchronization
import Testing

@testable import HostOptimizer

/// A clock that goes on by as much as somebody sleeps, at once.
final class LeapingClock: Sendable {
    private let time = Mutex<(now: UInt64, sleeps: [UInt64])>((1_000, []))
    var sleeps: [UInt64] { time.withLock { $0.sleeps } }
    func advance(by milliseconds: UInt64) { time.withLock { $0.now += milliseconds } }
    /// A clock on which no sleep ends by itself.
    static let held = GatewayClock(
        now: { 0 },
        sleep: { _ in
            let (never, sender) = AsyncStream<Void>.makeStream()
            for await _ in never {}
            withExtendedLifetime(sender) {}
            try Task.checkCancellation()
        })
    /// - Parameter onSleep: Called before each sleep ends.
    func clock(onSleep: @escaping @Sendable (Int) -> Void = { _ in }) -> GatewayClock {
        GatewayClock(
            now: { self.time.withLock { $0.now } },
            sleep: { milliseconds in
                let count = self.time.withLock { time in
                    time.now += milliseconds
                    time.sleeps.append(milliseconds)
                    return time.sleeps.count
                }
                onSleep(count)
                try Task.checkCancellation()
            })
    }
}

@Suite("Embeddings that fail")
struct EmbeddingFailureTests {
    private func folder() -> String { NSTemporaryDirectory() + "vmcp-optimizer-\(UUID().uuidString)" }

    private func index(
        _ source: ScriptedSource, clock: GatewayClock = .system, cacheFile: String? = nil
    ) async throws -> ToolIndex {
        let index = try ToolIndex(
            OptimizerSettings(), source: source, cacheFile: cacheFile, clock: clock, log: ToolIndexTests.log)
        index.update(try Catalogs.of(Catalogs.small))
        await index.settled()
        return index
    }

    private func first(_ index: ToolIndex, _ text: String) async throws -> String? {
        try await index.search(ToolRequest(description: text)) { _ in true }.matches.first?.tool.name
    }

    static let failures = [
        Outcome(.unavailable, message: "connection refused"), Outcome(.timeout, message: "no answer in 30 s"),
        Outcome(.protocolError, message: "fewer vectors than texts"), Outcome(.internalError, message: "HTTP 500"),
    ]

    @Test("A provider that fails leaves the search by words, is told of, and is tried again", arguments: failures)
    func degraded(failure: Outcome) async throws {
        let source = ScriptedSource()
        source.set { $0.documentFailure = failure }
        let clock = LeapingClock()
        let index = try await index(
            source, clock: clock.clock { count in if count == 3 { source.set { $0.documentFailure = nil } } })
        // It may have recovered by now: the clock leaps. What matters is that it was tried with growing pauses.
        while index.status.embedding?.phase != .ready { await index.settled() }
        #expect(clock.sleeps.prefix(3) == [1_000, 2_000, 4_000])
        #expect(try await first(index, "umbrella") == "get_forecast")
        await index.stop()
    }

    @Test("While it fails, requests are answered by words and no text is sent")
    func keywordsMeanwhile() async throws {
        let source = ScriptedSource()
        source.set { $0.startFailure = Outcome(.unavailable, message: "no model: run make model") }
        let index = try await index(source, clock: LeapingClock.held)
        #expect(try await first(index, "ticket") == "create_ticket")
        #expect(try await first(index, "umbrella") == nil)
        #expect(source.queries.isEmpty)
        #expect(index.status.embedding?.phase == .failing)
        #expect(index.status.embedding?.message == "no model: run make model")
        #expect(index.status.tools == 5)
        await index.stop()
    }

    @Test("A request whose text cannot be embedded goes by words, and so do the next for a while")
    func queryFails() async throws {
        let source = ScriptedSource()
        let clock = LeapingClock()
        let index = try await index(source, clock: clock.clock())
        source.set { $0.queryFailure = Outcome(.timeout, message: "slow") }
        #expect(try await first(index, "umbrella") == nil)
        #expect(index.status.embedding?.phase == .failing)
        source.set { $0.queryFailure = nil }
        #expect(try await first(index, "umbrella") == nil)
        #expect(source.queries.count == 1)
        clock.advance(by: 1_000)
        #expect(try await first(index, "umbrella") == "get_forecast")
        #expect(index.status.embedding?.phase == .ready)
        await index.stop()
    }

    @Test(
        "Vectors that are too few, not finite or of other dimensions are not used",
        arguments: [ScriptedSource.Defect.fewer, .notFinite])
    func defects(defect: ScriptedSource.Defect) async throws {
        let source = ScriptedSource()
        source.set { $0.defect = defect }
        let index = try await index(source, clock: LeapingClock.held)
        #expect(index.status.embedding?.phase == .failing)
        #expect(index.status.embedding?.embedded == 0)
        #expect(try await first(index, "ticket") == "create_ticket")
        await index.stop()
    }

    @Test("Other dimensions under the same name of a model are told of, and all tools are embedded anew")
    func otherDimensions() async throws {
        let source = ScriptedSource()
        let clock = LeapingClock()
        let index = try await index(source, clock: clock.clock())
        source.set { $0.defect = .otherDimensions }
        #expect(try await first(index, "umbrella") == nil)
        #expect(index.status.embedding?.message?.contains("have 9 dimensions now, and had 8 before") == true)
        while source.documents.count < 10 { await Task.yield() }
        await index.settled()
        clock.advance(by: 1_000)
        #expect(try await first(index, "umbrella") == "get_forecast")
        #expect(index.status.embedding?.phase == .ready)
        // The documents may show it first.
        source.set { $0.defect = nil }
        var tools = Catalogs.small
        tools["new"] = ["play: music"]
        index.update(try Catalogs.of(tools))
        await index.settled()
        #expect(index.status.embedding?.embedded == 6)
        #expect(try await first(index, "umbrella") == "get_forecast")
        await index.stop()
    }

    @Test("Vectors on file whose length is no longer that of the model are replaced")
    func otherDimensionsOnFile() async throws {
        let folder = folder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let path = folder + "/vectors.sqlite"
        for (defect, expected) in [(nil, 5), (.otherDimensions, 5), (.otherDimensions, 0)]
            as [(ScriptedSource.Defect?, Int)]
        {
            let source = ScriptedSource()
            source.set { $0.defect = defect }
            let clock = LeapingClock()
            let index = try await index(source, clock: clock.clock(), cacheFile: path)
            _ = try await first(index, "umbrella")
            while source.documents.count < expected { await Task.yield() }
            await index.settled()
            clock.advance(by: 1_000)
            #expect(try await first(index, "umbrella") == "get_forecast")
            #expect(source.documents.count == expected)
            await index.stop()
        }
    }

    @Test("A provider whose vectors change their length all the time is told of, and words serve")
    func unsteadyDimensions() async throws {
        let source = ScriptedSource(maximumBatch: 1)
        source.set { $0.defect = .unsteady }
        let index = try await index(source, clock: LeapingClock.held)
        #expect(index.status.embedding?.phase == .failing)
        #expect(index.status.embedding?.message?.contains("changes all the time") == true)
        #expect(try await first(index, "ticket") == "create_ticket")
        await index.stop()
    }

    @Test("A text that the provider refuses keeps no other from its vector")
    func poison() async throws {
        let source = ScriptedSource()
        source.set { $0.poison = "defects" }
        let index = try await index(source)
        #expect(index.status.embedding?.phase == .ready)
        #expect(index.status.embedding?.embedded == 4)
        #expect(try await first(index, "list the ticket") == "list_tickets")
        await index.stop()
    }

    @Test("When the model is swapped, all tools are embedded anew, and vectors of two models never meet")
    func swapped() async throws {
        let source = ScriptedSource()
        let index = try await index(source)
        source.set { ($0.model, $0.dimensions) = ("tiny/2", 10) }
        // The request shows it; until the tools are embedded again it goes by words.
        #expect(try await first(index, "umbrella") == nil)
        while index.status.embedding?.model != "tiny/2" || index.status.embedding?.phase != .ready {
            await Task.yield()
        }
        #expect(source.documents.count == 10)
        #expect(try await first(index, "umbrella") == "get_forecast")
        await index.stop()
    }

    @Test("With a file, a restart embeds nothing; another model or a damaged file embeds anew")
    func file() async throws {
        let folder = folder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let path = folder + "/cache/vectors.sqlite"
        func run(_ model: String) async throws -> Int {
            let source = ScriptedSource()
            source.set { $0.model = model }
            let index = try await index(source, cacheFile: path)
            #expect(try await first(index, "umbrella") == "get_forecast")
            await index.stop()
            return source.documents.count
        }
        #expect(try await run("tiny/1") == 5)
        #expect(try await run("tiny/1") == 0)
        #expect(try await run("tiny/2") == 5)
        #expect(try await run("tiny/1") == 0)
        for file in try FileManager.default.contentsOfDirectory(atPath: folder + "/cache") {
            try Data("no database at all, but long enough to be read as one".utf8)
                .write(to: URL(fileURLWithPath: folder + "/cache/" + file))
        }
        #expect(try await run("tiny/1") == 5)
    }

    @Test("A provider that does not tell its model is used, and nothing of it is kept")
    func unknownModel() async throws {
        let folder = folder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        for _ in 0..<2 {
            let source = ScriptedSource()
            source.set { $0.model = nil }
            let index = try await index(source, cacheFile: folder + "/vectors.sqlite")
            #expect(try await first(index, "umbrella") == "get_forecast")
            #expect(source.documents.count == 5)
            await index.stop()
        }
    }
}
