import Testing

@testable import Gateway

@Suite("Which era a backend is of")
struct EraProbeTests {
    /// What comes for a question, with a short name.
    struct Answer: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let result: Result<JSONRPCMessage, Outcome>
    }

    private static func answer(_ members: String) -> Answer {
        do {
            let message = try TestGateway.message("{\"jsonrpc\":\"2.0\",\"id\":1,\(members)}")
            return Answer(testDescription: members, result: .success(message))
        } catch {
            Issue.record(error)
            return failure(Outcome(.internalError))
        }
    }

    private static func failure(_ outcome: Outcome) -> Answer {
        Answer(testDescription: "\(outcome.status) \(outcome.httpStatus)", result: .failure(outcome))
    }

    private static func discovered(_ answer: Answer) -> EraProbe.Event { .discovered(answer.result) }
    private static func initialized(_ answer: Answer) -> EraProbe.Event { .initialized(answer.result) }

    private static let modern = answer(#""result":{"supportedVersions":["2026-07-28"],"capabilities":{}}"#)
    private static let handshake = answer(#""result":{"protocolVersion":"2025-06-18","capabilities":{}}"#)
    private static func error(_ code: Int, data: String = "null") -> Answer {
        answer(#""error":{"code":\#(code),"message":"no","data":\#(data)}"#)
    }

    private static func status(_ status: Int, _ kind: Outcome.Status = .invalid) -> Answer {
        failure(Outcome(kind, httpStatus: status, message: "status \(status)"))
    }

    private func name(_ step: EraProbe.Step) -> String {
        switch step {
        case .discover: "discover"
        case .initialize: "initialize"
        case .wait: "wait"
        case .found(let server, let remembers): "\(server.revision.text)\(remembers ? "" : ", not remembered")"
        case .failed(let outcome): "failed: \(outcome.message)"
        }
    }

    private func walk(
        _ channel: EraProbe.Channel, known: EraProbe.Era? = nil, _ events: [EraProbe.Event]
    ) -> [String] {
        var probe = EraProbe(channel: channel, known: known)
        var steps = [name(probe.begin())]
        for event in events { steps.append(name(probe.next(event))) }
        return steps
    }

    @Test("A server that lists 2026-07-28 is modern, and is not asked for a handshake")
    func modernServer() {
        for channel in [EraProbe.Channel.exchanges, .pipe] {
            #expect(walk(channel, [Self.discovered(Self.modern)]) == ["discover", "2026-07-28"])
        }
    }

    @Test(
        "Whatever else a server says to server/discover, the success of initialize makes it an older one",
        arguments: [
            error(-32601), error(-32602), error(-32600), error(-32020), error(-32021), error(-32000),
            error(-32022, data: #"{"supported":["2025-11-25"]}"#), error(-32022), status(400), status(404, .notFound),
            status(405, .unsupported), status(406), answer(#""result":{}"#),
            answer(#""result":{"supportedVersions":["2025-11-25"]}"#),
            failure(Outcome(.protocolError, httpStatus: 200, message: "HTML")), failure(Outcome(.timeout)),
        ] as [Answer])
    func older(answer: Answer) {
        #expect(
            walk(.exchanges, [Self.discovered(answer), Self.initialized(Self.handshake)])
                == ["discover", "initialize", "2025-06-18"])
    }

    @Test("A failing server gets a handshake, but what comes of that is not remembered")
    func failing() {
        #expect(
            walk(.exchanges, [Self.discovered(Self.status(503, .unavailable)), Self.initialized(Self.handshake)])
                == ["discover", "initialize", "2025-06-18, not remembered"])
    }

    @Test(
        "A refused credential, an overloaded server and a broken network say nothing of the era",
        arguments: [
            Outcome(.unauthenticated, httpStatus: 401, message: "x"),
            Outcome(.forbidden, httpStatus: 403, message: "x"),
            Outcome(.timeout, httpStatus: 408, message: "x"), Outcome(.exhausted, httpStatus: 429, message: "x"),
            Outcome(.unavailable, notSent: true, message: "x"), Outcome(.unavailable, sessionLost: true, message: "x"),
        ])
    func noVerdict(outcome: Outcome) {
        #expect(walk(.exchanges, [.discovered(.failure(outcome))]) == ["discover", "failed: x"])
    }

    @Test("HTTP+SSE is never asked for a discovery")
    func eventStream() {
        #expect(walk(.eventStream, [Self.initialized(Self.handshake)]) == ["initialize", "2025-06-18"])
        #expect(
            walk(.eventStream, [Self.initialized(Self.error(-32601))]) == [
                "initialize", "failed: refused initialize: no",
            ])
    }

    @Test("A silent server on a pipe gets both questions, and the first success counts")
    func silence() {
        #expect(
            walk(.pipe, [.silence, Self.initialized(Self.handshake)]) == ["discover", "initialize", "2025-06-18"])
        #expect(walk(.pipe, [.silence, Self.discovered(Self.modern)]) == ["discover", "initialize", "2026-07-28"])
        #expect(
            walk(.pipe, [.silence, Self.discovered(Self.error(-32601)), Self.initialized(Self.handshake)])
                == ["discover", "initialize", "wait", "2025-06-18"])
        #expect(
            walk(.pipe, [.silence, Self.initialized(Self.error(-32601)), Self.discovered(Self.modern)])
                == ["discover", "initialize", "wait", "2026-07-28"])
    }

    @Test("A server that chose its era by the first message it read is asked once more")
    func lockedByDiscovery() {
        let unsupported = Self.error(-32022, data: #"{"supported":["2026-07-28"]}"#)
        #expect(
            walk(
                .pipe,
                [Self.discovered(Self.error(-32603)), Self.initialized(unsupported), Self.discovered(Self.modern)])
                == ["discover", "initialize", "discover", "2026-07-28"])
        #expect(
            walk(.exchanges, [Self.discovered(unsupported), Self.discovered(Self.modern)])
                == ["discover", "discover", "2026-07-28"])
        #expect(
            walk(
                .exchanges, [Self.discovered(unsupported), Self.discovered(unsupported), Self.initialized(unsupported)]
            ).last?
            .hasPrefix("failed: refused initialize") == true)
    }

    @Test("A server of revisions that nobody here knows fails with both lists")
    func nothingInCommon() {
        let other = Self.error(-32022, data: #"{"supported":["2031-01-01"]}"#)
        #expect(
            walk(.exchanges, [Self.discovered(other)]) == [
                "discover",
                "failed: speaks protocol revisions 2031-01-01; expected one of 2026-07-28, 2025-11-25, 2025-06-18, "
                    + "2025-03-26, 2024-11-05",
            ])
    }

    @Test("A server known to be older gets a handshake at once")
    func knownHandshake() {
        for channel in [EraProbe.Channel.exchanges, .pipe] {
            #expect(
                walk(channel, known: .handshake, [Self.initialized(Self.handshake)]) == ["initialize", "2025-06-18"])
        }
    }

    @Test(
        "A server known to be older that knows no handshake any more is asked anew, once",
        arguments: [
            error(-32020), error(-32022), error(-32601), error(-32602), error(-32600), status(400),
            status(404, .notFound), status(405, .unsupported),
        ] as [Answer])
    func contradiction(answer: Answer) {
        #expect(
            walk(.exchanges, known: .handshake, [Self.initialized(answer), Self.discovered(Self.modern)])
                == ["initialize", "discover", "2026-07-28"])
        let both = walk(
            .exchanges, known: .handshake, [Self.initialized(answer), Self.discovered(Self.status(500, .unavailable))])
        #expect(both.last?.hasPrefix("failed") == true)
    }

    @Test("A handshake that fails for another reason fails as it did")
    func otherFailure() {
        #expect(
            walk(.exchanges, known: .handshake, [Self.initialized(Self.status(401, .unauthenticated))])
                == ["initialize", "failed: status 401"])
    }
}
