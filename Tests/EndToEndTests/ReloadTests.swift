import Foundation
import Glibc
import Testing

extension EndToEnd {
    /// The configuration is changed while clients call.
    @Suite("Reload")
    struct ReloadTests {
        /// `keep` stays as it is; `change` is started anew where `version` differs; tools are hidden at will.
        static func resources(version: Int = 0, hides: Bool = false) throws -> Resources {
            var resources = Resources(
                config: hides
                    ? "aggregation:\n  tools:\n  - {workload: keep, filter: [\"echo\"]}\n"
                    : "aggregation:\n  tools:\n  - {workload: keep, filter: [\"echo\", \"count\"]}\n")
            try resources.addRaw("keep")
            try resources.addRaw("change", extra: "env: [{name: VERSION, value: \"\(version)\"}]\n")
            return resources
        }

        static func applied(_ gateway: RunningGateway) async throws -> Double {
            try await gateway.get("/status").json["reload"]?["applied"]?.number ?? 0
        }

        @Test("100 reloads under load lose no call and leave nothing behind", .timeLimit(.minutes(5)))
        func load() async throws {
            try await RunningGateway.serve(
                yaml: try Self.resources().yaml, arguments: ["--no-watch"]
            ) { gateway in
                let isOver = Signal<Void>()
                try await Self.reload(gateway, 1)
                let before = try LeakTests.Holdings(gateway)
                let calls = try await withThrowingTaskGroup(of: Int.self) { group in
                    for tool in ["keep_echo", "change_echo"] {
                        group.addTask {
                            let client = try await gateway.client()
                            return try await Self.repeating(until: isOver) {
                                try await client.call(tool, #"{"text":"x"}"#)
                            }
                        }
                        group.addTask {
                            try await Self.repeating(until: isOver) {
                                try await ModernRequest.call(tool, #"{"text":"x"}"#).send(to: gateway.port)
                                    .json["result"] ?? .null
                            }
                        }
                    }
                    group.addTask {
                        defer { isOver.fire(()) }
                        for number in 2...100 { try await Self.reload(gateway, number) }
                        return 0
                    }
                    return try await group.reduce(0, +)
                }
                #expect(calls > 100)
                try await eventually("the former backends end") {
                    try LeakTests.Holdings(gateway).children == before.children
                }
                try await eventually("descriptors are given back") {
                    abs(try LeakTests.Holdings(gateway).descriptors - before.descriptors) <= 6
                }
                let after = try LeakTests.Holdings(gateway)
                #expect(after.kibibytes - before.kibibytes < 40 * 1024, "\(before) → \(after)")
            }
        }

        /// Every tenth starts a backend anew, every one changes what clients see.
        private static func reload(_ gateway: RunningGateway, _ number: Int) async throws {
            let resources = try resources(version: number / 10, hides: number.isMultiple(of: 2))
            try Data(resources.yaml.utf8).write(to: gateway.configuration)
            gateway.process.signal(SIGHUP)
            try await eventually("reload \(number) holds") { try await applied(gateway) >= Double(number) }
        }

        /// Calls again and again; each call must succeed.
        static func repeating(until isOver: Signal<Void>, _ call: () async throws -> JSON) async throws -> Int {
            var count = 0
            while isOver.current == nil {
                let result = try await call()
                guard result.toolText?.hasSuffix(": x") == true else {
                    throw TestFailure("call \(count) was lost: \(result.text)")
                }
                count += 1
            }
            return count
        }

        /// Puts a link in the place of whatever is there, at once.
        private static func link(_ name: String, to target: String, in folder: URL) throws {
            let new = folder.appending(path: "..new").path
            guard symlink(target, new) == 0, rename(new, folder.appending(path: name).path) == 0 else {
                throw TestFailure("no link \(name) → \(target): \(String(cString: strerror(errno)))")
            }
        }

        @Test(
            "A file that changes is taken over, and one with errors changes nothing and says why",
            .timeLimit(.minutes(2)))
        func watching() async throws {
            try await RunningGateway.serve(try Self.resources()) { gateway in
                let client = try await gateway.client()
                let all = try await client.toolNames()
                #expect(all.contains("keep_count"))
                let process = try ProcessTable.descendants(of: gateway.process.identifier)
                try Data("kind: Nonsense\n".utf8).write(to: gateway.configuration)
                try await eventually("the refusal is shown") {
                    try await gateway.get("/status").json["reload"]?["result"] == "refused"
                }
                let errors = try await gateway.get("/status").json["reload"]?["errors"]?.text ?? ""
                #expect(errors.contains("resources.yaml"), "\(errors)")
                #expect(try await client.call("keep_echo", #"{"text":"x"}"#).toolText == "keep: x")
                // As an editor does it: another file takes its place.
                let other = gateway.configuration.deletingLastPathComponent().appending(path: "other")
                try Data(try Self.resources(hides: true).yaml.utf8).write(to: other)
                guard rename(other.path, gateway.configuration.path) == 0 else { throw TestFailure("rename failed") }
                try await eventually("the change holds") { try await Self.applied(gateway) >= 1 }
                let names = try await client.toolNames()
                #expect(!names.contains("keep_count") && names.contains("keep_echo"))
                // As Kubernetes does it: all files of a folder of their own, behind a link that is replaced.
                let folder = gateway.configuration.deletingLastPathComponent()
                func version(_ name: String, hides: Bool) throws {
                    let version = folder.appending(path: "..\(name)")
                    try FileManager.default.createDirectory(at: version, withIntermediateDirectories: false)
                    try Data(try Self.resources(hides: hides).yaml.utf8).write(
                        to: version.appending(path: "resources.yaml"))
                    try Self.link("..data", to: "..\(name)", in: folder)
                }
                try version("one", hides: false)
                try Self.link("resources.yaml", to: "..data/resources.yaml", in: folder)
                try await eventually("the volume holds") { try await client.toolNames().contains("keep_count") }
                try version("two", hides: true)
                try FileManager.default.removeItem(at: folder.appending(path: "..one"))
                try await eventually("its next version holds") { try await !client.toolNames().contains("keep_count") }
                let processes = try ProcessTable.descendants(of: gateway.process.identifier)
                #expect(processes == process)
            }
        }
    }
}
