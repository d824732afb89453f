import PluginAPI
import PluginKit
import Synchronization

@testable import OutgoingAuthCore

/// A strategy of the library behind its C table, asked as the host asks.
final class StrategyFixture {
    let host: TestHost
    private let instance: TestInstance
    private let table: vmcp_auth

    /// Unix time in milliseconds, which is the host's monotonic time here.
    var now: UInt64 {
        get { host.now }
        set { host.recorded.withLock { $0.now = newValue } }
    }

    /// What a strategy answered.
    struct Answer: Sendable, Equatable {
        var set: [String]
        var scope: UInt32
        var expiresAt: UInt64
        var key: String
    }

    private static let answers = Mutex<[UInt64: Answer]>([:])

    /// - Parameter secrets: By `NAME/KEY`; each is resolved to a handle.
    init(_ type: String, _ spec: String, secrets: [String: String] = [:]) throws {
        let handles = secrets.keys.map { "\"\($0)\":\"handle-\($0)\"" }.joined(separator: ",")
        host = TestHost(secrets: Dictionary(uniqueKeysWithValues: secrets.map { ("handle-\($0)", $1) }))
        instance = try TestInstance(
            PluginDefinition(id: "outgoing-auth", version: "0.1.0", provides: [.auth]) {
                configuration, host throws(PluginError) in
                try OutgoingAuthPlugin.make(configuration, host, now: { host.timer.now })
            }, host: host,
            configuration: """
                {"kind":"\(type)","name":"weather","spec":\(spec),"resolved":{"secrets":{\(handles)}}}
                """)
        guard let table = instance.capability(VMCP_AUTH, as: vmcp_auth.self) else {
            throw TestInstance.Refused(status: nil, message: "no vmcp.auth/1")
        }
        self.table = table
    }

    var flags: UInt32 { table.flags }

    /// Asks for the credential of a request; identity 1 is known to the host, 0 is nobody's.
    func authorize(
        identity: UInt64 = 1, purpose: Int = Int(VMCP_AUTH_CALL), attempt: UInt32 = 1, body: String = "",
        challenge: String = ""
    ) -> Pending {
        let call = TestCall()
        lend(["POST", "https://backend.example/mcp", body, challenge]) { texts in
            PluginKitTests.lend([("Content-Type", "application/json")]) { headers, count in
                var request = vmcp_auth_request()
                request.struct_size = UInt32(MemoryLayout<vmcp_auth_request>.size)
                (request.purpose, request.attempt, request.identity) = (UInt32(purpose), attempt, identity)
                (request.method, request.url, request.backend) = (texts[0], texts[1], texts[0])
                (request.headers, request.header_count) = (headers, count)
                (request.body, request.challenge) = (texts[2], texts[3])
                var sink = vmcp_auth_sink()
                sink.struct_size = UInt32(MemoryLayout<vmcp_auth_sink>.size)
                sink.context = UnsafeMutableRawPointer(bitPattern: UInt(call.id))
                sink.answer = { context, answer in
                    guard let answer = answer?.pointee else { return }
                    let read = Answer(
                        set: pairs(answer.set, answer.set_count).map { "\($0.0): \($0.1)" },
                        scope: answer.cache_scope, expiresAt: answer.expires_at_ms, key: answer.cache_key.string)
                    StrategyFixture.answers.withLock { $0[UInt64(UInt(bitPattern: context))] = read }
                }
                call.lent(identity: identity) { table.authorize(instance.opaque, &request, &sink, $0) }
            }
        }
        return Pending(call: call)
    }

    private func lend(_ texts: [String], _ lent: [vmcp_bytes] = [], _ body: ([vmcp_bytes]) -> Void) {
        guard let text = texts.first else { return body(lent) }
        PluginKitTests.lend(text) { lend(Array(texts.dropFirst()), lent + [$0], body) }
    }

    /// A question under way.
    struct Pending {
        let call: TestCall
        /// What was granted; `nil` before, and when nothing was.
        var answer: Answer? { StrategyFixture.answers.withLock { $0[call.id] } }
        var outcome: Outcome? { call.outcome }
    }
}

extension TestExchange {
    /// Answers with a JSON body.
    func answer(_ status: UInt32, _ body: String) {
        head(status, [("content-type", "application/json")])
        self.body(body)
        end()
    }

    /// The fields of a form, decoded, in their order.
    var fields: [String] {
        body.split(separator: "&").map { field in
            String(field).replacing("+", with: " ").replacing("%3A", with: ":").replacing("%2F", with: "/")
                .replacing("%26", with: "&").replacing("%3D", with: "=").replacing("%25", with: "%")
        }
    }
}
