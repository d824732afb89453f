import CCurl

/// The functions that libcurl calls on the transfer thread.
///
/// Their context is the transfer, unretained: the transfer thread holds it until its handle has left the multi handle,
/// and libcurl calls nothing for a handle that left.
extension HTTPTransfer {
    /// Has the handle's callbacks come to this transfer.
    func becomeContext(of easy: EasyHandle) {
        let context = UnsafeRawPointer(Unmanaged.passUnretained(self).toOpaque())
        for option in [
            CURLOPT_HEADERDATA, CURLOPT_WRITEDATA, CURLOPT_OPENSOCKETDATA, CURLOPT_PREREQDATA, CURLOPT_PRIVATE,
        ] {
            easy.set(option, context)
        }
    }

    /// Sets the callbacks on a handle; their context is set for each transfer.
    static func installCallbacks(on easy: EasyHandle) {
        ccurl_set_receiver(easy.pointer, CURLOPT_HEADERFUNCTION) { data, size, count, context in
            guard let data, let context else { return 0 }
            let line = UnsafeRawBufferPointer(start: data, count: size * count)
            return HTTPTransfer.from(context).take(headerLine: line) ? size * count : 0
        }
        ccurl_set_receiver(easy.pointer, CURLOPT_WRITEFUNCTION) { data, size, count, context in
            guard let data, let context else { return 0 }
            switch HTTPTransfer.from(context).take(body: UnsafeRawBufferPointer(start: data, count: size * count)) {
            case .all: return size * count
            case .later: return Int(CURL_WRITEFUNC_PAUSE)
            case .stop: return 0
            }
        }
        ccurl_set_open_socket(easy.pointer) { context, purpose, address in
            guard let context, let address else { return CURL_SOCKET_BAD }
            return HTTPTransfer.from(context).openSocket(address)
        }
        ccurl_set_before_request(easy.pointer) { context, address, _, _, _ in
            guard let context else { return CURL_PREREQFUNC_ABORT }
            let address = address.map { String(cString: $0) } ?? ""
            return HTTPTransfer.from(context).beforeRequest(address: address)
                ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT
        }
    }

    private static func from(_ context: UnsafeMutableRawPointer) -> HTTPTransfer {
        Unmanaged<HTTPTransfer>.fromOpaque(context).takeUnretainedValue()
    }
}
