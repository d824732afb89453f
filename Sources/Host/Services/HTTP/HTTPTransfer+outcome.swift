import CCurl

/// How a transfer ended, in the terms of the plugin ABI.
extension HTTPTransfer {
    /// The response is complete.
    var completion: ServiceOutcome {
        var outcome = ServiceOutcome(.ok)
        outcome.httpStatus = head.status
        outcome.challenge = responseChallenge
        if let easy {
            outcome.retryAfter = UInt64(clamping: easy.number(CURLINFO_RETRY_AFTER)).multipliedClamping(by: 1_000)
        }
        return outcome
    }

    /// libcurl gave up.
    func failure(_ code: CURLcode) -> ServiceOutcome {
        // libcurl guesses a timeout when the last error of its thread, of whatever it was, happens to be ETIMEDOUT.
        if let refusal, code == CURLE_COULDNT_CONNECT || code == CURLE_OPERATION_TIMEDOUT && !hasOpenedSocket {
            return ServiceOutcome(.invalid, refusal, notSent: notSent)
        }
        var outcome = CurlOutcome.outcome(of: code, detail: easy?.detail ?? "", origin: origin.description)
        outcome.notSent = notSent
        if isHeadComplete {
            outcome.httpStatus = head.status
            outcome.challenge = responseChallenge
        }
        return outcome
    }

    /// A limit of time was reached.
    func expiry(_ what: String) -> ServiceOutcome {
        var outcome = ServiceOutcome(.timeout, "\(origin): \(what)", notSent: notSent)
        if isHeadComplete { outcome.httpStatus = head.status }
        return outcome
    }

    /// Whether the credential did not suffice for want of scopes (RFC 6750, section 3.1).
    var lacksScopes: Bool { head.status == 403 && responseChallenge.contains("insufficient_scope") }

    /// All of `WWW-Authenticate`, or empty.
    var responseChallenge: String { head.values(of: "www-authenticate").joined(separator: ", ") }
}

extension UInt64 {
    fileprivate func multipliedClamping(by factor: UInt64) -> UInt64 {
        let (product, isTooLarge) = multipliedReportingOverflow(by: factor)
        return isTooLarge ? .max : product
    }
}
