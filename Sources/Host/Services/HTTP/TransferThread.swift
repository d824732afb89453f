import CCurl
import CPosix
import Glibc

/// The exchanges of one thread: a multi handle of libcurl driven by an ``EventLoop``.
final class TransferThread: @unchecked Sendable {
    // `@unchecked`: everything but `loop` is touched on the loop's thread alone; libcurl's handles are not thread-safe.

    let loop: EventLoop
    private let setup: TransferSetup
    private let multi: UnsafeMutableRawPointer
    private var transfers: [UInt64: HTTPTransfer] = [:]
    /// Handles of ended exchanges: setting up a new one costs more than the rest of a small request.
    private var spare: [EasyHandle] = []
    private static let mostSpare = 64
    private var watches: [curl_socket_t: EventLoop.Watch] = [:]
    private var timer: UInt64 = 0

    /// - Throws: ``SystemError``.
    init(name: String, environment: [String: String]) throws(SystemError) {
        guard ccurl_global_init() == CURLE_OK, let multi = curl_multi_init() else {
            throw SystemError("curl_multi_init", ENOMEM)
        }
        self.multi = multi
        do {
            loop = try EventLoop(name: name)
        } catch {
            curl_multi_cleanup(multi)
            throw error
        }
        setup = TransferSetup(
            trust: TrustStore(environment: environment), proxies: ProxySettings(environment: environment))
        installCallbacks()
    }

    deinit {
        // Reached without tearDown() only when nothing was ever started.
        ccurl_multi_set_socket_function(multi, nil)
        ccurl_multi_set_timer_function(multi, nil)
        spare = []
        curl_multi_cleanup(multi)
    }

    /// How many exchanges are under way. On the loop's thread.
    var count: Int { transfers.count }

    // MARK: Exchanges

    func start(_ id: UInt64, _ request: HTTPRequest, _ sink: any HTTPSink, _ authorizer: (any RequestAuthorizer)?) {
        func refuse(_ status: ServiceOutcome.Status, _ message: String) {
            sink.end(ServiceOutcome(status, message, notSent: true))
        }
        if request.isDuplex { return refuse(.unsupported, "upgraded connections are not offered by this host") }
        if let objection = TransferSetup.objection(to: request) { return refuse(.invalid, objection) }
        guard let origin = Origin(request.url), ["http", "https"].contains(origin.scheme) else {
            return refuse(.invalid, "the URL is not an absolute http or https URL")
        }
        let transfer = HTTPTransfer(id: id, request: request, origin: origin, sink: sink, authorizer: authorizer)
        transfer.began = { [unowned self, unowned transfer] in watchSilence(of: transfer) }
        transfers[id] = transfer
        if request.totalTimeout > 0 {
            let due = MonotonicInstant.now.advanced(byMilliseconds: request.totalTimeout)
            transfer.totalTimer = loop.schedule(at: due) { [unowned self, unowned transfer] in
                transfer.totalTimer = 0
                expire(transfer, "not complete within \(request.totalTimeout) ms")
            }
        }
        authorize(transfer)
    }

    func cancel(_ id: UInt64) {
        guard let transfer = transfers[id] else { return }
        finish(transfer, ServiceOutcome(.cancelled, "the exchange was cancelled", notSent: transfer.notSent))
    }

    func resume(_ id: UInt64) {
        guard let transfer = transfers[id], transfer.resume(), let easy = transfer.easy else { return }
        watchSilence(of: transfer)
        // Hands out what libcurl kept, from within this call.
        curl_easy_pause(easy.pointer, CURLPAUSE_CONT)
        collect()
    }

    /// Ends everything, for the end of the process. The thread stops next.
    func cancelAll() {
        for id in transfers.keys.sorted() { cancel(id) }
        spare = []
        for watch in watches.values { loop.unwatch(watch) }
        watches = [:]
    }

    private func authorize(_ transfer: HTTPTransfer) {
        guard let authorizer = transfer.authorizer else { return launch(transfer) }
        let request = transfer.request
        transfer.awaitsAuthorization = true
        let question = AuthorizableRequest(
            attempt: transfer.attempt, purpose: request.purpose, identity: request.identity, method: transfer.method,
            url: transfer.url, headers: request.headers, body: transfer.body, challenge: transfer.challenge)
        let (id, round) = (transfer.id, transfer.round)
        authorizer.authorize(question) { [weak self] answer in
            guard let self else { return }
            loop.submit { self.authorized(id, round, answer) }
        }
    }

    private func authorized(_ id: UInt64, _ round: Int, _ answer: Authorization) {
        // Nothing waits any more when the exchange ended meanwhile or this is a second answer.
        guard let transfer = transfers[id], transfer.awaitsAuthorization, transfer.round == round else { return }
        transfer.awaitsAuthorization = false
        let isSecond = transfer.attempt == 2 && transfer.detour != nil
        switch answer {
        case .changes(let changes):
            if let objection = changes.set.lazy.compactMap(TransferSetup.objection).first {
                return finish(
                    transfer, ServiceOutcome(.internalError, "from the strategy: \(objection)", notSent: true))
            }
            transfer.headers = changes.applied(to: transfer.request.headers)
            launch(transfer)
        case .unchanged where isSecond, .refused where isSecond:
            transfer.deliverWithheld()
            finish(transfer, transfer.verdict ?? complete(transfer))
        case .unchanged:
            launch(transfer)
        case .refused(var outcome):
            outcome.notSent = transfer.notSent
            finish(transfer, outcome)
        }
    }

    private func launch(_ transfer: HTTPTransfer) {
        transfer.startOver()
        guard let easy = transfer.easy ?? spare.popLast() ?? EasyHandle() else {
            return finish(transfer, ServiceOutcome(.exhausted, "no memory for an exchange", notSent: true))
        }
        transfer.easy = easy
        do {
            try setup.apply(transfer, to: easy)
        } catch {
            return finish(transfer, error)
        }
        // A proxy resolves the name; an address written in the URL can be checked at least.
        if !transfer.proxy.isEmpty, let address = IPAddress(transfer.origin.host),
            let objection = transfer.request.policy.objection(to: address)
        {
            let message = "\(transfer.origin): the address \(address) \(objection)"
            return finish(transfer, ServiceOutcome(.invalid, message, notSent: true))
        }
        let code = curl_multi_add_handle(multi, easy.pointer)
        guard code == CURLM_OK else {
            let message = "libcurl took no exchange: \(String(cString: curl_multi_strerror(code)))"
            return finish(transfer, ServiceOutcome(.internalError, message, notSent: true))
        }
        transfer.isRunning = true
    }

    // MARK: Ends

    /// Handles what libcurl says is over.
    private func collect() {
        var left: Int32 = 0
        while let message = curl_multi_info_read(multi, &left) {
            guard message.pointee.msg == CURLMSG_DONE, let easy = message.pointee.easy_handle else { continue }
            let code = message.pointee.data.result
            var context: UnsafeMutableRawPointer?
            guard ccurl_get_private(easy, &context) == CURLE_OK, let context else { continue }
            done(Unmanaged<HTTPTransfer>.fromOpaque(context).takeUnretainedValue(), code)
        }
    }

    private func done(_ transfer: HTTPTransfer, _ code: CURLcode) {
        if let verdict = transfer.verdict { return finish(transfer, verdict) }
        guard code == CURLE_OK else { return finish(transfer, failure(transfer, code)) }
        guard transfer.isHeadComplete else {
            return finish(transfer, ServiceOutcome(.brokenProtocol, "\(transfer.origin): no final response"))
        }
        switch transfer.detour {
        case nil:
            finish(transfer, complete(transfer))
        case .redirect(let url, let origin):
            leave(transfer)
            transfer.redirect(to: url, origin)
            authorize(transfer)
        case .unauthorized:
            leave(transfer)
            transfer.challenge = challenge(transfer)
            transfer.attempt = 2
            transfer.round += 1
            authorize(transfer)
        }
    }

    private func complete(_ transfer: HTTPTransfer) -> ServiceOutcome {
        var outcome = ServiceOutcome(.ok)
        outcome.httpStatus = transfer.head.status
        outcome.challenge = challenge(transfer)
        if let easy = transfer.easy {
            outcome.retryAfter = UInt64(clamping: easy.number(CURLINFO_RETRY_AFTER)) &* 1_000
        }
        return outcome
    }

    private func failure(_ transfer: HTTPTransfer, _ code: CURLcode) -> ServiceOutcome {
        if code == CURLE_COULDNT_CONNECT, let refusal = transfer.refusal {
            return ServiceOutcome(.invalid, refusal, notSent: transfer.notSent)
        }
        var outcome = CurlOutcome.outcome(
            of: code, detail: transfer.easy?.detail ?? "", origin: transfer.origin.description)
        outcome.notSent = transfer.notSent
        if transfer.isHeadComplete {
            outcome.httpStatus = transfer.head.status
            outcome.challenge = challenge(transfer)
        }
        return outcome
    }

    private func challenge(_ transfer: HTTPTransfer) -> String {
        transfer.head.values(of: "www-authenticate").joined(separator: ", ")
    }

    private func finish(_ transfer: HTTPTransfer, _ outcome: ServiceOutcome) {
        guard transfers.removeValue(forKey: transfer.id) != nil else { return }
        leave(transfer)
        loop.cancel(transfer.idleTimer)
        loop.cancel(transfer.totalTimer)
        if let easy = transfer.easy, spare.count < TransferThread.mostSpare {
            easy.reset()
            spare.append(easy)
        }
        transfer.easy = nil
        transfer.sink.end(outcome)
    }

    private func leave(_ transfer: HTTPTransfer) {
        guard transfer.isRunning, let easy = transfer.easy else { return }
        transfer.isRunning = false
        curl_multi_remove_handle(multi, easy.pointer)
    }

    // MARK: Time

    private func expire(_ transfer: HTTPTransfer, _ what: String) {
        var outcome = ServiceOutcome(.timeout, "\(transfer.origin): \(what)", notSent: transfer.notSent)
        if transfer.isHeadComplete { outcome.httpStatus = transfer.head.status }
        finish(transfer, outcome)
    }

    /// Looks again when the silence may have lasted too long; nothing is scheduled anew for each piece.
    private func watchSilence(of transfer: HTTPTransfer) {
        let limit = transfer.request.idleTimeout
        guard limit > 0, transfer.idleTimer == 0 else { return }
        let due = transfer.lastActivity.advanced(byMilliseconds: limit)
        transfer.idleTimer = loop.schedule(at: due) { [unowned self, unowned transfer] in
            transfer.idleTimer = 0
            let uploaded = transfer.easy?.number(CURLINFO_SIZE_UPLOAD_T) ?? 0
            if uploaded != transfer.lastUpload {
                transfer.lastUpload = uploaded
                transfer.lastActivity = .now
            }
            // While paused the silence is the receiver's; looking for a credential is not the server's either.
            if transfer.isPaused || transfer.awaitsAuthorization { return }
            if transfer.lastActivity.advanced(byMilliseconds: limit) <= .now {
                expire(transfer, "silent for \(limit) ms")
            } else {
                watchSilence(of: transfer)
            }
        }
    }

    // MARK: libcurl's events

    private func installCallbacks() {
        // The context is this object, unretained: libcurl calls these within calls on the multi handle only, which this
        // object makes, and its deinit, which needs them no more.
        let context = Unmanaged.passUnretained(self).toOpaque()
        ccurl_multi_set_pointer(multi, CURLMOPT_SOCKETDATA, context)
        ccurl_multi_set_socket_function(multi) { _, socket, what, context, _ in
            guard let context else { return 0 }
            Unmanaged<TransferThread>.fromOpaque(context).takeUnretainedValue().watch(socket, what)
            return 0
        }
        ccurl_multi_set_pointer(multi, CURLMOPT_TIMERDATA, context)
        ccurl_multi_set_timer_function(multi) { _, delay, context in
            guard let context else { return 0 }
            Unmanaged<TransferThread>.fromOpaque(context).takeUnretainedValue().wait(delay)
            return 0
        }
        ccurl_multi_set_long(multi, CURLMOPT_MAXCONNECTS, 256)
    }

    private func watch(_ socket: curl_socket_t, _ what: Int32) {
        let events =
            (what & CURL_POLL_IN != 0 ? CPOSIX_READABLE : 0) | (what & CURL_POLL_OUT != 0 ? CPOSIX_WRITABLE : 0)
        do {
            if what == CURL_POLL_REMOVE {
                if let watch = watches.removeValue(forKey: socket) { loop.unwatch(watch) }
            } else if let watch = watches[socket] {
                try loop.change(watch, to: events)
            } else {
                watches[socket] = try loop.watch(socket, for: events) { [unowned self] in act(on: socket, $0) }
            }
        } catch {
            // Out of kernel memory: the transfer ends by its timeouts.
            assertionFailure("\(error)")
        }
    }

    private func act(on socket: curl_socket_t, _ events: UInt32) {
        var mask: Int32 = 0
        if events & UInt32(CPOSIX_READABLE) != 0 { mask |= CURL_CSELECT_IN }
        if events & UInt32(CPOSIX_WRITABLE) != 0 { mask |= CURL_CSELECT_OUT }
        if events & UInt32(CPOSIX_ERROR | CPOSIX_HANGUP) != 0 { mask |= CURL_CSELECT_ERR }
        var running: Int32 = 0
        curl_multi_socket_action(multi, socket, mask, &running)
        collect()
    }

    private func wait(_ delay: Int) {
        loop.cancel(timer)
        timer = 0
        guard delay >= 0 else { return }
        let due = MonotonicInstant.now.advanced(byMilliseconds: UInt64(delay))
        timer = loop.schedule(at: due) { [unowned self] in
            timer = 0
            var running: Int32 = 0
            curl_multi_socket_action(multi, CURL_SOCKET_TIMEOUT, 0, &running)
            collect()
        }
    }
}
