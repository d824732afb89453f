import PluginAPI
import PluginKit
import Synchronization
import Testing

@Suite("Auth and embedding through the ABI")
struct AuthAndEmbeddingTests {
    private final class Signer: AuthStrategy, HealthProbe, ResourceReporter {
        let needs: AuthNeeds = [.body]
        let forgotten = Mutex<[String]>([])

        func authorize(_ request: AuthRequest, reply: AuthReply) {
            switch request.backend {
            case "refuse": reply.refuse(Outcome(.unauthenticated, "no key"))
            case "pass": reply.pass()
            default:
                let value =
                    "\(request.purpose) \(request.method) \(request.url) \(request.body.count) \(request.headers.count)"
                reply.grant(AuthAnswer(set: [Header("Authorization", value)], remove: ["Cookie"], cacheKey: [7]))
                reply.grant(AuthAnswer(set: [Header("Authorization", "again")]))
            }
        }
        func check(_ call: Call) { call.resolve(Outcome(.unavailable, "asleep")) }
        var usage: ResourceUsage {
            var usage = ResourceUsage()
            usage.processes = 3
            usage.sessions = 4
            return usage
        }
    }

    private static let granted = Mutex<[String]>([])

    private func authorize(_ backend: String) throws -> (call: TestCall, granted: [String]) {
        let instance = try TestInstance(
            PluginDefinition(id: "signer", version: "1", provides: [.auth]) { _, _ in Signer() })
        let table = try #require(instance.capability(VMCP_AUTH, as: vmcp_auth.self))
        #expect(table.flags == UInt32(VMCP_AUTH_NEEDS_BODY))
        let call = TestCall()
        let key = "\(call.id)"
        lend(backend) { backend in
            lend([("x", "y")]) { headers, count in
                lend("https://h/p") { url in
                    var request = vmcp_auth_request()
                    request.struct_size = UInt32(MemoryLayout<vmcp_auth_request>.size)
                    request.purpose = UInt32(VMCP_AUTH_PROBE)
                    request.attempt = 1
                    request.backend = backend
                    request.method = backend
                    request.url = url
                    request.headers = headers
                    request.header_count = count
                    request.body = url
                    var sink = vmcp_auth_sink()
                    sink.struct_size = UInt32(MemoryLayout<vmcp_auth_sink>.size)
                    sink.context = UnsafeMutableRawPointer(bitPattern: UInt(call.id))
                    sink.answer = { context, answer in
                        guard let answer = answer?.pointee else { return }
                        let set = pairs(answer.set, answer.set_count).map { "\($0.0): \($0.1)" }.joined()
                        let removed = UnsafeBufferPointer(start: answer.remove, count: answer.remove_count).map(
                            \.string)
                        let line = "\(UInt(bitPattern: context)) \(set) \(removed) \(answer.cache_key.copied)"
                        AuthAndEmbeddingTests.granted.withLock { $0.append(line) }
                    }
                    call.lent { table.authorize(instance.opaque, &request, &sink, $0) }
                }
            }
        }
        return (call, Self.granted.withLock { $0.filter { $0.hasPrefix("\(key) ") } })
    }

    @Test("A strategy sees the request and its answer arrives once")
    func grant() throws {
        let (call, granted) = try authorize("sign")
        #expect(call.outcome == .ok)
        #expect(granted == ["\(call.id) Authorization: probe sign https://h/p 11 1 [\"Cookie\"] [7]"])
    }

    @Test("A refusal fails the request, passing leaves it as it is")
    func refuse() throws {
        let refused = try authorize("refuse")
        #expect(refused.call.outcome == Outcome(.unauthenticated, "no key"))
        #expect(refused.granted.isEmpty)
        let passed = try authorize("pass")
        #expect(passed.call.outcome == .ok)
        #expect(passed.granted.isEmpty)
    }

    @Test("Optional capabilities are those that the class conforms to")
    func optional() throws {
        let instance = try TestInstance(
            PluginDefinition(id: "signer", version: "1", provides: [.auth]) { _, _ in Signer() })
        let call = TestCall()
        let health = try #require(instance.capability(VMCP_HEALTH, as: vmcp_health.self))
        call.lent { health.check(instance.opaque, $0) }
        #expect(call.outcome == Outcome(.unavailable, "asleep"))
        let resources = try #require(instance.capability(VMCP_RESOURCES, as: vmcp_resources.self))
        var usage = vmcp_usage()
        usage.struct_size = UInt32(MemoryLayout<vmcp_usage>.size)
        resources.usage(instance.opaque, &usage)
        #expect(usage.processes == 3 && usage.sessions == 4)
        usage = vmcp_usage()
        usage.struct_size = 8
        resources.usage(instance.opaque, &usage)
        #expect(usage.processes == 3 && usage.sessions == 0, "an older caller gets what it has room for")
    }

    private final class Lengths: EmbeddingProvider {
        let model: String? = "lengths/1"
        let dimensions = 2
        let maximumBatch = 3
        func embed(_ texts: [String], as kind: EmbeddingKind, reply: EmbeddingReply) {
            let mark: Float = kind == .query ? 1 : 0
            let values: [Float] = texts.flatMap { text in [Float(text.utf8.count), mark] }
            reply.vectors(texts.contains("bad") ? [.nan] : values, model: "lengths/1")
        }
    }

    private static let vectors = Mutex<[[Float]]>([])

    @Test("Vectors cross as floats; what is not finite is a defect")
    func embed() throws {
        let instance = try TestInstance(
            PluginDefinition(id: "lengths", version: "1", provides: [.embedding]) { _, _ in Lengths() })
        let table = try #require(instance.capability(VMCP_EMBEDDING, as: vmcp_embedding.self))
        #expect(table.dimensions(instance.opaque) == 2 && table.max_batch(instance.opaque) == 3)
        func embed(_ texts: [String]) -> TestCall {
            let call = TestCall()
            lend(texts.map { ($0, "") }) { pairs, count in
                let texts = UnsafeBufferPointer(start: pairs, count: count).map(\.name)
                var sink = vmcp_embedding_sink()
                sink.struct_size = UInt32(MemoryLayout<vmcp_embedding_sink>.size)
                sink.vectors = { _, vectors in
                    guard let vectors = vectors?.pointee else { return }
                    let count = vectors.count * Int(vectors.dimensions)
                    let values = Array(UnsafeBufferPointer(start: vectors.values, count: count))
                    AuthAndEmbeddingTests.vectors.withLock { $0.append(values) }
                }
                call.lent { table.embed(instance.opaque, 2, texts, texts.count, &sink, $0) }
            }
            return call
        }
        #expect(embed(["a", "bcd"]).outcome == .ok)
        #expect(embed(["bad"]).outcome?.status == .internalError)
        #expect(Self.vectors.withLock { $0 } == [[1, 1, 3, 1]])
    }
}
