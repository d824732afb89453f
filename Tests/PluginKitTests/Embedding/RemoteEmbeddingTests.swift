import PluginKit
import Testing

@testable import RemoteEmbeddingCore

@Suite("Remote embedding providers")
struct RemoteEmbeddingTests {
    static let base = "http://127.0.0.1:8080"

    private func tei(_ more: String = "") throws -> EmbeddingFixture {
        try EmbeddingFixture(
            RemoteEmbeddingPlugin.definition, kind: "tei", spec: #"{"embeddingService":"\#(Self.base)/"\#(more)}"#)
    }

    private func openai(_ more: String = "") throws -> EmbeddingFixture {
        try EmbeddingFixture(
            RemoteEmbeddingPlugin.definition, kind: "openai",
            spec: #"{"embeddingService":"https://api.example.com/v1","embeddingModel":"small"\#(more)}"#)
    }

    /// A provider whose service has said what it runs, after one exchange.
    private func started(batch: Int = 32, _ more: String = "") throws -> EmbeddingFixture {
        let fixture = try tei(more)
        let start = fixture.start()
        fixture.info("bge", batch: batch, at: 0)
        #expect(start.outcome == .ok)
        return fixture
    }

    @Test("text-embeddings-inference is asked for its limits once, and for its model around each batch of documents")
    func wire() throws {
        let fixture = try started(batch: 2, #","embeddingServiceTimeout":"1m1.5s""#)
        let asked = fixture.host.exchange(0)
        #expect(asked.method == "GET" && asked.url == Self.base + "/info" && asked.totalTimeout == 61_500)
        #expect(fixture.maximumBatch == 2 && fixture.model == "tei/bge at \(Self.base)" && fixture.dimensions == 0)

        let run = fixture.embed(["a", "b\"", "c"])
        fixture.info("bge", batch: 2, at: 1)
        let first = fixture.host.exchange(2)
        #expect(first.method == "POST" && first.url == Self.base + "/embed")
        #expect(first.body == #"{"inputs":["a","b\""],"truncate":true}"#)
        #expect(first["content-type"] == "application/json" && first["authorization"] == nil)
        #expect(first.options.contains(.allowPrivate))
        first.respond(200, [], "[[1, 2.5e0],\n[-3,4]]")
        #expect(fixture.host.exchange(3).body == #"{"inputs":["c"],"truncate":true}"#)
        fixture.host.exchange(3).respond(200, [], "[[5,6]]")
        #expect(run.answer == nil)
        fixture.info("bge", batch: 2, at: 4)
        #expect(run.answer == .init(rows: [[1, 2.5], [-3, 4], [5, 6]], model: "tei/bge at \(Self.base)"))
        #expect(run.outcome == .ok && fixture.dimensions == 2)
    }

    @Test("A query trusts for ten seconds what the service said; then it asks again")
    func query() throws {
        let fixture = try started()
        let fresh = fixture.embed(["q"], as: .query)
        #expect(fixture.host.exchange(1).url.hasSuffix("/embed"))
        fixture.host.exchange(1).respond(200, [], "[[1]]")
        #expect(fresh.answer?.rows == [[1]])
        fixture.host.advance(10_000)
        _ = fixture.embed(["q"], as: .query)
        #expect(fixture.host.exchange(2).url.hasSuffix("/info"))
    }

    @Test("A model that changes in between makes the run once more; a second change fails it")
    func swapped() throws {
        let fixture = try started()
        let run = fixture.embed(["a"])
        fixture.info("bge", at: 1)
        fixture.host.exchange(2).respond(200, [], "[[1]]")
        fixture.info("mini", at: 3)
        fixture.info("mini", at: 4)
        fixture.host.exchange(5).respond(200, [], "[[1,2]]")
        fixture.info("mini", at: 6)
        #expect(run.answer == .init(rows: [[1, 2]], model: "tei/mini at \(Self.base)"))
        #expect(fixture.model == "tei/mini at \(Self.base)" && fixture.dimensions == 2)

        let other = fixture.embed(["a"])
        for (index, model) in [(7, "a"), (9, "b"), (10, "c"), (12, "d")] {
            fixture.info(model, at: index)
            if [7, 10].contains(index) { fixture.host.exchange(index + 1).respond(200, [], "[[1]]") }
        }
        #expect(other.outcome?.status == .unavailable)
        #expect(other.outcome?.message.contains("changed its model from tei/c at") == true)
    }

    @Test("A service that does not tell about itself is no obstacle: it is asked again, and may have no /info at all")
    func noInfo() throws {
        let fixture = try tei()
        let start = fixture.start()
        fixture.host.exchange(0).end(.unavailable, "connection refused")
        #expect(start.outcome == .ok)
        #expect(fixture.model == nil && fixture.maximumBatch == 32)
        #expect(fixture.host.lines.count == 1)
        let failed = fixture.embed(["a"])
        fixture.host.exchange(1).end(.unavailable, "connection refused")
        #expect(failed.outcome?.status == .unavailable)
        #expect(failed.outcome?.message == "the embedding service did not answer /info: connection refused")
        let run = fixture.embed(["a"])
        fixture.host.exchange(2).respond(404, [], "no such path")
        fixture.host.exchange(3).respond(200, [], "[[1]]")
        fixture.host.exchange(4).respond(404, [], "no such path")
        #expect(run.answer == .init(rows: [[1]], model: "tei/unknown at \(Self.base)"))
    }

    @Test("OpenAI's form: model, key-less headers of the configuration, and the order of the indices")
    func openAI() throws {
        let fixture = try openai(#","embeddingHeaders":{"x-org":"7"}"#)
        #expect(fixture.start().outcome == .ok)
        #expect(fixture.model == "openai/small at https://api.example.com/v1" && fixture.maximumBatch == 2_048)
        let run = fixture.embed(["a", "b"])
        let exchange = fixture.host.exchange(0)
        #expect(exchange.url == "https://api.example.com/v1/embeddings" && exchange["x-org"] == "7")
        #expect(exchange.body == #"{"model":"small","input":["a","b"],"encoding_format":"float"}"#)
        exchange.respond(
            200, [],
            """
            {"object":"list","usage":{"n":[1,{"x":"]}\\""}],"b":null}, "data": [
              {"object":"embedding","index":1,"embedding":[3,4]}, {"embedding":[1,2],"index":0}], "model":"m"}
            """)
        #expect(run.answer == .init(rows: [[1, 2], [3, 4]], model: "openai/small at https://api.example.com/v1"))
        #expect(fixture.host.exchanges.count == 1)
    }

    @Test("The key of the environment is sent as a bearer token, by openai alone")
    func key() throws {
        for (kind, expected) in [("openai", ["Bearer sk-1"]), ("tei", [])] {
            let json = #"{"kind":"\#(kind)","spec":{"embeddingService":"https://h","embeddingModel":"m"}}"#
            let settings = try RemoteSettings(try PluginConfiguration(json: Array(json.utf8)), key: "sk-1")
            #expect(settings.headers.filter { $0.name == "Authorization" }.map(\.value) == expected)
        }
    }

    static let wrongAnswers: [(kind: String, body: String, expected: String)] = [
        ("tei", "[[1,2]]", "expected 2 vectors, found 1"), ("tei", "[[1],[2],[3]]", "expected 2 vectors, found 3"),
        ("tei", "[[1,2],[3]]", "expected vectors of 2 numbers, found one of 1"),
        ("tei", "[[1],[NaN]]", "finite numbers"),
        ("tei", "[[1],[1e999]]", "finite numbers"), ("tei", "[[1],[null]]", "finite numbers"),
        ("tei", "[[1],[\"2\"]]", "finite numbers"), ("tei", "[[1],[]]", "found an empty one"), ("tei", "", "'['"),
        ("tei", "[[1],[2", "expected more after byte 7"), ("tei", "[[1],[2]] x", "expected nothing after byte 10"),
        ("tei", "{\"error\":\"no\"}", "'['"), ("tei", "<html>", "'['"),
        ("openai", "{}", "a member 'data'"), ("openai", "{\"data\":[]}", "expected 2 vectors, found 0"),
        ("openai", "{\"data\":[{\"index\":0,\"embedding\":[1]},{\"index\":0,\"embedding\":[2]}]}", "found 0 again"),
        ("openai", "{\"data\":[{\"index\":0,\"embedding\":[1]},{\"index\":2,\"embedding\":[2]}]}", "found 2 again"),
        ("openai", "{\"data\":[{\"index\":-1,\"embedding\":[1]},{\"index\":1,\"embedding\":[2]}]}", "found -1"),
        ("openai", "{\"data\":[{\"embedding\":[1]},{\"index\":1,\"embedding\":[2]}]}", "to have index and embedding"),
        ("openai", "{\"x\":" + String(repeating: "[", count: 100_000), "at most 64 levels"),
    ]

    @Test("An answer that does not fit says what was expected", arguments: wrongAnswers)
    func wrong(kind: String, body: String, expected: String) throws {
        let fixture = try kind == "tei" ? started() : openai()
        let run = fixture.embed(["a", "b"])
        if kind == "tei" { fixture.info("bge", at: 1) }
        fixture.host.exchange(kind == "tei" ? 2 : 0).respond(200, [], body)
        if kind == "tei", run.outcome == nil { fixture.info("bge", at: 3) }
        #expect(run.outcome?.status == .protocolError)
        #expect(run.outcome?.message.contains(expected) == true, "\(run.outcome?.message ?? "")")
        #expect(run.answer == nil)
    }

    @Test("Vectors of another length than before are refused while the model is the same")
    func dimensions() throws {
        let fixture = try openai()
        let first = fixture.embed(["a"])
        fixture.host.exchange(0).answer([[1, 2]])
        let second = fixture.embed(["b"])
        fixture.host.exchange(1).answer([[1, 2, 3]])
        #expect(first.outcome == .ok && second.outcome?.status == .protocolError)
        #expect(second.outcome?.message.contains("expected vectors of 2 numbers, found one of 3") == true)
    }

    static let statuses: [(code: UInt32, status: Status, words: Bool)] = [
        (400, .invalid, true), (401, .unauthenticated, false), (403, .forbidden, false), (404, .notFound, true),
        (422, .invalid, true), (424, .unavailable, true), (429, .exhausted, true), (500, .unavailable, true),
        (503, .unavailable, true), (302, .protocolError, true),
    ]

    @Test("A status that is no success fails the call with it; what refuses a key is not repeated", arguments: statuses)
    func status(code: UInt32, status: Status, words: Bool) throws {
        let fixture = try openai()
        let run = fixture.embed(["a"])
        fixture.host.exchange(0).respond(code, [("retry-after", "7")], "bad key\u{0}sk-1")
        #expect(run.outcome?.status == status)
        #expect(run.outcome?.httpStatus == Int(code) && run.outcome?.retryAfter == 7_000)
        let message = "the embedding service answered /embeddings with status \(code)" + (words ? ": bad key sk-1" : "")
        #expect(run.outcome?.message == message)
    }

    @Test("Too large a request is halved, at last inside a text; the smaller batch is remembered")
    func tooLarge() throws {
        let fixture = try openai()
        let long = String(repeating: "x", count: 100)
        let run = fixture.embed(["a", "b", long])
        #expect(fixture.host.exchange(0).body.contains(#"["a","b","xxx"#))
        fixture.host.exchange(0).respond(413)
        #expect(fixture.host.exchange(1).body.contains(#""input":["a"],"#))
        fixture.host.exchange(1).answer([[1]])
        #expect(fixture.maximumBatch == 1)
        fixture.host.exchange(2).respond(413)
        fixture.host.exchange(3).answer([[2]])
        #expect(fixture.host.exchange(4).body.contains(long))
        fixture.host.exchange(4).respond(413)
        #expect(fixture.host.exchange(5).body.contains(#"["\#(String(repeating: "x", count: 50))"]"#))
        fixture.host.exchange(5).answer([[3]])
        #expect(run.answer?.rows == [[1], [2], [3]])

        let hopeless = fixture.embed(["short"])
        fixture.host.exchange(6).respond(413)
        #expect(hopeless.outcome?.status == .invalid && hopeless.outcome?.httpStatus == 413)
    }

    @Test("A service that never answers ends with its time; a cancelled call ends its exchange")
    func never() throws {
        let fixture = try openai()
        let late = fixture.embed(["a"])
        #expect(fixture.host.exchange(0).totalTimeout == 30_000)
        fixture.host.exchange(0).end(.timeout, "no answer in 30 s")
        #expect(late.outcome?.status == .timeout)
        let cancelled = fixture.embed(["a"])
        fixture.instance.cancel(cancelled.call)
        #expect(fixture.host.exchange(1).wasCancelled)
        #expect(cancelled.outcome?.status == .cancelled && cancelled.call.endings.count == 1)
    }

    static let wrongSettings: [(kind: String, spec: String, expected: String)] = [
        ("tei", "{}", "embeddingService: expected an http or https URL, found nothing"),
        ("tei", #"{"embeddingService":"ftp://h"}"#, "embeddingService: expected an http or https URL"),
        ("tei", #"{"embeddingService":"http://u:p@h"}"#, "without user, password"),
        ("tei", #"{"embeddingService":"http://"}"#, "a URL with a host"),
        ("tei", #"{"embeddingService":"http://h?x=1"}"#, "without user, password, query"),
        ("openai", #"{"embeddingService":"http://h"}"#, "embeddingModel: expected the name of a model"),
        ("tei", #"{"embeddingService":"http://h","embeddingServiceTimeout":"soon"}"#, "embeddingServiceTimeout:"),
        ("tei", #"{"embeddingService":"http://h","embeddingServiceTimeout":"0s"}"#, "embeddingServiceTimeout:"),
        (
            "openai", #"{"embeddingService":"http://h","embeddingModel":"m","embeddingHeaders":{"x":"\n"}}"#,
            "embeddingHeaders.x"
        ),
        ("other", #"{"embeddingService":"http://h"}"#, "expected the provider tei or openai, found 'other'"),
    ]

    @Test("A setting that cannot serve is told by its field", arguments: wrongSettings)
    func setting(kind: String, spec: String, expected: String) {
        let error = #expect(throws: TestInstance.Refused.self) {
            try EmbeddingFixture(RemoteEmbeddingPlugin.definition, kind: kind, spec: spec)
        }
        #expect(error?.message.contains(expected) == true, "\(error?.message ?? "")")
        #expect(error?.message.contains("u:p") == false)
    }
}

extension EmbeddingFixture {
    /// Answers the exchange at a place, which must ask for `/info`.
    fileprivate func info(_ model: String, batch: Int = 32, at index: Int) {
        let exchange = host.exchange(index)
        #expect(exchange.url.hasSuffix("/info"))
        exchange.respond(
            200, [], #"{"model_id":"\#(model)","model_sha":null,"max_client_batch_size":\#(batch),"version":"1.8"}"#)
    }
}

extension TestExchange {
    /// Answers as OpenAI does.
    fileprivate func answer(_ rows: [[Int]]) {
        let data = rows.enumerated().map { #"{"index":\#($0),"embedding":\#($1)}"# }.joined(separator: ",")
        respond(200, [], #"{"data":[\#(data)]}"#)
    }
}
