import Synchronization

/// Outgoing HTTP of the host and its plugins: shared connections, trust and address policy on threads of its own.
///
/// ``shutDown()`` comes before the last reference goes: the threads hold what they work on.
package final class HTTPEngine: Sendable {
    private let threads: [TransferThread]
    private let state = Mutex(State())

    private let lastExchange = Atomic<UInt64>(0)

    private struct State {
        var nextAuthorizer: UInt64 = 1
        var authorizers: [UInt64: any RequestAuthorizer] = [:]
        /// Of exchanges that ask for an upgrade, until they end.
        var outputs: [UInt64: DuplexOutput] = [:]
    }

    /// - Parameters:
    ///   - threads: 1 or more. An origin always has the same thread, so that its connections are shared.
    ///   - environment: Where proxies and the system's certificate authorities are named.
    /// - Throws: ``SystemError`` when there is no descriptor or thread left.
    package init(threads count: Int = 1, environment: [String: String]) throws(SystemError) {
        var threads: [TransferThread] = []
        for index in 0..<max(1, count) {
            threads.append(try TransferThread(name: "vmcp-http-\(index)", environment: environment))
        }
        self.threads = threads
    }

    /// The number of an exchange to come.
    package func nextExchange() -> UInt64 { lastExchange.add(1, ordering: .relaxed).newValue }

    /// Starts an exchange. Everything is said to the sink, never before this returns.
    ///
    /// - Parameter exchange: From ``nextExchange()``; used once.
    package func start(_ exchange: UInt64, _ request: HTTPRequest, sink: any HTTPSink) {
        let authorizer = request.auth == 0 ? nil : state.withLock { $0.authorizers[request.auth] }
        let thread = thread(of: exchange, request.url)
        if request.isDuplex {
            let output = DuplexOutput { [weak thread] in
                guard let thread else { return }
                thread.loop.submit { thread.send(exchange) }
            }
            state.withLock { $0.outputs[exchange] = output }
            let sink = DuplexSink(sink: sink) { [weak self] in self?.forget(exchange) }
            return thread.loop.submit { thread.start(exchange, request, sink, authorizer, output) }
        }
        thread.loop.submit {
            if request.auth != 0, authorizer == nil {
                // Never without its credential.
                let message = "no strategy has the auth handle \(request.auth); the request was not sent"
                return sink.end(ServiceOutcome(.invalid, message, notSent: true))
            }
            thread.start(exchange, request, sink, authorizer)
        }
    }

    /// Ends an exchange that cannot even be started; like everything, not before this returns.
    package func fail(_ outcome: ServiceOutcome, sink: any HTTPSink) { threads[0].loop.submit { sink.end(outcome) } }

    /// Ends an exchange early. Unknown numbers are ignored.
    package func cancel(_ exchange: UInt64) { each { $0.cancel(exchange) } }

    /// Sends bytes over an upgraded connection, whole and in order. Never waits.
    ///
    /// - Returns: ``SinkAnswer/pause`` when taken but the sink's ``HTTPSink/drained()`` is to be waited for;
    ///   ``SinkAnswer/stop`` when nothing can be written (any more).
    package func write(_ exchange: UInt64, _ data: UnsafeRawBufferPointer) -> SinkAnswer {
        state.withLock { $0.outputs[exchange] }?.write(data) ?? .stop
    }

    /// Writes no more over an upgraded connection; what was written arrives. The other direction stays open.
    package func closeWrite(_ exchange: UInt64) { state.withLock { $0.outputs[exchange] }?.close() }

    private func forget(_ exchange: UInt64) {
        let output = state.withLock { $0.outputs.removeValue(forKey: exchange) }
        output?.end()
    }

    /// Goes on after ``SinkAnswer/pause``.
    package func resume(_ exchange: UInt64) { each { $0.resume(exchange) } }

    /// Makes a strategy known; the handle is for ``HTTPRequest/auth``.
    package func register(_ authorizer: any RequestAuthorizer) -> UInt64 {
        state.withLock { state in
            defer { state.nextAuthorizer += 1 }
            state.authorizers[state.nextAuthorizer] = authorizer
            return state.nextAuthorizer
        }
    }

    /// Forgets a strategy: requests with its handle fail from now on.
    package func unregister(_ handle: UInt64) { state.withLock { _ = $0.authorizers.removeValue(forKey: handle) } }

    /// Cancels everything, closes all connections and ends the threads. Nothing may be started any more.
    package func shutDown() async {
        for thread in threads {
            thread.loop.submit { thread.close() }
            await thread.loop.stop()
        }
    }

    private func thread(of exchange: UInt64, _ url: String) -> TransferThread {
        if threads.count == 1 { return threads[0] }
        // Up to the first slash after the authority: one origin, one thread.
        var slashes = 0
        var hash: UInt64 = 14_695_981_039_346_656_037  // FNV-1a
        for byte in url.utf8 {
            if byte == 0x2F { slashes += 1 }
            if slashes == 3 { break }
            hash = (hash ^ UInt64(byte)) &* 1_099_511_628_211
        }
        return threads[Int(hash % UInt64(threads.count))]
    }

    /// The threads do not tell whose an exchange is; only one of them knows its number.
    private func each(_ action: @escaping @Sendable (TransferThread) -> Void) {
        for thread in threads { thread.loop.submit { action(thread) } }
    }
}

/// The sink of an exchange that asks for an upgrade; at the end its output is forgotten before anything is said.
private struct DuplexSink: HTTPSink {
    let sink: any HTTPSink
    let ended: @Sendable () -> Void

    func head(_ head: ResponseHead) -> SinkAnswer { sink.head(head) }
    func body(_ data: UnsafeRawBufferPointer) -> SinkAnswer { sink.body(data) }
    func drained() { sink.drained() }
    func end(_ outcome: ServiceOutcome) {
        ended()
        sink.end(outcome)
    }
}
