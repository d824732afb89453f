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
        ]

        @Test("What a revision does not define is found", .timeLimit(.minutes(1)), arguments: wrong)
        func found(line: String) async throws {
            let whole = line.replacing(#"{"revision""#, with: #"{"to":"client","revision""#)
            #expect(try await !WireRecord.validate(whole).violations.isEmpty)
        }
    }
}
