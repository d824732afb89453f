import CCurl

/// An easy handle of libcurl with what it borrows, used again and again on one transfer thread.
final class EasyHandle {
    let pointer: UnsafeMutableRawPointer
    /// Where libcurl writes what went wrong; borrowed by the handle.
    private let errorText = UnsafeMutablePointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))
    private var list: UnsafeMutablePointer<curl_slist>?
    private var body: UnsafeMutableRawBufferPointer?
    private var bundle: TrustStore.Bundle?
    /// What is set and stays so from one exchange to the next; nil when nothing is.
    var preset: TransferPreset?
    /// Whether the multi handle is told of the sockets that it closes.
    var tellsSockets = false
    /// The address that was let through last, and by which policy: the same question has the same answer.
    var admitted: (address: String, policy: NetworkPolicy)?

    /// Nil when there is no memory.
    init?() {
        guard let pointer = curl_easy_init() else {
            errorText.deallocate()
            return nil
        }
        self.pointer = pointer
        errorText[0] = 0
    }

    deinit {
        curl_easy_cleanup(pointer)
        releaseBorrowed()
        errorText.deallocate()
    }

    /// What libcurl wrote about the last failure, or empty.
    var detail: String { String(cString: errorText) }

    /// Makes the handle as new. It must not be part of a multi handle.
    func reset() {
        curl_easy_reset(pointer)
        releaseBorrowed()
        bundle = nil
        preset = nil
        tellsSockets = false
        errorText[0] = 0
        set(CURLOPT_ERRORBUFFER, UnsafeRawPointer(errorText))
    }

    /// Lets go of what belonged to one exchange, its headers and its body; libcurl looks at neither before the next
    /// ones are lent. The handle must not be part of a multi handle.
    func releaseBorrowed() {
        curl_slist_free_all(list)
        list = nil
        body?.deallocate()
        body = nil
    }

    /// Lends a header line, after those lent before. ``useHeaders()`` comes after the last.
    ///
    /// - Parameter line: Ends with a zero byte; libcurl copies it.
    /// - Returns: Whether there was memory for it.
    func lend(headerLine line: UnsafePointer<CChar>) -> Bool {
        guard let longer = curl_slist_append(list, line) else { return false }
        list = longer
        return true
    }

    /// Has the request sent with the header lines that were lent.
    func useHeaders() { ccurl_set_list(pointer, CURLOPT_HTTPHEADER, list) }

    /// Lends the body of the request.
    func lend(body bytes: [UInt8]) {
        let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: max(1, bytes.count), alignment: 1)
        copy.copyBytes(from: bytes)
        body = copy
        ccurl_set_size(pointer, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(bytes.count))
        set(CURLOPT_POSTFIELDS, UnsafeRawPointer(copy.baseAddress))
    }

    /// Lends certificate authorities, which replace the system's.
    func lend(_ bundle: TrustStore.Bundle) {
        self.bundle = bundle
        // CURL_BLOB_NOCOPY: the bundle lives as long as it is set.
        var blob = curl_blob(data: bundle.bytes.baseAddress, len: bundle.bytes.count, flags: UInt32(CURL_BLOB_NOCOPY))
        ccurl_set_blob(pointer, CURLOPT_CAINFO_BLOB, &blob)
    }

    func set(_ option: CURLoption, _ value: Int) { ccurl_set_long(pointer, option, value) }

    /// libcurl copies strings.
    func set(_ option: CURLoption, _ value: String) { _ = value.withCString { ccurl_set_pointer(pointer, option, $0) } }

    func set(_ option: CURLoption, _ value: UnsafeRawPointer?) { ccurl_set_pointer(pointer, option, value) }

    func number(_ info: CURLINFO) -> Int64 {
        var value: curl_off_t = 0
        return ccurl_get_size(pointer, info, &value) == CURLE_OK ? Int64(value) : 0
    }

    func long(_ info: CURLINFO) -> Int {
        var value = 0
        return ccurl_get_long(pointer, info, &value) == CURLE_OK ? value : 0
    }
}
