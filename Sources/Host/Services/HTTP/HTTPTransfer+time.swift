import CCurl

// How long it takes, and how long it is silent.
extension HTTPTransfer {
    /// When it will have been silent for too long, as far as is known; nil while the silence is the receiver's, or that of
    /// whoever looks for a credential.
    var silentDue: MonotonicInstant? {
        guard watchesSilence, request.idleTimeout > 0, !isPaused, !awaitsAuthorization else { return nil }
        return lastActivity.advanced(byMilliseconds: request.idleTimeout)
    }

    /// Whether neither side sent anything for too long: what libcurl sends is no news before it is asked for.
    func isSilent(now: MonotonicInstant) -> Bool {
        let uploaded = easy?.number(CURLINFO_SIZE_UPLOAD_T) ?? 0
        guard uploaded != lastUpload else { return true }
        lastUpload = uploaded
        lastActivity = now
        return false
    }
}
