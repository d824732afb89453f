import PluginAPI
import Synchronization

/// Takes what belongs to no call: requests and notifications of the server, answers with
/// ``BackendTraits/answersOnSession``, and the end of the session.
///
/// May be used from any thread; the kit hands messages over one at a time and in order, and nothing after the end.
public final class SessionSink: Sendable {
    private let receiver: Receiver
    private let state = Mutex(OrderedDelivery<[UInt8], Outcome?>())

    private struct Receiver: @unchecked Sendable {
        // The context is a number in disguise, and the functions are [thread-safe] by the ABI.
        let sink: vmcp_session_sink
    }

    init(_ pointer: UnsafePointer<vmcp_session_sink>) {
        receiver = Receiver(sink: copyOfTable(pointer, as: vmcp_session_sink()))
    }

    /// Hands up one whole JSON-RPC message.
    ///
    /// - Returns: Whether to go on; after ``Flow/pause`` none until ``BackendPlugin/resumeSession(_:)``.
    @discardableResult
    public func message(_ message: RawSpan) -> Flow { message.withUnsafeBytes { self.message($0) } }

    /// Hands up one whole JSON-RPC message.
    @discardableResult
    public func message(_ message: [UInt8]) -> Flow { message.withUnsafeBytes { self.message($0) } }

    /// Says that the session is gone: the process ended, the connection closed for good. Not for one the host closed.
    public func lost(_ outcome: Outcome) { finish(outcome) }

    /// Makes the sink deaf without a word to the host: it closed the session itself.
    public func closed() { finish(nil) }

    private func message(_ data: UnsafeRawBufferPointer) -> Flow {
        let loan = Loan(data)
        switch state.withLock({ $0.offer { loan.copy } }) {
        case .never: return .stop
        case .later: return state.withLock { $0.flow }
        case .now: break
        }
        let flow = deliver(data)
        drain(after: flow)
        return flow
    }

    private func finish(_ outcome: Outcome?) {
        guard state.withLock({ $0.finish { outcome } }) == .now else { return }
        end(outcome)
        drain(after: nil)
    }

    private func drain(after flow: Flow?) {
        var flow = flow
        while true {
            switch state.withLock({ $0.next(after: flow) }) {
            case .item(let data): flow = data.withUnsafeBytes { deliver($0) }
            case .end(let outcome):
                end(outcome)
                flow = nil
            case .nothing: return
            }
        }
    }

    private func deliver(_ data: UnsafeRawBufferPointer) -> Flow {
        let sink = receiver.sink
        return Flow(rawValue: sink.message?(sink.context, vmcp_bytes(data)) ?? Flow.stop.rawValue) ?? .stop
    }

    private func end(_ outcome: Outcome?) {
        let sink = receiver.sink
        outcome?.withBorrowed { sink.lost?(sink.context, $0) }
    }
}
