import Gateway
import PluginAPI

/// The functions that plugins call. All they get is a number; what it leads to decides, and nothing else is trusted.
enum PluginCallbacks {
    /// `vmcp_call.emit`
    static let emit: @convention(c) (UnsafeMutableRawPointer?, UInt32, vmcp_bytes) -> Int32 = { context, kind, data in
        guard let (number, ledger) = find(context) else { return Flow.stop.rawValue }
        return ledger.calls.emit(number, kind: kind, bytes(data, number, ledger)).rawValue
    }

    /// `vmcp_call.resolve`
    static let resolve: @convention(c) (UnsafeMutableRawPointer?, UnsafePointer<vmcp_outcome>?, vmcp_bytes) -> Void = {
        context, outcome, last in
        guard let (number, ledger) = find(context) else { return }
        let (read, problem) = OutcomeReader.read(outcome)
        if let problem { ledger.misbehaviour.count(problem, number.serial) }
        ledger.calls.resolve(number, read, last: bytes(last, number, ledger))
    }

    /// `vmcp_session_sink.message`
    static let message: @convention(c) (UnsafeMutableRawPointer?, vmcp_bytes) -> Int32 = { context, data in
        guard let (number, ledger) = find(context) else { return Flow.stop.rawValue }
        return ledger.sessions.message(number, bytes(data, number, ledger)).rawValue
    }

    /// `vmcp_session_sink.lost`
    static let lost: @convention(c) (UnsafeMutableRawPointer?, UnsafePointer<vmcp_outcome>?) -> Void = {
        context, outcome in
        guard let (number, ledger) = find(context) else { return }
        let (read, problem) = OutcomeReader.read(outcome)
        if let problem { ledger.misbehaviour.count(problem, number.serial) }
        ledger.sessions.lost(number, read)
    }

    /// `vmcp_auth_sink.answer`
    static let answer: @convention(c) (UnsafeMutableRawPointer?, UnsafePointer<vmcp_auth_answer>?) -> Void = {
        context, answer in
        guard let (number, ledger) = find(context) else { return }
        guard let call = ledger.calls.observer(of: number) as? AuthorizeCall else { return }
        if !call.answered(answer) { ledger.misbehaviour.count(.badAnswer, number.serial) }
    }

    /// `vmcp_embedding_sink.vectors`
    static let vectors: @convention(c) (UnsafeMutableRawPointer?, UnsafePointer<vmcp_vectors>?) -> Void = {
        context, vectors in
        guard let (number, ledger) = find(context) else { return }
        guard let call = ledger.calls.observer(of: number) as? EmbedCall else { return }
        if !call.answered(vectors) { ledger.misbehaviour.count(.badAnswer, number.serial) }
    }

    private static func find(_ context: UnsafeMutableRawPointer?) -> (ContextNumber, PluginLedger)? {
        let number = ContextNumber(context)
        guard let ledger = CallbackDirectory.ledger(of: number) else {
            CallbackDirectory.countForeign()
            return nil
        }
        return (number, ledger)
    }

    private static func bytes(
        _ data: vmcp_bytes, _ number: ContextNumber, _ ledger: PluginLedger
    ) -> UnsafeRawBufferPointer {
        if data.data == nil, data.size > 0 { ledger.misbehaviour.count(.nullData, number.serial) }
        return OutcomeReader.buffer(data)
    }
}
