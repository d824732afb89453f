import Gateway
import Testing

@testable import HostHTTP

@Suite("Era of a request")
struct EraClassifierTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let testDescription: String
        var hasSession = false
        var method = "tools/list"
        var header: String?
        var meta: String?
        let era: ProtocolEra
    }

    private static let version = #"{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}"#

    static let rows: [Row] = [
        .init(
            testDescription: "a session of ours decides", hasSession: true, header: "2026-07-28", meta: version,
            era: .legacy),
        .init(testDescription: "initialize", method: "initialize", era: .legacy),
        .init(
            testDescription: "initialize with a modern header", method: "initialize", header: "2026-07-28", era: .legacy
        ),
        .init(
            testDescription: "initialize with modern metadata", method: "initialize", meta: version,
            era: .modern(requested: "2026-07-28")),
        .init(testDescription: "a legacy header", header: "2025-06-18", era: .legacy),
        .init(
            testDescription: "a legacy header against modern metadata", header: "2025-06-18", meta: version,
            era: .modern(requested: "2026-07-28")),
        .init(testDescription: "nothing", era: .legacy),
        .init(testDescription: "metadata of other kinds", meta: #"{"progressToken":1}"#, era: .legacy),
        .init(
            testDescription: "the log level is no sign", meta: #"{"io.modelcontextprotocol/logLevel":"info"}"#,
            era: .legacy),
        .init(
            testDescription: "client capabilities alone", meta: #"{"io.modelcontextprotocol/clientCapabilities":{}}"#,
            era: .modern(requested: "")),
        .init(
            testDescription: "client info alone", header: "x", meta: #"{"io.modelcontextprotocol/clientInfo":{}}"#,
            era: .modern(requested: "x")),
        .init(testDescription: "a modern header", header: "2026-07-28", era: .modern(requested: "2026-07-28")),
        .init(testDescription: "an unknown header", header: "1999-01-01", era: .modern(requested: "1999-01-01")),
        .init(
            testDescription: "a version that is no string", header: "2025-06-18",
            meta: #"{"io.modelcontextprotocol/protocolVersion":7}"#, era: .modern(requested: "2025-06-18")),
    ]

    @Test("The first row of the table that fits decides", arguments: rows)
    func row(_ row: Row) throws {
        let meta = try row.meta.map { try JSONSlice(validating: Array($0.utf8)) }
        let era = EraClassifier.era(
            hasSession: row.hasSession, method: row.method, versionHeader: row.header, meta: meta)
        #expect(era == row.era)
    }
}
