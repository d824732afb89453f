import Gateway

/// The id of an event, which names the event's stream (2025-11-25, Transports, Resumability and Redelivery).
///
/// As text `g-STREAM-INDEX` on the stream of a GET and `p-STREAM-INDEX-REQUEST` on that of a POST, where `REQUEST` is the
/// JSON-RPC id as unpadded base64url: so a client that asks for a stream nobody holds any more can be told, under the id of
/// its request, that the answer will not come.
struct EventID: Equatable {
    /// Longest raw id of a request, in bytes, that event ids are made for; streams of longer ones cannot be resumed.
    static let longestRequest = 64
    /// Longest text that is read.
    private static let longestText = 160

    let stream: UInt64
    /// The event's place on its stream; that of the priming event is 0.
    let index: Int
    /// The raw id of the request that the stream answers; `nil` for the stream of a GET.
    let request: [UInt8]?

    init(stream: UInt64, index: Int, request: [UInt8]?) {
        self.stream = stream
        self.index = index
        self.request = request
    }

    /// Reads the value of `Last-Event-ID`; `nil` when it cannot be one of ours.
    init?(_ text: String) {
        guard text.utf8.count <= Self.longestText else { return nil }
        let parts = text.split(separator: "-", maxSplits: 3, omittingEmptySubsequences: false)
        guard parts.count >= 3, let stream = UInt64(parts[1]), let index = Int(parts[2]), index >= 0 else { return nil }
        switch (parts[0], parts.count) {
        case ("g", 3): self.init(stream: stream, index: index, request: nil)
        case ("p", 4):
            guard let request = Base64.url.decode(parts[3].utf8), Self.isRequestID(request) else { return nil }
            self.init(stream: stream, index: index, request: request)
        default: return nil
        }
    }

    var text: String {
        guard let request else { return "g-\(stream)-\(index)" }
        return "p-\(stream)-\(index)-\(String(decoding: Base64.url.encode(request), as: UTF8.self))"
    }

    /// Whether a client's word is something that an answer may carry as its `id`.
    private static func isRequestID(_ bytes: [UInt8]) -> Bool {
        guard bytes.count <= longestRequest else { return false }
        do throws(JSONScanError) {
            let value = try JSONSlice(validating: bytes)
            return value.kind == .string || value.kind == .number
        } catch {
            return false
        }
    }
}
