import CCurl
import CPosix
import Glibc

/// A connection that is asked to be upgraded, on its transfer thread.
///
/// libcurl makes the connection (`CURLOPT_CONNECT_ONLY`) with everything it knows of sockets, proxies and TLS, and lends
/// it through `curl_easy_send` and `curl_easy_recv`. An ordinary transfer would hang after 101: it waits for an answer
/// that is HTTP (libcurl 7.88).
final class UpgradedStream {
    private let transfer: HTTPTransfer
    private let easy: EasyHandle
    private let loop: EventLoop
    private let output: DuplexOutput
    /// Ends the exchange.
    private let finish: (ServiceOutcome) -> Void

    private let descriptor: Int32
    private var watch: EventLoop.Watch?
    /// The request as far as it is not sent.
    private var request: [UInt8]
    private var line: [UInt8] = []
    private var framing: ResponseFraming?
    /// Came, and was held back because the receiver paused.
    private var held: [UInt8] = []
    private var wantsRoom = false
    /// More is read a moment later.
    private var goesOnLater = false
    /// A byte of the request left.
    private(set) var hasSent = false
    private var isOver = false

    /// Longest head of an answer.
    private static let mostHead = 262_144
    private var headBytes = 0

    /// Nil when libcurl has no connection to lend.
    init?(
        _ transfer: HTTPTransfer, _ easy: EasyHandle, on loop: EventLoop, _ output: DuplexOutput,
        finish: @escaping (ServiceOutcome) -> Void
    ) {
        var socket: curl_socket_t = CURL_SOCKET_BAD
        guard ccurl_get_socket(easy.pointer, &socket) == CURLE_OK, socket != CURL_SOCKET_BAD else { return nil }
        descriptor = socket
        self.transfer = transfer
        self.easy = easy
        self.loop = loop
        self.output = output
        self.finish = finish
        request = UpgradeRequest.bytes(of: transfer)
    }

    /// Sends the request and waits for its answer.
    func begin() {
        do throws(SystemError) {
            watch = try loop.watch(descriptor, for: CPOSIX_READABLE) { [unowned self] in act($0) }
        } catch {
            return stop(ServiceOutcome(.exhausted, "\(transfer.origin): \(error)", notSent: true))
        }
        send()
    }

    /// Forgets the connection, which libcurl closes.
    func close() {
        isOver = true
        if let watch { loop.unwatch(watch) }
        watch = nil
        output.end()
    }

    /// Goes on after a pause.
    func resume() {
        guard !isOver else { return }
        let rest = held
        held = []
        if !rest.isEmpty { rest.withUnsafeBytes { take($0) } }
        wait()
        // TLS may hold what the socket does not show any more.
        receive()
    }

    /// Sends what waits.
    func send() {
        guard !isOver else { return }
        if !request.isEmpty {
            guard let count = request.withUnsafeBytes(push) else { return broken(CURLE_SEND_ERROR) }
            request.removeFirst(count)
            hasSent = hasSent || count > 0
        }
        guard request.isEmpty else {
            wantsRoom = true
            return wait()
        }
        guard let (step, isDrained) = output.send(push) else { return broken(CURLE_SEND_ERROR) }
        wantsRoom = step == .waiting
        // Over TLS the other side sees an end without a farewell, which is an end all the same.
        if step == .closed { shutdown(descriptor, Int32(SHUT_WR)) }
        wait()
        if isDrained { transfer.sink.drained() }
    }

    private func act(_ events: UInt32) {
        if events & UInt32(CPOSIX_WRITABLE) != 0 { send() }
        if !isOver, events & ~UInt32(CPOSIX_WRITABLE) != 0 { receive() }
    }

    private func wait() {
        guard let watch else { return }
        let events = (transfer.isPaused ? 0 : CPOSIX_READABLE) | (wantsRoom ? CPOSIX_WRITABLE : 0)
        do throws(SystemError) {
            try loop.change(watch, to: events)
        } catch {
            stop(ServiceOutcome(.exhausted, "\(transfer.origin): \(error)"))
        }
    }

    /// - Returns: How much was taken; nil when the connection is broken.
    private func push(_ data: UnsafeRawBufferPointer) -> Int? {
        var count = 0
        let code = curl_easy_send(easy.pointer, data.baseAddress, data.count, &count)
        return code == CURLE_OK ? count : code == CURLE_AGAIN ? 0 : nil
    }

    /// Pieces of 64 KiB that are read before others have their turn on this thread.
    private static let mostPieces = 4

    private func receive() {
        var pieces = 0
        withUnsafeTemporaryAllocation(byteCount: 65_536, alignment: 16) { buffer in
            while !isOver, !transfer.isPaused, pieces < Self.mostPieces {
                pieces += 1
                var count = 0
                let code = curl_easy_recv(easy.pointer, buffer.baseAddress, buffer.count, &count)
                if code == CURLE_AGAIN { return }
                guard code == CURLE_OK else { return broken(code) }
                guard count > 0 else { return closed() }
                transfer.lastActivity = loop.lastWoken
                take(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            }
        }
        guard !isOver else { return }
        wait()
        if pieces == Self.mostPieces { goOnLater() }
    }

    /// Who sends without end must not hold up the others. The socket would be enough of a reminder, but for what TLS holds.
    private func goOnLater() {
        guard !goesOnLater else { return }
        goesOnLater = true
        _ = loop.schedule(at: .now.advanced(byMilliseconds: 1)) { [weak self] in
            guard let self else { return }
            goesOnLater = false
            receive()
        }
    }

    private func take(_ data: UnsafeRawBufferPointer) {
        var rest = data
        while !isOver, !rest.isEmpty {
            if transfer.isPaused {
                held += rest
                return
            }
            let used = framing == nil ? takeHead(rest) : takeBody(rest)
            rest = UnsafeRawBufferPointer(rebasing: rest[used...])
        }
    }

    private func takeHead(_ data: UnsafeRawBufferPointer) -> Int {
        let end = data.firstIndex(of: 0x0A)
        let used = end.map { $0 + 1 } ?? data.count
        line += data[..<used]
        headBytes += used
        guard headBytes <= Self.mostHead else {
            stop(ServiceOutcome(.brokenProtocol, "\(transfer.origin): the head of the answer has no end"))
            return used
        }
        guard end != nil else { return used }
        let goesOn = line.withUnsafeBytes { transfer.take(headerLine: $0) }
        line = []
        guard goesOn else {
            stop(transfer.verdict ?? ServiceOutcome(.cancelled, "the receiver stopped the exchange"))
            return used
        }
        guard transfer.isHeadComplete else {
            if transfer.head.status == 0 {
                stop(ServiceOutcome(.brokenProtocol, "\(transfer.origin): the answer is not proper HTTP"))
            }
            return used
        }
        do throws(ResponseFraming.Violation) {
            let framing = try ResponseFraming(transfer.head, method: transfer.method)
            self.framing = framing
            if framing.isComplete { stop(transfer.completion) }
        } catch {
            stop(ServiceOutcome(.brokenProtocol, "\(transfer.origin): the answer has no proper length"))
        }
        return used
    }

    private func takeBody(_ data: UnsafeRawBufferPointer) -> Int {
        do throws(ResponseFraming.Violation) {
            guard let step = try framing?.take(data) else { return data.count }
            if !step.body.isEmpty,
                case .stop = transfer.take(body: UnsafeRawBufferPointer(rebasing: data[step.body]))
            {
                stop(transfer.verdict ?? ServiceOutcome(.cancelled, "the receiver stopped the exchange"))
            } else if framing?.isComplete == true {
                stop(transfer.completion)
            }
            return step.used
        } catch {
            stop(ServiceOutcome(.brokenProtocol, "\(transfer.origin): the answer is not properly chunked"))
            return data.count
        }
    }

    private func closed() {
        if let framing, framing.endsWithConnection { return stop(transfer.completion) }
        broken(CURLE_GOT_NOTHING)
    }

    private func broken(_ code: CURLcode) { stop(transfer.failure(code)) }

    private func stop(_ outcome: ServiceOutcome) {
        guard !isOver else { return }
        close()
        finish(outcome)
    }
}
