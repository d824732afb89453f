/// The part of an exchange that the next one to the same place usually shares: an easy handle that is set to it needs
/// only headers, body and receiver. Setting all of it costs as much as the rest of a small request.
struct TransferPreset: Equatable {
    private let url: String
    let method: String
    /// Whether a body goes with the request; POST, PUT and PATCH send one even when it is empty.
    let sendsBody: Bool
    /// Empty for none.
    let proxy: String
    private let unixSocket: String
    /// Only the connection is made.
    let isDuplex: Bool
    private let connectTimeout: UInt64
    private let maxResponseBytes: UInt64
    private let caBundle: [UInt8]

    init(_ transfer: HTTPTransfer) {
        let request = transfer.request
        url = transfer.url
        method = transfer.method
        sendsBody =
            switch transfer.method {
            case "POST", "PUT", "PATCH": true
            default: !transfer.body.isEmpty
            }
        proxy = transfer.proxy
        unixSocket = request.unixSocket
        isDuplex = request.isDuplex
        connectTimeout = request.connectTimeout
        maxResponseBytes = request.maxResponseBytes
        caBundle = request.caBundle
    }
}
