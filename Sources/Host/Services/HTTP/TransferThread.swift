import CCurl

/// The exchanges of one thread: a multi handle of libcurl driven by an ``EventLoop``.
final class TransferThread: @unchecked Sendable {
    // `@unchecked`: everything but `loop` is touched on the loop's thread alone; libcurl's handles are not thread-safe.

    let loop: EventLoop
    private let setup: TransferSetup
    private let multi: MultiHandle
    private(set) var transfers: [UInt64: HTTPTransfer] = [:]
    /// Handles of ended exchanges: setting up a new one costs more than the rest of a small request.
    private var spare: [EasyHandle] = []
    private static let mostSpare = 64
    /// Of URLs that were asked for before: reading one takes longer than finding it.
    private var origins: [String: Origin] = [:]
    private static let mostOrigins = 256
    /// When the transfers are looked at for what is over its time, and the loop's number of that; 0 = not at all.
    var lookAt = MonotonicInstant.now
    var timer: UInt64 = 0

    /// - Throws: ``SystemError``.
    init(name: String, environment: [String: String]) throws(SystemError) {
        loop = try EventLoop(name: name)
        multi = try MultiHandle(on: loop)
        setup = TransferSetup(
            trust: TrustStore(environment: environment), proxies: ProxySettings(environment: environment))
        multi.done = { [unowned self] in done($0, $1) }
        loop.submit { [unowned self] in loop.beforeWaiting = { [unowned self] in multi.performDue() } }
    }

    // MARK: Exchanges

    /// - Parameter output: Of an exchange that asks for an upgrade.
    func start(
        _ id: UInt64, _ request: HTTPRequest, _ sink: any HTTPSink, _ authorizer: (any RequestAuthorizer)?,
        _ output: DuplexOutput? = nil
    ) {
        func refuse(_ status: ServiceOutcome.Status, _ message: String) {
            sink.end(ServiceOutcome(status, message, notSent: true))
        }
        if request.isDuplex, request.auth != 0 || request.followsSameOrigin {
            return refuse(.unsupported, "an upgraded connection has no credential and follows no redirect")
        }
        if let objection = TransferSetup.objection(to: request) { return refuse(.invalid, objection) }
        guard let origin = origin(of: request.url), origin.scheme == "http" || origin.scheme == "https" else {
            return refuse(.invalid, "the URL is not an absolute http or https URL")
        }
        let transfer = HTTPTransfer(
            id: id, request: request, origin: origin, sink: sink, authorizer: authorizer, on: self)
        transfer.output = output
        transfers[id] = transfer
        if let due = transfer.due { look(at: due) }
        authorize(transfer)
    }

    private func origin(of url: String) -> Origin? {
        if let known = origins[url] { return known }
        guard let origin = Origin(url) else { return nil }
        if origins.count >= TransferThread.mostOrigins { origins.removeAll(keepingCapacity: true) }
        origins[url] = origin
        return origin
    }

    func cancel(_ id: UInt64) {
        guard let transfer = transfers[id] else { return }
        finish(transfer, ServiceOutcome(.cancelled, "the exchange was cancelled", notSent: transfer.notSent))
    }

    func resume(_ id: UInt64) {
        guard let transfer = transfers[id], transfer.isPaused else { return }
        let isHeldBack = transfer.resume()
        if let upgraded = transfer.upgraded {
            watchSilence(of: transfer)
            return upgraded.resume()
        }
        if transfer.isRunning {
            watchSilence(of: transfer)
            if isHeldBack, let easy = transfer.easy { multi.resume(easy) }
        } else if !transfer.awaitsAuthorization {
            finishWithheld(transfer)
        }
    }

    /// Sends what was written to an upgraded connection.
    func send(_ id: UInt64) { transfers[id]?.upgraded?.send() }

    /// Ends everything, for the end of the process: nothing can be started any more.
    func close() {
        for id in transfers.keys.sorted() { cancel(id) }
        loop.cancel(timer)
        spare = []
        multi.close()
    }

    private func authorize(_ transfer: HTTPTransfer) {
        guard let authorizer = transfer.authorizer else { return launch(transfer) }
        let request = transfer.request
        transfer.awaitsAuthorization = true
        let question = AuthorizableRequest(
            attempt: transfer.attempt, purpose: request.purpose, identity: request.identity, method: transfer.method,
            url: transfer.url, headers: transfer.headers, body: transfer.body, challenge: transfer.challenge,
            refused: transfer.attempt > 1 ? transfer.credential : HeaderChanges(),
            lacksScopes: transfer.attempt > 1 && transfer.lacksScopes)
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
            transfer.credential = changes
            launch(transfer)
        case .unchanged where isSecond:
            transfer.deliverWithheldHead()
            finishWithheld(transfer)
        case .unchanged:
            launch(transfer)
        case .refused(var outcome):
            outcome.notSent = transfer.notSent
            // Why there is no other credential says more than the response before does.
            if isSecond { (outcome.httpStatus, outcome.challenge) = (transfer.head.status, transfer.challenge) }
            finish(transfer, outcome)
        }
    }

    private func launch(_ transfer: HTTPTransfer) {
        transfer.startOver()
        let preset = setup.preset(for: transfer)
        guard let easy = transfer.easy ?? takeSpare(for: preset) ?? EasyHandle() else {
            return finish(transfer, ServiceOutcome(.exhausted, "no memory for an exchange", notSent: true))
        }
        transfer.easy = easy
        do {
            try setup.apply(transfer, preset, to: easy)
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
        if let reason = multi.add(easy) {
            let message = "libcurl took no exchange: \(reason)"
            return finish(transfer, ServiceOutcome(.internalError, message, notSent: true))
        }
        transfer.isRunning = true
    }

    // MARK: Ends

    private func done(_ transfer: HTTPTransfer, _ code: CURLcode) {
        if let verdict = transfer.verdict { return finish(transfer, verdict) }
        guard code == CURLE_OK else { return finish(transfer, transfer.failure(code)) }
        if let output = transfer.output { return upgrade(transfer, output) }
        if transfer.hasOpenedSocket, let easy = transfer.easy { multi.keep(easy) }
        guard transfer.isHeadComplete else {
            return finish(transfer, ServiceOutcome(.brokenProtocol, "\(transfer.origin): no final response"))
        }
        switch transfer.detour {
        case nil:
            finish(transfer, transfer.completion)
        case .redirect(let step):
            leave(transfer)
            transfer.follow(step)
            authorize(transfer)
        case .unauthorized:
            leave(transfer)
            transfer.challenge = transfer.responseChallenge
            transfer.attempt = 2
            transfer.round += 1
            authorize(transfer)
        }
    }

    /// The connection is there: the exchange goes on over it, and libcurl only lends it.
    private func upgrade(_ transfer: HTTPTransfer, _ output: DuplexOutput) {
        let upgraded = transfer.easy.flatMap { easy in
            multi.letGo(of: easy)
            return UpgradedStream(transfer, easy, on: loop, output) { [unowned self, unowned transfer] outcome in
                finish(transfer, outcome)
            }
        }
        guard let upgraded else {
            let message = "\(transfer.origin): libcurl has no connection to lend"
            return finish(transfer, ServiceOutcome(.internalError, message, notSent: true))
        }
        transfer.upgraded = upgraded
        upgraded.begin()
    }

    /// Hands out the rest of a response that was kept back, unless its receiver wants it later.
    private func finishWithheld(_ transfer: HTTPTransfer) {
        guard !transfer.isPaused || transfer.verdict != nil else { return }
        transfer.deliverWithheldBody()
        finish(transfer, transfer.verdict ?? transfer.completion)
    }

    func finish(_ transfer: HTTPTransfer, _ outcome: ServiceOutcome) {
        guard transfers.removeValue(forKey: transfer.id) != nil else { return }
        transfer.upgraded?.close()
        leave(transfer)
        if let easy = transfer.easy, spare.count < TransferThread.mostSpare {
            // After a failure nothing is taken for granted.
            if outcome.status == .ok, transfer.output == nil { easy.releaseBorrowed() } else { easy.reset() }
            spare.append(easy)
        }
        transfer.easy = nil
        transfer.upgraded = nil
        transfer.sink.end(outcome)
        transfer.giveBack()
    }

    /// A handle that is set already, or else any.
    private func takeSpare(for preset: TransferPreset) -> EasyHandle? {
        guard let index = spare.lastIndex(where: { $0.preset == preset }) else { return spare.popLast() }
        spare.swapAt(index, spare.count - 1)
        return spare.removeLast()
    }

    private func leave(_ transfer: HTTPTransfer) {
        guard transfer.isRunning, let easy = transfer.easy else { return }
        transfer.isRunning = false
        multi.remove(easy)
    }
}
