import Testing

extension EndToEnd {
    /// What the endpoint answers to requests of 2026-07-28, with the SDKs' servers behind it.
    @Suite("Validation ladder of 2026-07-28")
    struct LadderTests {
        @Test("Each request gets its exact status, code, id and data", .timeLimit(.minutes(2)))
        func rows() async throws {
            var resources = Resources()
            try resources.addSDK(.first, "one")
            try resources.addSDK(.second, "two", transport: "streamable-http")
            try resources.addRaw("three", "refuse-reads", tools: ["echo"])
            let lines = try await RunningGateway.serve(resources) { gateway in
                // A session at the same endpoint, before, between and after.
                let client = try await gateway.client()
                var lines: [String] = []
                for row in LadderRow.all {
                    for spelling in [{ $0 }, { $0.lowercased() }] as [(String) -> String] {
                        let (faults, body) = try await row.faults(at: gateway.port, spelled: spelling)
                        #expect(faults.isEmpty, "\(faults.joined(separator: "\n"))")
                        if !body.isEmpty { lines.append(Self.line(row, body)) }
                    }
                }
                #expect(try await client.call("two_echo", #"{"text":"still here"}"#).toolText == "two: still here")
                return lines
            }
            if WireRecord.schemas != nil {
                let findings = try await WireRecord.validate(lines.joined(separator: "\n"))
                #expect(findings.violations.isEmpty, "\(findings.violations.joined(separator: "\n"))")
            }
        }

        /// As Fixtures/wire/recording.py writes it.
        private static func line(_ row: LadderRow, _ body: String) -> String {
            let method = row.request.headers.first { $0.0 == "Mcp-Method" }?.1 ?? "?"
            return #"{"to":"client","revision":"2026-07-28","method":"\#(method)","message":\#(body)}"#
        }
    }
}
