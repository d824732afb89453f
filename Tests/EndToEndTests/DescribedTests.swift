import Foundation
import Testing

extension EndToEnd {
    /// Libraries that serve by description alone: the examples as they are, and the C library of the system.
    @Suite("Described libraries")
    struct DescribedTests {
        static let examples = Places.repository.appending(path: "examples/described")
        static let key = "a long key for a test"

        /// The folder of a description.
        static func write(_ text: String, _ name: String, into folder: URL) throws -> URL {
            let target = folder.appending(path: name)
            try FileManager.default.createDirectory(at: target, withIntermediateDirectories: true)
            try Data(text.utf8).write(to: target.appending(path: "plugin.yaml"))
            return target
        }

        /// The text of an example.
        static func text(_ example: String) throws -> String {
            try String(contentsOf: examples.appending(path: "\(example)/plugin.yaml"), encoding: .utf8)
        }

        /// A database with two books.
        private func makeDatabase(_ path: String) async throws {
            let script = """
                import sqlite3, sys
                db = sqlite3.connect(sys.argv[1])
                db.execute("CREATE TABLE book (title TEXT, year INTEGER)")
                db.executemany("INSERT INTO book VALUES (?, ?)", [("Emma", 1815), ("Ulysses", None)])
                db.commit()
                """
            let (status, _, errors) = try await ChildProcess.run(try Places.program("python3"), ["-c", script, path])
            guard status == 0 else { throw TestFailure("no database: \(errors)") }
        }

        /// A remote server behind signatures, and what signs for it.
        private func addSigned(_ name: String, _ backend: FixtureServer, key: String, to resources: inout Resources) {
            resources.addPlain("Secret", name, apiVersion: "v1", "stringData: {key: \(key)}")
            resources.addPlain(
                "MCPExternalAuthConfig", name, apiVersion: "toolhive.stacklok.dev/v1beta1",
                "spec: {type: hmac_sha256, config: {keySecretRef: {name: \(name), key: key}}}")
            resources.addRemote(name, backend.url, extra: "externalAuthConfigRef: {name: \(name)}")
        }

        private static let manyRows =
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 5000) SELECT i FROM n"
        private static let packed = "eNpLTIQBABThA8s="
        private static let calls: [(tool: String, arguments: JSON)] = [
            ("zlib_crc32", ["data": "hello"]), ("zlib_compress", ["text": "aaaaaaaaaa", "level": 9]),
            ("zlib_uncompress", ["compressed": .string(packed)]), ("zlib_uncompress", ["compressed": "AAAA"]),
            ("zlib_compress", ["text": "a", "level": 10]), ("apart_crc32", ["data": "hello"]),
            ("apart_uncompress", ["compressed": .string(packed)]), ("apart_uncompress", ["compressed": "AAAA"]),
            ("books_query", ["sql": "SELECT title, year FROM book ORDER BY title"]),
            ("books_query", ["sql": .string(manyRows)]), ("books_query", ["sql": "SELECT missing"]),
            ("books_query", ["sql": "DELETE FROM book"]), ("signed_echo", ["text": "signed"]),
        ]

        @Test(
            "zlib, SQLite and a backend that wants libcrypto's signatures serve the SDK's client, all by description",
            .timeLimit(.minutes(4)))
        func examples() async throws {
            try await withTemporaryFolder { folder in
                let database = folder.appending(path: "books.db").path
                try await makeDatabase(database)
                let zlib = try Self.text("zlib")
                let apart =
                    "isolation: process\n"
                    + zlib.replacing("described-zlib", with: "zlib-apart")
                    .replacing("[ZLib]", with: "[ZLibApart]")
                let backend = try await FixtureServer.signed(key: Self.key)
                var resources = Resources()
                let own = "plugins.example.com/v1"
                resources.add("ZLib", "zlib", "", apiVersion: own)
                resources.add("ZLibApart", "apart", "", apiVersion: own)
                resources.add("SQLite", "books", "path: \(database)", apiVersion: own)
                addSigned("signed", backend, key: Self.key, to: &resources)
                addSigned("stranger", backend, key: "another key", to: &resources)
                let plugins = [
                    Self.examples.appending(path: "zlib"), try Self.write(apart, "apart", into: folder),
                    Self.examples.appending(path: "sqlite"), Self.examples.appending(path: "hmac"),
                ]
                try await RunningGateway.serve(resources, plugins: plugins) { gateway in
                    _ = try await gateway.await("signed", health: "healthy")
                    #expect(try await gateway.status(of: "stranger")["health"] != "healthy")
                    let operations = Self.calls.map { JSON.array(["call", .string($0.tool), $0.arguments]) }
                    let report = try await SDKClient.run(.second, gateway.url, [["tools"]] + operations)
                    check(tools: report.results[0])
                    check(zlib: Array(report.results[1...5]))
                    check(apart: Array(report.results[6...8]))
                    check(books: Array(report.results[9...12]))
                    #expect(report.results[13].toolText?.hasSuffix("signed") == true, "\(report.results[13].text)")
                }
            }
        }

        private func check(tools: JSON) {
            let names = Set(tools.names.filter { !$0.hasPrefix("signed_") })
            let zlib = ["crc32", "compress", "uncompress", "zlib_version"]
            #expect(names == Set(zlib.map { "zlib_" + $0 } + zlib.map { "apart_" + $0 } + ["books_query"]))
            let crc = tools.array.first { $0["name"] == "zlib_crc32" }
            #expect(crc?["inputSchema"]?["required"] == ["data"], "\(crc?.text ?? "")")
        }

        private func check(zlib results: [JSON]) {
            #expect(results[0]["structuredContent"]?["checksum"]?.number == 907_060_870)
            #expect(results[1]["structuredContent"]?["compressed"]?.string == Self.packed)
            #expect(results[2]["structuredContent"]?["text"] == "aaaaaaaaaa")
            #expect(results[3]["isError"] == true && results[4]["isError"] == true)
            #expect(results[3].toolText == "uncompress failed with -3: data error")
        }

        private func check(apart results: [JSON]) {
            #expect(results[0]["structuredContent"]?["checksum"]?.number == 907_060_870)
            #expect(results[1]["structuredContent"]?["text"] == "aaaaaaaaaa")
            #expect(results[2].toolText == "uncompress failed with -3: data error")
        }

        private func check(books results: [JSON]) {
            let rows = results[0]["structuredContent"]?["rows"]?.array ?? []
            #expect(rows.map { $0["values"] } == [["Emma", "1815"], ["Ulysses", .null]], "\(results[0].text)")
            #expect(rows.first?["columns"] == ["title", "year"])
            #expect(results[1]["structuredContent"]?["rows"]?.array.count == 200)
            #expect(results[1]["structuredContent"]?["rows_cut"] == true)
            #expect(results[2].toolText == "query failed with 1: no such column: missing")
            #expect(results[3].toolText?.contains("readonly database") == true, "\(results[3].text)")
        }

        private static let system = """
            id: system-c
            version: 1.0.0
            library: libc.so.6
            provides: [vmcp.backend/1]
            kinds: [SystemC]
            isolation: process
            threads: any
            functions:
              process_id: {symbol: getpid, returns: {type: int, name: id}, tool: Tells the process.}
              shell: {symbol: system, arguments: [command: cstring], returns: int, tool: Runs a command.}
              end: {symbol: abort, tool: Ends the process.}

            """

        @Test(
            "A library in a process of its own is started again after a crash, and ends with a gateway that is killed",
            .timeLimit(.minutes(3)))
        func isolation() async throws {
            try await withTemporaryFolder { folder in
                let plugin = try Self.write(Self.system, "system", into: folder)
                var resources = Resources()
                resources.add("SystemC", "c", "", apiVersion: "plugins.example.com/v1")
                try await RunningGateway.serve(resources, plugins: [plugin]) { gateway in
                    let client = try await gateway.client()
                    func process() async throws -> Int32? {
                        try await client.call("c_process_id")["structuredContent"]?["id"]?.number.map { Int32($0) }
                    }
                    let first = try #require(try await process())
                    #expect(first != gateway.process.identifier)
                    let crash = try await client.call("c_end")
                    #expect(crash.toolText?.contains("ended in 'end': signal 6") == true, "\(crash.text)")
                    var second: Int32?
                    try await eventually("the library is started again") {
                        second = try await process()
                        return second != nil
                    }
                    #expect(second != first && !ProcessTable.isAlive(first))
                    // What the library started itself, out of its group and with its parent gone, while a call is stuck.
                    let left = folder.appending(path: "left")
                    _ = try await client.call(
                        "c_shell",
                        JSON.object(["command": .string("setsid sh -c 'echo $$ >\(left.path); exec sleep 1000' &")])
                            .text)
                    let stuck = Task { try await gateway.client().call("c_shell", #"{"command":"sleep 1000"}"#) }
                    try await eventually("both commands run") {
                        let count = try ProcessTable.descendants(of: gateway.process.identifier).count
                        // Supervisor, library, the sleep that was left, and the sleep or its shell of the stuck call.
                        return count >= 4 && FileManager.default.fileExists(atPath: left.path)
                    }
                    let descendants = try ProcessTable.descendants(of: gateway.process.identifier)
                    #expect(second.map { descendants.contains($0) } == true)
                    try await gateway.kill()
                    try await eventually("everything has ended: \(descendants)") {
                        !descendants.contains { ProcessTable.isAlive($0) }
                    }
                    stuck.cancel()
                    _ = await stuck.result
                }
            }
        }

        @Test("A C library compiled here embeds for the optimizer", .timeLimit(.minutes(3)))
        func embedding() async throws {
            try await withTemporaryFolder { folder in
                let plugin = try Self.write(try Self.text("embedding"), "embedding", into: folder)
                let (status, _, errors) = try await ChildProcess.run(
                    try Places.program("gcc"),
                    [
                        "-shared", "-fPIC", "-O2", "-o", plugin.appending(path: "libembed.so").path,
                        Self.examples.appending(path: "embedding/embed.c").path, "-lm",
                    ])
                #expect(status == 0, "\(errors)")
                var resources = Resources(
                    config: """
                        optimizer: {embeddingProvider: letter_pairs, hybridSearchSemanticRatio: "1.0"}

                        """)
                resources.add("ZLib", "zlib", "", apiVersion: "plugins.example.com/v1")
                let plugins = [plugin, Self.examples.appending(path: "zlib")]
                try await RunningGateway.serve(resources, plugins: plugins) { gateway in
                    var optimizer: JSON?
                    do {
                        try await eventually("every tool has a vector") {
                            optimizer = try await gateway.get("/status").json["optimizer"]
                            return optimizer?["embedding"]?["state"] == "ready"
                                && optimizer?["embedding"]?["embedded"]?.number == 4
                        }
                    } catch {
                        throw TestFailure("\(error): \(optimizer?.text ?? "")")
                    }
                    #expect(optimizer?["embedding"]?["provider"] == "letter_pairs")
                    #expect(optimizer?["embedding"]?["model"] == "letter-pairs/1")
                    let found = try await gateway.client().call(
                        "find_tool", #"{"tool_description":"uncompress: restore a text of at most 2 MiB"}"#)
                    #expect(found["structuredContent"]?["tools"]?[0]?["name"] == "zlib_uncompress", "\(found.text)")
                }
            }
        }

        @Test(
            "`plugins check` tries the probes, and names the function and the place of one that crashes",
            .timeLimit(.minutes(3)))
        func check() async throws {
            let arguments = ["plugins", "check"]
            let fine = try await ChildProcess.run(
                Places.vmcp.path, arguments + [Self.examples.appending(path: "zlib").path])
            #expect(fine.status == 0, "\(fine.errors)")
            for function in ["crc32", "compress", "uncompress"] {
                #expect(fine.output.contains("\(function): as expected"), "\(fine.output)")
            }
            try await withTemporaryFolder { folder in
                // A number that is taken for an address.
                let wrong = try Self.text("zlib").replacing(
                    "    symbol: zlibVersion\n", with: "    symbol: zlibCompileFlags\n    probe: {}\n")
                let copy = try Self.write(wrong, "zlib", into: folder)
                let found = try await ChildProcess.run(
                    Places.vmcp.path, arguments + [copy.appending(path: "plugin.yaml").path])
                #expect(found.status == 1)
                let line = wrong.split(separator: "\n", omittingEmptySubsequences: false)
                    .firstIndex { $0.hasPrefix("    probe: {}") }
                #expect(found.errors.contains("line \((line ?? -1) + 1), column"), "\(found.errors)")
                // AddressSanitizer catches the signal itself.
                let isSanitized = ProcessInfo.processInfo.environment["ASAN_OPTIONS"] != nil
                let end = isSanitized ? "exit code 1" : "signal 11"
                #expect(found.errors.contains("ended in 'version': \(end)"), "\(found.errors)")
            }
        }
    }
}
