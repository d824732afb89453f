import Synchronization

/// An answer with its whole body, for the host's own small questions.
package struct WholeResponse: Sendable {
    package var head = ResponseHead()
    package var body: [UInt8] = []
}

extension HTTPEngine {
    /// Asks, and gathers the answer; its size is bounded by ``HTTPRequest/maxResponseBytes``.
    ///
    /// - Throws: ``ServiceOutcome`` when there is none. An answer of any status is one.
    package func whole(_ request: HTTPRequest) async throws(ServiceOutcome) -> WholeResponse {
        let result = await withCheckedContinuation { continuation in
            start(nextExchange(), request, sink: Gatherer { continuation.resume(returning: $0) })
        }
        return try result.get()
    }

    private final class Gatherer: HTTPSink {
        private let state = Mutex(WholeResponse())
        private let done: @Sendable (Result<WholeResponse, ServiceOutcome>) -> Void

        init(_ done: @escaping @Sendable (Result<WholeResponse, ServiceOutcome>) -> Void) { self.done = done }

        func head(_ head: ResponseHead) -> SinkAnswer {
            state.withLock { $0.head = head }
            return .go
        }

        func body(_ data: UnsafeRawBufferPointer) -> SinkAnswer {
            state.withLock { $0.body.append(contentsOf: data) }
            return .go
        }

        func end(_ outcome: ServiceOutcome) {
            done(outcome.status == .ok ? .success(state.withLock { $0 }) : .failure(outcome))
        }
    }
}
