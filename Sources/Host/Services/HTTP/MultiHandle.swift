import CCurl
import CPosix
import Glibc

/// A multi handle of libcurl that an ``EventLoop`` tells about sockets and time.
///
/// On the loop's thread alone, but for `init`.
final class MultiHandle {
    private let loop: EventLoop
    /// Nil once closed.
    private var multi: UnsafeMutableRawPointer?
    private var watches: [curl_socket_t: EventLoop.Watch] = [:]
    /// Sockets of connections that are kept for later, whose end is told by ``closed(_:)``. Between two transfers they
    /// stay registered with the kernel: taking each out and putting it back would cost two system calls a transfer.
    private var connections: Set<curl_socket_t> = []
    /// Those of them that libcurl does not want to hear of now.
    private var resting: Set<curl_socket_t> = []
    /// When libcurl wants to have its turn; nil when it does not.
    private var due: MonotonicInstant?
    /// The loop's number of the look at ``due``, and when that is; 0 = none. One that comes too early is not taken back but
    /// looks again: libcurl sets and clears its timer several times a transfer, and hardly ever lets it come.
    private var timer: UInt64 = 0
    private var timerDue = MonotonicInstant.now
    /// libcurl wants its turn at once: once for all transfers that were started since the last wait.
    private var isDue = false
    /// Called for each transfer that libcurl is done with; the handle is still in the multi handle then.
    var done: (HTTPTransfer, CURLcode) -> Void = { _, _ in }

    /// Connections that are kept for later, of all origins together.
    private static let mostConnections = 256

    /// - Throws: ``SystemError`` when there is no memory.
    init(on loop: EventLoop) throws(SystemError) {
        guard ccurl_global_init() == CURLE_OK, let multi = curl_multi_init() else {
            throw SystemError("curl_multi_init", ENOMEM)
        }
        self.loop = loop
        self.multi = multi
        ccurl_multi_set_long(multi, CURLMOPT_MAXCONNECTS, MultiHandle.mostConnections)
        installCallbacks(multi)
    }

    deinit { close() }

    /// Closes all connections. The transfers have been taken out before.
    func close() {
        guard let multi else { return }
        self.multi = nil
        ccurl_multi_set_socket_function(multi, nil)
        ccurl_multi_set_timer_function(multi, nil)
        for watch in watches.values { loop.unwatch(watch) }
        watches = [:]
        (connections, resting) = ([], [])
        loop.cancel(timer)
        isDue = false
        curl_multi_cleanup(multi)
    }

    /// Has this object told of the sockets that are closed.
    private func follow(_ easy: EasyHandle) {
        easy.tellsSockets = true
        // Unretained: a connection is closed within calls on the multi handle, `close()` at the latest.
        easy.set(CURLOPT_CLOSESOCKETDATA, UnsafeRawPointer(Unmanaged.passUnretained(self).toOpaque()))
        ccurl_set_close_socket(easy.pointer) { context, socket in
            guard let context else { return Glibc.close(socket) }
            return Unmanaged<MultiHandle>.fromOpaque(context).takeUnretainedValue().closed(socket)
        }
    }

    /// The transfer of a handle ended well, and may have left a new connection to be used again. libcurl closes it through
    /// ``closed(_:)``; a socket that is given up while it connects it closes by itself, and its number may come back.
    func keep(_ easy: EasyHandle) {
        var socket = CURL_SOCKET_BAD
        if ccurl_get_socket(easy.pointer, &socket) == CURLE_OK, socket != CURL_SOCKET_BAD { connections.insert(socket) }
    }

    private func closed(_ socket: curl_socket_t) -> Int32 {
        letGo(of: socket)
        return Glibc.close(socket)
    }

    /// Somebody else waits for a handle's connection from now on.
    func letGo(of easy: EasyHandle) {
        var socket = CURL_SOCKET_BAD
        if ccurl_get_socket(easy.pointer, &socket) == CURLE_OK { letGo(of: socket) }
    }

    private func letGo(of socket: curl_socket_t) {
        connections.remove(socket)
        resting.remove(socket)
        if let watch = watches.removeValue(forKey: socket) { loop.unwatch(watch) }
    }

    /// Starts a transfer. Answers why not, or nil.
    func add(_ easy: EasyHandle) -> String? {
        guard let multi else { return "the gateway is ending" }
        if !easy.tellsSockets { follow(easy) }
        let code = curl_multi_add_handle(multi, easy.pointer)
        return code == CURLM_OK ? nil : String(cString: curl_multi_strerror(code))
    }

    /// Takes a transfer out, done or not; none of its callbacks is called any more.
    func remove(_ easy: EasyHandle) {
        if let multi { curl_multi_remove_handle(multi, easy.pointer) }
    }

    /// Goes on with a transfer that was paused. What libcurl kept is handed out from within this call.
    func resume(_ easy: EasyHandle) {
        curl_easy_pause(easy.pointer, CURLPAUSE_CONT)
        collect()
    }

    private func installCallbacks(_ multi: UnsafeMutableRawPointer) {
        // The context is this object, unretained: libcurl calls these from within calls on the multi handle alone,
        // which this object makes, and close() takes them away.
        let context = Unmanaged.passUnretained(self).toOpaque()
        ccurl_multi_set_pointer(multi, CURLMOPT_SOCKETDATA, context)
        ccurl_multi_set_socket_function(multi) { _, socket, what, context, _ in
            guard let context else { return 0 }
            Unmanaged<MultiHandle>.fromOpaque(context).takeUnretainedValue().watch(socket, what)
            return 0
        }
        ccurl_multi_set_pointer(multi, CURLMOPT_TIMERDATA, context)
        ccurl_multi_set_timer_function(multi) { _, delay, context in
            guard let context else { return 0 }
            Unmanaged<MultiHandle>.fromOpaque(context).takeUnretainedValue().wait(delay)
            return 0
        }
    }

    private func watch(_ socket: curl_socket_t, _ what: Int32) {
        let events =
            (what & CURL_POLL_IN != 0 ? CPOSIX_READABLE : 0) | (what & CURL_POLL_OUT != 0 ? CPOSIX_WRITABLE : 0)
        do {
            if what == CURL_POLL_REMOVE {
                if connections.contains(socket) {
                    resting.insert(socket)
                } else if let watch = watches.removeValue(forKey: socket) {
                    loop.unwatch(watch)
                }
                return
            }
            resting.remove(socket)
            if let watch = watches[socket] {
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
        // Closed by the other side, which libcurl finds out when it wants the connection again, or paused.
        if resting.remove(socket) != nil, let watch = watches.removeValue(forKey: socket) { return loop.unwatch(watch) }
        var mask: Int32 = 0
        if events & UInt32(CPOSIX_READABLE) != 0 { mask |= CURL_CSELECT_IN }
        if events & UInt32(CPOSIX_WRITABLE) != 0 { mask |= CURL_CSELECT_OUT }
        if events & UInt32(CPOSIX_ERROR | CPOSIX_HANGUP) != 0 { mask |= CURL_CSELECT_ERR }
        perform(socket, mask)
    }

    private func wait(_ delay: Int) {
        due = nil
        guard delay != 0 else {
            isDue = true
            return
        }
        guard delay > 0 else { return }
        let due = MonotonicInstant.now.advanced(byMilliseconds: UInt64(delay))
        self.due = due
        look(at: due)
    }

    private func look(at due: MonotonicInstant) {
        if timer != 0, timerDue <= due { return }
        loop.cancel(timer)
        timerDue = due
        timer = loop.schedule(at: due) { [unowned self] in
            timer = 0
            guard let due = self.due else { return }
            if due > .now { return look(at: due) }
            self.due = nil
            perform(CURL_SOCKET_TIMEOUT, 0)
        }
    }

    /// Gives libcurl the turn that it wants at once; before each wait of the loop. Answers whether it wants another.
    func performDue() -> Bool {
        guard isDue else { return false }
        isDue = false
        perform(CURL_SOCKET_TIMEOUT, 0)
        return isDue
    }

    private func perform(_ socket: curl_socket_t, _ mask: Int32) {
        guard let multi else { return }
        var running: Int32 = 0
        curl_multi_socket_action(multi, socket, mask, &running)
        collect()
    }

    /// Hands on what libcurl says is over.
    private func collect() {
        var left: Int32 = 0
        while let multi, let message = curl_multi_info_read(multi, &left) {
            guard message.pointee.msg == CURLMSG_DONE, let easy = message.pointee.easy_handle else { continue }
            let code = message.pointee.data.result
            var context: UnsafeMutableRawPointer?
            guard ccurl_get_private(easy, &context) == CURLE_OK, let context else { continue }
            done(Unmanaged<HTTPTransfer>.fromOpaque(context).takeUnretainedValue(), code)
        }
    }
}
