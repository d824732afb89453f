import Gateway
import NIOCore

/// The answer to one request on its way out: turns what the exchange was told into bytes.
struct AnswerWriter {
    /// What came of some operations.
    struct Progress {
        /// Bytes of a stream's body among what was written.
        var streamed = 0
        /// The answer is whole.
        var hasEnded = false
        /// Bytes that wait for a reader too slow, when the connection is to be closed for it.
        var abortedBacklog: Int?
    }

    let exchange: HTTPExchange
    private(set) var isStreaming = false

    private let isHead: Bool
    private let isHTTP10: Bool
    private let keepAlive: Bool
    private var isChunked: Bool { isStreaming && !isHTTP10 }

    /// Whether the connection may serve another request after this answer.
    var leavesConnectionOpen: Bool { keepAlive && !(isHTTP10 && isStreaming) }

    init(exchange: HTTPExchange, to request: RequestAssembly) {
        self.exchange = exchange
        isHead = request.request.method == "HEAD"
        isHTTP10 = request.isHTTP10
        keepAlive = request.keepAlive
    }

    /// - Parameter isLast: The connection is to be closed after this answer, whatever the client wants.
    mutating func write(
        _ operations: [HTTPExchange.Operation], isLast: Bool, encoder: inout ResponseEncoder, to out: inout ByteBuffer
    ) -> Progress {
        var progress = Progress()
        for operation in operations {
            switch operation {
            case .respond(let response):
                encoder.writeHead(
                    status: response.status, headers: response.headers,
                    framing: response.status == 204 ? .none : .length(response.body.count),
                    connection: connectionField(isLast: isLast), to: &out)
                if !isHead { out.writeBytes(response.body) }
                progress.hasEnded = true
            case .begin(let status, let headers):
                isStreaming = true
                encoder.writeHead(
                    status: status, headers: headers, framing: isChunked ? .chunked : .close,
                    connection: connectionField(isLast: isLast), to: &out)
                progress.hasEnded = isHead
            case .write(let bytes):
                progress.streamed += bytes.count
                // An empty chunk would end the body.
                guard !progress.hasEnded, !bytes.isEmpty else { continue }
                if isChunked { ResponseEncoder.writeChunk(bytes, to: &out) } else { out.writeBytes(bytes) }
            case .finish:
                if isChunked, !progress.hasEnded { out.writeStaticString("0\r\n\r\n") }
                progress.hasEnded = true
            case .abort(let backlog): progress.abortedBacklog = backlog
            }
        }
        return progress
    }

    private func connectionField(isLast: Bool) -> StaticString? {
        guard leavesConnectionOpen, !isLast else { return "close" }
        return isHTTP10 ? "keep-alive" : nil
    }
}
