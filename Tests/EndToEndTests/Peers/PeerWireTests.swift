import Foundation
import Testing

extension EndToEnd {
    /// Every message that the gateway emitted to the SDKs' clients and servers, against the schemas of the revisions.
    @Suite(
        "Messages on the wire",
        .enabled(
            if: WireRecord.schemas != nil,
            "VMCP_SCHEMA_FOLDER does not name a folder with REVISION/schema.json; see CONTRIBUTING.md"))
    struct PeerWireTests {
        @Test(
            "Every message is one that its revision defines, to clients and to servers", .timeLimit(.minutes(3)),
            arguments: PeerClient.all)
        func valid(client: PeerClient) async throws {
            let findings = try await WireRecord.validate(try await PeerRun.of(client).wire)
            // What goes to servers is of a revision with a schema even where the client's has none.
            let calls = findings.checked.values.reduce(0) { $0 + ($1["tools/call"] ?? 0) }
            #expect(calls >= 30, "\(findings.checked)")
            if let own = findings.checked[client.revision] {
                #expect((own["result of tools/call"] ?? 0) >= 30, "\(own)")
            }
            #expect(findings.violations.isEmpty, "\(findings.violations.prefix(20).joined(separator: "\n"))")
        }

        @Test("So is every message about tasks, in both their forms", .timeLimit(.minutes(3)))
        func tasks() async throws {
            let findings = try await withTemporaryFolder { folder in
                let file = folder.appending(path: "wire")
                try await TaskTests.serve("modern", record: file.path) { port, one, two in
                    try await TaskClient(port: port).useAll(one, two)
                }
                try await TaskTests.serve("modern", record: file.path) { port, one, two in
                    try await TaskClient(port: port).listen(one, two)
                }
                try await TaskTests.serve("session", record: file.path) { port, one, _ in
                    try await SessionTaskTests.useAll(port: port, one)
                }
                try await SessionTaskTests.official(record: file.path)
                return try await WireRecord.validate(try String(contentsOf: file, encoding: .utf8))
            }
            #expect(findings.violations.isEmpty, "\(findings.violations.prefix(20).joined(separator: "\n"))")
            let expected = [
                "2026-07-28": [
                    "tasks/get", "tasks/update", "tasks/cancel", "notifications/tasks", "result of tasks/get",
                    "result of tasks/update", "result of tasks/cancel", "error of tasks/get",
                ],
                "2025-11-25": [
                    "tasks/get", "tasks/result", "tasks/cancel", "result of tasks/get", "result of tasks/result",
                    "result of tasks/cancel", "result of tasks/list", "elicitation/create",
                ],
            ]
            for (revision, kinds) in expected {
                let missing = kinds.filter { findings.checked[revision]?[$0] == nil }
                #expect(missing.isEmpty, "\(revision): \(findings.checked[revision] ?? [:])")
            }
        }

        /// Messages with one thing wrong each.
        static let wrong = [
            #"{"revision":"2025-06-18","method":"tools/call","message":{"jsonrpc":"2.0","id":1,"result":{}}}"#,
            #"{"revision":"2025-11-25","method":"tools/list","message":{"id":1,"result":{"tools":[]}}}"#,
            #"{"revision":"2025-11-25","method":"x/y","message":{"jsonrpc":"2.0","id":1,"result":{}}}"#,
            #"{"revision":"2025-06-18","method":null,"message":{"jsonrpc":"2.0","method":"notifications/progress"}}"#,
            #"{"revision":"2026-07-28","method":"ping","message":{"jsonrpc":"2.0","id":1,"error":{"code":"1"}}}"#,
            #"{"revision":"2026-07-28","method":null,"message":{"jsonrpc":"2.0","id":1,"method":"ping","params":{}}}"#,
            #"{"revision":"2026-07-28","method":"tools/list","message":{"jsonrpc":"2.0","id":1,"result":{"tools":[]}}}"#,
            #"{"revision":"2026-07-28","method":"x","message":{"jsonrpc":"2.0","id":1,"error":{"code":-32022,"message":""}}}"#,
            #"{"revision":"2026-07-28","method":"tasks/get","message":{"jsonrpc":"2.0","id":1,"result":{"resultType":"complete","taskId":"1","status":"completed","createdAt":"2026-11-22T10:00:00Z","lastUpdatedAt":"2026-11-22T10:00:00Z","ttlMs":null}}}"#,
            #"{"revision":"2026-07-28","method":"tools/call","message":{"jsonrpc":"2.0","id":1,"result":{"resultType":"task","taskId":"1"}}}"#,
            #"{"revision":"2025-11-25","method":"tools/call","message":{"jsonrpc":"2.0","id":1,"result":{"task":{"taskId":"1"}}}}"#,
            #"{"revision":"2025-11-25","method":"tasks/result","message":{"jsonrpc":"2.0","id":1,"result":{"_meta":{}}}}"#,
        ]

        @Test("What a revision does not define is found", .timeLimit(.minutes(1)), arguments: wrong)
        func found(line: String) async throws {
            let whole = line.replacing(#"{"revision""#, with: #"{"to":"client","revision""#)
            #expect(try await !WireRecord.validate(whole).violations.isEmpty)
        }
    }
}
