import CCurl

/// What libcurl's results mean for a plugin. The only place that says so.
///
/// https://curl.se/libcurl/c/libcurl-errors.html
enum CurlOutcome {
    private struct Meaning {
        let status: ServiceOutcome.Status
        let sentence: String
    }

    /// - Parameters:
    ///   - detail: What libcurl wrote about this failure, or empty.
    ///   - origin: Where the request went, without path and query, which may hold secrets.
    static func outcome(of code: CURLcode, detail: String, origin: String) -> ServiceOutcome {
        if code == CURLE_OK { return ServiceOutcome(.ok) }
        let meaning =
            meanings[code.rawValue]
            ?? Meaning(status: .internalError, sentence: "libcurl failed with code \(code.rawValue)")
        let reason = detail.isEmpty ? String(cString: curl_easy_strerror(code)) : detail
        return ServiceOutcome(meaning.status, "\(origin): \(meaning.sentence): \(reason)")
    }

    private static let meanings: [UInt32: Meaning] = {
        var table: [UInt32: Meaning] = [:]
        func add(_ status: ServiceOutcome.Status, _ sentence: String, _ codes: CURLcode...) {
            for code in codes { table[code.rawValue] = Meaning(status: status, sentence: sentence) }
        }
        add(
            .invalid, "the request cannot be made", CURLE_URL_MALFORMAT,
            CURLE_BAD_FUNCTION_ARGUMENT, CURLE_UNKNOWN_OPTION, CURLE_NOT_BUILT_IN)
        add(.unavailable, "the host name leads nowhere", CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY)
        add(
            .unavailable, "no connection", CURLE_COULDNT_CONNECT, CURLE_PROXY, CURLE_INTERFACE_FAILED,
            CURLE_NO_CONNECTION_AVAILABLE)
        add(.unavailable, "the TLS handshake failed", CURLE_SSL_CONNECT_ERROR, CURLE_SSL_CIPHER)
        add(
            .unavailable, "the server's certificate is not trusted", CURLE_PEER_FAILED_VERIFICATION,
            CURLE_SSL_ISSUER_ERROR, CURLE_SSL_INVALIDCERTSTATUS, CURLE_SSL_PINNEDPUBKEYNOTMATCH)
        add(
            .invalid, "the CA bundle cannot be used", CURLE_SSL_CACERT_BADFILE, CURLE_SSL_CRL_BADFILE,
            CURLE_SSL_CERTPROBLEM)
        add(
            .internalError, "TLS is not available", CURLE_SSL_ENGINE_NOTFOUND, CURLE_SSL_ENGINE_SETFAILED,
            CURLE_SSL_ENGINE_INITFAILED, CURLE_SSL_SHUTDOWN_FAILED)
        add(.timeout, "no connection in time", CURLE_OPERATION_TIMEDOUT)
        add(
            .unavailable, "the connection broke", CURLE_SEND_ERROR, CURLE_RECV_ERROR, CURLE_GOT_NOTHING,
            CURLE_PARTIAL_FILE, CURLE_ABORTED_BY_CALLBACK, CURLE_AGAIN, CURLE_SEND_FAIL_REWIND)
        // The scheme is checked before: an unsupported protocol is an answer in HTTP/0.9.
        add(
            .brokenProtocol, "the answer is not proper HTTP", CURLE_UNSUPPORTED_PROTOCOL, CURLE_WEIRD_SERVER_REPLY,
            CURLE_HTTP2,
            CURLE_HTTP2_STREAM, CURLE_HTTP3, CURLE_QUIC_CONNECT_ERROR, CURLE_BAD_CONTENT_ENCODING,
            CURLE_HTTP_RETURNED_ERROR, CURLE_TOO_MANY_REDIRECTS)
        add(.exhausted, "the answer is too large", CURLE_FILESIZE_EXCEEDED)
        add(.exhausted, "out of memory", CURLE_OUT_OF_MEMORY)
        return table
    }()
}
