import Gateway
import Synchronization

/// The stream of one call that the command line makes: what is asked goes to the person at the terminal.
final class CommandLineStream: ClientStream {
    /// Answers `elicitation/create`: gets the params, gives the raw result.
    typealias Asker = @Sendable (JSONSlice) async -> [UInt8]

    private let session: any ClientSession
    private let ask: Asker?
    private let answer = Mutex<(response: [UInt8]?, isOver: Bool, waiting: CheckedContinuation<Void, Never>?)>(
        (nil, false, nil))

    init(_ session: any ClientSession, ask: Asker?) {
        (self.session, self.ask) = (session, ask)
    }

    /// The answer, once it is there; `nil` when there will be none.
    func response() async -> [UInt8]? {
        await withCheckedContinuation { continuation in
            let isOver = answer.withLock { answer in
                if !answer.isOver { answer.waiting = continuation }
                return answer.isOver
            }
            if isOver { continuation.resume() }
        }
        return answer.withLock { $0.response }
    }

    // MARK: - ClientStream

    func send(_ message: [UInt8]) -> Flow {
        do throws(JSONRPCMessage.Malformed) {
            let message = try JSONRPCMessage(message)
            guard message.method == "elicitation/create", let id = message.id, let params = message.params, let ask
            else {
                return .go
            }
            Task { [session] in
                let result = await ask(params)
                session.accept(try JSONRPCMessage(JSONRPCWriter.result(id: id.bytes, result)))
            }
        } catch {
            return .go
        }
        return .go
    }

    func finish(_ response: [UInt8]) { end(response) }
    func close() { end(nil) }
    func cancelled() { end(nil) }

    private func end(_ response: [UInt8]?) {
        let waiting = answer.withLock { answer in
            guard !answer.isOver else { return nil as CheckedContinuation<Void, Never>? }
            (answer.response, answer.isOver) = (response, true)
            return answer.waiting
        }
        waiting?.resume()
    }
}
