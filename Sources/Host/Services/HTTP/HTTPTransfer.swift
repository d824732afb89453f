import CCurl
import Glibc

/// One exchange on its transfer thread: what it asked for and how far it is.
///
/// libcurl's callbacks come here, through ``HTTPTransfer/callbacks``; they only note what happened, because a handle
/// must not be taken out of its multi handle from within one.
final class HTTPTransfer {
    let id: UInt64
    let request: HTTPRequest
    let sink: any HTTPSink
    let authorizer: (any RequestAuthorizer)?

    // What is sent now: a redirect and a credential change it.
    var method: String
    var url: String
    var body: [UInt8]
    var origin: Origin
    var headers: [HTTPField]
    /// What the strategy adds to the headers.
    var credential = HeaderChanges()
    /// The proxy in between; empty for none.
    var proxy = ""

    /// 1, and 2 after a 401 or a 403.
    var attempt: UInt32 = 1
    /// A credential was asked for and has not come yet.
    var awaitsAuthorization = false
    /// Counts the times a credential was asked for, so that a late answer to an earlier question is told apart.
    var round = 0
    var redirects = 0
    var challenge = ""

    var easy: EasyHandle?
    /// Where the plugin writes, when it asked for an upgrade.
    var output: DuplexOutput?
    /// The connection, once it is there and was asked to be upgraded.
    var upgraded: UpgradedStream?
    /// The handle is part of the multi handle.
    var isRunning = false
    private(set) var head = ResponseHead()
    private(set) var isHeadComplete = false
    private(set) var received: UInt64 = 0
    /// Of ``received``, what counts against ``HTTPRequest/limits``.
    private var held = 0
    /// The sink asked for a pause.
    private(set) var isPaused = false
    /// libcurl was told of it.
    private(set) var isHeldBack = false
    /// A connection was there and the request began to leave, in this attempt or one before.
    private(set) var hasBegun = false
    private var beganThisAttempt = false
    /// Why the transfer was broken off from within a callback.
    private(set) var verdict: ServiceOutcome?
    /// An address that the policy refused; others may have been tried.
    private(set) var refusal: String?
    /// An address was let through in this round.
    private(set) var hasOpenedSocket = false
    /// What the response asks for instead of being delivered.
    private(set) var detour: Detour?
    /// The body of a 401 or 403 that is kept back while there may be another credential.
    private var withheld: [UInt8] = []

    /// Silence is counted from here.
    var lastActivity: MonotonicInstant
    var lastUpload: Int64 = 0
    /// Where it runs; outlives it.
    private unowned let thread: TransferThread
    /// Whether silence counts: from the beginning of the request on.
    var watchesSilence = false
    /// When it must be complete; nil when it need never be.
    let due: MonotonicInstant?

    enum Detour {
        /// To another URL of the same origin.
        case redirect(Redirect.Step)
        /// With another credential; the body is kept, up to ``HTTPTransfer/mostWithheld``.
        case unauthorized
    }

    static let mostWithheld = 65_536

    init(
        id: UInt64, request: HTTPRequest, origin: Origin, sink: any HTTPSink, authorizer: (any RequestAuthorizer)?,
        on thread: TransferThread
    ) {
        self.thread = thread
        lastActivity = thread.loop.lastWoken
        self.id = id
        self.request = request
        self.sink = sink
        self.authorizer = authorizer
        self.origin = origin
        method = request.method
        url = request.url
        body = request.body
        headers = request.headers
        due = request.totalTimeout > 0 ? lastActivity.advanced(byMilliseconds: request.totalTimeout) : nil
    }

    /// No byte of the request left so far.
    var notSent: Bool {
        guard !hasBegun, upgraded?.hasSent != true else { return false }
        return !beganThisAttempt || (easy?.long(CURLINFO_REQUEST_SIZE) ?? 0) == 0
    }

    /// Forgets the response before, for another round.
    func startOver() {
        hasBegun = hasBegun || beganThisAttempt
        beganThisAttempt = false
        head = ResponseHead()
        isHeadComplete = false
        detour = nil
        withheld = []
        refusal = nil
        hasOpenedSocket = false
        lastActivity = thread.loop.lastWoken
        lastUpload = 0
    }

    /// Takes a step of a redirect.
    func follow(_ step: Redirect.Step) {
        if Redirect.becomesGet(method, status: head.status) {
            method = "GET"
            body = []
            headers.removeAll { ["content-type", "content-length", "content-encoding"].contains($0.name.lowercased()) }
        }
        url = step.url
        origin = step.origin
        redirects += 1
        round += 1
        attempt = 1
    }

    /// Goes on after a pause, as far as libcurl has to know.
    ///
    /// - Returns: Whether libcurl has to be told.
    func resume() -> Bool {
        lastActivity = thread.loop.lastWoken
        isPaused = false
        defer { isHeldBack = false }
        return isHeldBack
    }

    /// A response that was kept back is the answer after all.
    func deliverWithheldHead() {
        detour = nil
        _ = deliverHead()
    }

    func deliverWithheldBody() {
        let body = withheld
        withheld = []
        if verdict == nil, !body.isEmpty { _ = body.withUnsafeBytes { deliver($0) } }
    }

    // MARK: Callbacks

    /// - Returns: Whether to go on.
    func take(headerLine line: UnsafeRawBufferPointer) -> Bool {
        lastActivity = thread.loop.lastWoken
        // Lines after the head are trailers.
        if isHeadComplete { return true }
        guard head.take(line) == .end, head.status >= 200 || head.status == 101 else { return true }
        isHeadComplete = true
        // Before the sink is told, which may write at once.
        if head.status == 101 { output?.open() }
        if request.followsSameOrigin, Redirect.isOne(head) {
            do {
                detour = .redirect(try Redirect.step(head, from: url, origin, taken: redirects))
            } catch {
                verdict = error
            }
            return verdict == nil
        }
        if attempt == 1, head.status == 401 && authorizer != nil || lacksScopes && authorizer?.stepsUp == true {
            detour = .unauthorized
            return true
        }
        return deliverHead()
    }

    enum Taken { case all, later, stop }

    func take(body data: UnsafeRawBufferPointer) -> Taken {
        lastActivity = thread.loop.lastWoken
        switch detour {
        case .redirect:
            return .all
        case .unauthorized:
            if withheld.count + data.count <= HTTPTransfer.mostWithheld {
                withheld += data
                return .all
            }
            // Too much to keep: this response is the answer.
            deliverWithheldHead()
        case nil:
            break
        }
        if !isPaused { deliverWithheldBody() }
        if verdict != nil { return .stop }
        if isPaused {
            isHeldBack = true
            return .later
        }
        return deliver(data) ? .all : .stop
    }

    /// The connection to `address` is there, new or used before, and the request is about to leave.
    ///
    /// libcurl repeats a request by itself on another connection when one that was used before breaks without an
    /// answer. Nobody knows then whether the server acted on it, so only requests that may be repeated are (RFC 9110,
    /// section 9.2.2).
    func beforeRequest(address: String) -> Bool {
        let isRepeated = beganThisAttempt && (easy?.long(CURLINFO_REQUEST_SIZE) ?? 0) > 0
        if isRepeated, !["GET", "HEAD", "OPTIONS", "PUT", "DELETE"].contains(method) {
            verdict = ServiceOutcome(
                .unavailable,
                "\(origin): the connection broke before an answer; whether the request was acted on is "
                    + "not known")
            return false
        }
        // A connection may have been opened for an instance that is allowed more.
        if proxy.isEmpty, request.unixSocket.isEmpty, easy?.admitted.map({ $0 == (address, request.policy) }) != true,
            let parsed = IPAddress(address)
        {
            if let objection = request.policy.objection(to: parsed) {
                verdict = refused(parsed, objection)
                return false
            }
            easy?.admitted = (address, request.policy)
        }
        beganThisAttempt = true
        lastActivity = thread.loop.lastWoken
        thread.began(self)
        return true
    }

    /// Makes the socket of a connection, unless its address is refused.
    func openSocket(_ address: UnsafePointer<curl_sockaddr>) -> curl_socket_t {
        let family = address.pointee.family
        if proxy.isEmpty, family == AF_INET || family == AF_INET6 {
            // The field `addr` is the beginning of a larger address, so it is reached through the struct's own pointer.
            let offset = MemoryLayout<curl_sockaddr>.offset(of: \.addr)!
            let raw = UnsafeRawPointer(address).advanced(by: offset).assumingMemoryBound(to: sockaddr.self)
            guard let found = IPAddress(raw) else { return CURL_SOCKET_BAD }
            if let objection = request.policy.objection(to: found) {
                refusal = refused(found, objection).message
                return CURL_SOCKET_BAD
            }
        }
        hasOpenedSocket = true
        return socket(family, address.pointee.socktype | Int32(SOCK_CLOEXEC.rawValue), address.pointee.protocol)
    }

    private func refused(_ address: IPAddress, _ objection: String) -> ServiceOutcome {
        ServiceOutcome(.invalid, "\(origin): the address \(address) \(objection)", notSent: notSent)
    }

    private func deliverHead() -> Bool {
        head.dropContentCoding()
        return accept(sink.head(head))
    }

    private func deliver(_ data: UnsafeRawBufferPointer) -> Bool {
        received += UInt64(data.count)
        if received > request.maxResponseBytes, head.status != 101 {
            verdict = ServiceOutcome(
                .exhausted, "\(origin): the answer is larger than \(request.maxResponseBytes) bytes")
            return false
        }
        // One without an end is read as it comes, and bounded by the event.
        if let limits = request.limits, request.maxResponseBytes != .max, head.status != 101 {
            guard limits.take(data.count) else {
                verdict = ServiceOutcome(
                    .exhausted,
                    "\(origin): the answers under way have \(limits.responseBytes) bytes, their most "
                        + "(operational.limits.responseBytesPerBackend)")
                return false
            }
            held += data.count
        }
        return accept(sink.body(data))
    }

    /// Its receiver has done with what it got.
    func giveBack() {
        request.limits?.give(held)
        held = 0
    }

    private func accept(_ answer: SinkAnswer) -> Bool {
        switch answer {
        case .go: return true
        case .pause: isPaused = true
        case .stop: verdict = ServiceOutcome(.cancelled, "the receiver stopped the exchange")
        }
        return answer == .pause
    }
}
