import PluginKit
import StreamableHTTP
import Testing

@Suite("The wire of HTTP backends")
struct WireTests {
    @Test(
        "A message is an answer by its outermost names alone",
        arguments: [
            (#"{"jsonrpc":"2.0","id":1,"result":{}}"#, true), (#"{"error":{"code":1},"id":1}"#, true),
            (#"{"jsonrpc":"2.0","method":"x","params":{"result":1}}"#, false),
            (#"{"params":{"result":1},"method":"x","id":2}"#, false), (#"{"id":"result"}"#, false),
            (#"{"a":"\"result\":","b":["result",{"error":1}],"result":1}"#, true), (#"[{"result":1}]"#, false),
            ("", false), ("{", false), (#"{"resul"#, false), (#"{"x":"\"#, false),
        ])
    func answer(message: String, isAnswer: Bool) {
        #expect(AnswerSign.isAnswer(Array(message.utf8)) == isAnswer)
    }

    @Test(
        "URLs are taken apart",
        arguments: [
            ("http://Host:80/a?b#c", "http://host:80/a?b", "http://host:80"),
            ("HTTPS://h", "https://h/", "https://h:443"), ("http://h?x", "http://h/?x", "http://h:80"),
            ("http://[::1]:81/", "http://[::1]:81/", "http://[::1]:81"),
            ("http://[::1]/", "http://[::1]/", "http://[::1]:80"),
        ])
    func address(text: String, url: String, origin: String) throws {
        let address = try WebAddress(text)
        #expect(address.description == url)
        #expect(address.origin == origin)
    }

    @Test(
        "What is no http URL is refused",
        arguments: [
            "", "h", "ftp://h/", "http://", "http:///p", "http://u:p@h/", "http://h/a b", "http://:80/", "//h/p",
        ])
    func badAddress(text: String) {
        #expect(throws: PluginError.self) { try WebAddress(text) }
    }

    @Test(
        "References are resolved against the stream's URL",
        arguments: [
            ("/messages?s=1", "http://h/messages?s=1"), ("messages", "http://h/a/messages"),
            ("?s=1", "http://h/a/sse?s=1"),
            ("http://h:80/x", "http://h:80/x"), ("//other/x", "http://other/x"),
            ("/m?u=http://x", "http://h/m?u=http://x"),
            ("m?u=http://x/", "http://h/a/m?u=http://x/"),
        ])
    func resolve(reference: String, url: String) throws {
        #expect(try WebAddress("http://h/a/sse?q=/z/").resolving(reference).description == url)
    }

    @Test(
        "Statuses mean what the ABI says",
        arguments: [
            (401, Status.unauthenticated), (403, .forbidden), (404, .notFound), (405, .unsupported), (408, .timeout),
            (504, .timeout), (413, .exhausted), (429, .exhausted), (500, .unavailable), (502, .unavailable),
            (503, .unavailable), (400, .invalid), (422, .invalid), (302, .protocolError),
        ])
    func status(status: Int, verdict: Status) {
        let outcome = StatusVerdict.outcome(status: status, inSession: false)
        #expect(outcome.status == verdict && outcome.httpStatus == status)
        #expect(!outcome.sessionLost && !outcome.notSent)
    }

    @Test(
        "A 403 says which scope the token lacks, as far as the server says so",
        arguments: [
            (#"Bearer error="insufficient_scope", scope="files:write""#, #"it needs a token with scope "files:write""#),
            (#"Bearer error="insufficient_scope""#, "its token lacks a scope, the server does not say which"),
            (#"Bearer error="invalid_token", scope="a""#, nil), ("", nil), (#"Basic realm="x""#, nil),
        ])
    func insufficientScope(challenge: String, words: String?) {
        let outcome = StatusVerdict.outcome(status: 403, inSession: true, challenge: challenge)
        #expect(outcome.status == .forbidden && outcome.challenge == challenge)
        #expect(outcome.message == "the credential does not suffice (403)" + (words.map { "; \($0)" } ?? ""))
    }

    @Test("404 for a session that the server gave us means that it is lost and nothing was done")
    func lost() {
        let outcome = StatusVerdict.outcome(status: 404, inSession: true)
        #expect(outcome.status == .notFound && outcome.sessionLost && outcome.notSent)
    }

    @Test(
        "Retry-After is seconds, or a date measured against the response's own",
        arguments: [
            ("3", nil, 3_000), ("soon", nil, 0), (nil, nil, 0), ("-1", nil, 0),
            ("Sun, 01 Mar 2026 00:00:10 GMT", "Sat, 28 Feb 2026 23:59:50 GMT", 20_000),
            ("Fri, 01 Jan 2027 00:00:00 GMT", "Thu, 31 Dec 2026 23:59:59 GMT", 1_000),
            ("Sat, 28 Feb 2026 23:59:50 GMT", "Sun, 01 Mar 2026 00:00:10 GMT", 0),
            ("Sun, 01 Mar 2026 00:00:10 GMT", nil, 0),
        ] as [(String?, String?, UInt64)])
    func retryAfter(value: String?, date: String?, milliseconds: UInt64) {
        #expect(RetryAfter.milliseconds(value, date: date) == milliseconds)
    }
}
