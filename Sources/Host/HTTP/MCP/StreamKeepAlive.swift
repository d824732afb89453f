import Synchronization

/// The exchanges that wait for something, and get a comment when that takes long.
///
/// One beat serves all of them: a timer per request would cost more than most requests do.
package final class StreamKeepAlive: Sendable {
    private let streams = Mutex<[ObjectIdentifier: ExchangeStream]>([:])

    package init() {}

    /// Streams that wait.
    package var count: Int { streams.withLock { $0.count } }

    /// To be called twice per ``HTTPServerSettings/keepAliveInterval``.
    package func beat() {
        // Outside the lock: streams take their own lock and then this one.
        for stream in streams.withLock({ Array($0.values) }) { stream.beat() }
    }

    func add(_ stream: ExchangeStream) {
        streams.withLock { $0[ObjectIdentifier(stream)] = stream }
    }

    func remove(_ stream: ExchangeStream) {
        _ = streams.withLock { $0.removeValue(forKey: ObjectIdentifier(stream)) }
    }
}
