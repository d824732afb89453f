import Gateway
import Synchronization

/// Puts the answers to a batch together (JSON-RPC 2.0, section 6; MCP 2025-03-26).
///
/// Without notifications they go out as one array, in the order of the requests; with the first notification the answer
/// becomes a stream, and each answer an event.
final class BatchAnswer: Sendable {
    private struct State {
        var answers: [[UInt8]?]
        var open: Int
        var isStreaming = false
    }

    private let state: Mutex<State>
    private let stream: ExchangeStream

    /// - Parameter answers: One per message that gets an answer; those that are known already are filled in. At least
    ///   one must be open.
    init(_ answers: [[UInt8]?], stream: ExchangeStream) {
        self.stream = stream
        state = Mutex(State(answers: answers, open: answers.count { $0 == nil }))
    }

    /// The stream for the request whose answer has this place.
    func part(_ index: Int) -> any ClientStream { BatchPart(answer: self, index: index) }

    fileprivate func send(_ message: [UInt8]) -> Flow {
        state.withLock { state in
            if !state.isStreaming {
                state.isStreaming = true
                for case let answer? in state.answers { _ = stream.send(answer) }
            }
            return stream.send(message)
        }
    }

    fileprivate func finish(_ index: Int, _ response: [UInt8]?) {
        state.withLock { state in
            guard state.open > 0, state.answers[index] == nil else { return }
            state.open -= 1
            if let response {
                state.answers[index] = response
                if state.isStreaming { _ = stream.send(response) }
            }
            if state.open == 0 { complete(&state) }
        }
    }

    private func complete(_ state: inout State) {
        if state.isStreaming { return stream.end() }
        let answers = state.answers.compactMap(\.self)
        if answers.isEmpty { stream.close() } else { stream.finish(Self.array(answers)) }
    }

    /// The answers as one JSON array.
    static func array(_ answers: [[UInt8]]) -> [UInt8] {
        [UInt8(ascii: "[")] + answers.joined(separator: [UInt8(ascii: ",")]) + [UInt8(ascii: "]")]
    }
}

/// One request's share in the answer to a batch.
private final class BatchPart: ClientStream {
    private let answer: BatchAnswer
    private let index: Int
    private let isOpen = Mutex(true)

    init(answer: BatchAnswer, index: Int) {
        self.answer = answer
        self.index = index
    }

    func send(_ message: [UInt8]) -> Flow { answer.send(message) }
    func finish(_ response: [UInt8]) { end(response) }
    func close() { end(nil) }
    func cancelled() { end(nil) }

    private func end(_ response: [UInt8]?) {
        let wasOpen = isOpen.withLock { isOpen in
            defer { isOpen = false }
            return isOpen
        }
        if wasOpen { answer.finish(index, response) }
    }
}
