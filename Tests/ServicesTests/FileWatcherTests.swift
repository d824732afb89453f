import Foundation
import Testing

@testable import HostServices

/// Changes of files in a folder of its own, and a watch of some of them.
private struct Scene {
    let folder: String
    let watcher: FileWatcher
    let changes: AsyncStream<Void>
    private let changed: AsyncStream<Void>.Continuation

    init(quiet: UInt64 = 20) throws {
        let made = FileManager.default.temporaryDirectory.appendingPathComponent("watch-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: made, withIntermediateDirectories: true)
        folder = made.path
        watcher = try FileWatcher(quiet: quiet)
        (changes, changed) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    func path(_ name: String) -> String { "\(folder)/\(name)" }

    func write(_ name: String, _ text: String) throws {
        try FileManager.default.createDirectory(
            atPath: (path(name) as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
        try text.write(toFile: path(name), atomically: false, encoding: .utf8)
    }

    func move(_ from: String, to: String) throws {
        guard rename(path(from), path(to)) == 0 else { throw SystemError("rename", errno) }
    }

    func link(_ name: String, to target: String) throws {
        try FileManager.default.createSymbolicLink(atPath: path(name), withDestinationPath: target)
    }

    func remove(_ name: String) throws { try FileManager.default.removeItem(atPath: path(name)) }

    @discardableResult
    func watch(_ names: String...) -> FileWatcher.Watch {
        watcher.watch(names.map(path)) { [changed] in changed.yield() }
    }

    /// Returns when a file, read after a change was told, has this text; `nil`: is not there.
    func sees(_ name: String, _ text: String?) async {
        for await _ in changes where (try? String(contentsOfFile: path(name), encoding: .utf8)) == text { return }
    }

    func end() async throws {
        await watcher.shutDown()
        try FileManager.default.removeItem(atPath: folder)
    }
}

@Suite("Files that are watched") struct FileWatcherTests {
    @Test("a file is seen when it is written, replaced, deleted and made again", .timeLimit(.minutes(1)))
    func file() async throws {
        let scene = try Scene()
        try scene.write("settings.yaml", "one")
        scene.watch("settings.yaml")
        try scene.write("settings.yaml", "two")
        await scene.sees("settings.yaml", "two")
        try scene.write("settings.new", "three")
        try scene.move("settings.new", to: "settings.yaml")
        await scene.sees("settings.yaml", "three")
        try scene.remove("settings.yaml")
        await scene.sees("settings.yaml", nil)
        try scene.write("settings.yaml", "four")
        await scene.sees("settings.yaml", "four")
        // The new file is watched as well as the old one was.
        try scene.write("settings.yaml", "five")
        await scene.sees("settings.yaml", "five")
        try await scene.end()
    }

    @Test("a file whose folder is missing, moved away or replaced is seen", .timeLimit(.minutes(1)))
    func folderOfFile() async throws {
        let scene = try Scene()
        scene.watch("a/b/settings.yaml")
        try scene.write("a/b/settings.yaml", "one")
        await scene.sees("a/b/settings.yaml", "one")
        try scene.move("a", to: "former")
        await scene.sees("a/b/settings.yaml", nil)
        try scene.write("next/b/settings.yaml", "two")
        try scene.move("next", to: "a")
        await scene.sees("a/b/settings.yaml", "two")
        try scene.write("a/b/settings.yaml", "three")
        await scene.sees("a/b/settings.yaml", "three")
        try await scene.end()
    }

    @Test(
        "the files of a Kubernetes volume are seen when all are replaced at once", .timeLimit(.minutes(1)),
        arguments: ["", "/settings.yaml"])
    func volume(watched: String) async throws {
        let scene = try Scene()
        try scene.write("volume/..one/settings.yaml", "one")
        try scene.link("volume/..data", to: "..one")
        try scene.link("volume/settings.yaml", to: "..data/settings.yaml")
        scene.watch("volume\(watched)")
        // As the kubelet does it: a folder of its own for each version, and a link that is renamed over the former one.
        for (former, next) in [("one", "two"), ("two", "three")] {
            try scene.write("volume/..\(next)/settings.yaml", next)
            try scene.link("volume/..data_tmp", to: "..\(next)")
            try scene.move("volume/..data_tmp", to: "volume/..data")
            try scene.remove("volume/..\(former)")
            await scene.sees("volume/settings.yaml", next)
        }
        try await scene.end()
    }

    @Test("a folder is seen when a file in it comes, changes or goes, also behind a link", .timeLimit(.minutes(1)))
    func folder() async throws {
        let scene = try Scene()
        try scene.write("resources/a.yaml", "a")
        try scene.write("elsewhere/b.yaml", "b")
        try scene.link("resources/b.yaml", to: "../elsewhere/b.yaml")
        scene.watch("resources")
        try scene.write("resources/c.yaml", "c")
        await scene.sees("resources/c.yaml", "c")
        try scene.write("elsewhere/b.yaml", "other")
        await scene.sees("resources/b.yaml", "other")
        try scene.remove("resources/a.yaml")
        await scene.sees("resources/a.yaml", nil)
        try await scene.end()
    }

    @Test("what was written last is seen, and files beside the watched ones are not", .timeLimit(.minutes(1)))
    func lastOfMany() async throws {
        let scene = try Scene()
        try scene.write("settings.yaml", "0")
        scene.watch("settings.yaml")
        let others = scene.watcher.watch([scene.path("other.yaml")]) { Issue.record("told of another file") }
        for number in 1...200 { try scene.write("settings.yaml", "\(number)") }
        await scene.sees("settings.yaml", "200")
        scene.watcher.end(others)
        try scene.write("other.yaml", "")
        try scene.write("settings.yaml", "end")
        await scene.sees("settings.yaml", "end")
        try await scene.end()
    }

    @Test("links that lead in a circle end")
    func circle() async throws {
        let scene = try Scene()
        try scene.link("a", to: "b")
        try scene.link("b", to: "a")
        let trail = FileTrail([scene.path("a")])
        #expect(trail.folders[scene.folder] == .named(["a", "b"]))
        try await scene.end()
    }

    @Test(
        "a burst ends after a silence, and at last however long it goes on",
        arguments: [
            (changes: [0], end: 100), (changes: [0, 50, 120], end: 220), (changes: [0, 90, 180, 270], end: 300),
            (changes: [1_000, 1_001, 1_400], end: 1_400),
        ] as [(changes: [UInt64], end: UInt64)])
    func burst(changes: [UInt64], end: UInt64) {
        var settling = Settling(quiet: 100, longest: 300)
        let due = changes.map { settling.changed(now: $0) }
        #expect(due.last == end)
        settling.settled()
        #expect(settling.changed(now: 5_000) == 5_100)
    }
}
