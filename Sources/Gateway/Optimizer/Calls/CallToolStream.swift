/// The stream of a `call_tool`, for what its tool answers: an error of the protocol becomes a result that the model can
/// read, as the failures of the gateway itself are.
final class CallToolStream: ClientStream {
    private let client: any ClientStream

    init(_ client: any ClientStream) { self.client = client }

    var isAway: Bool { client.isAway }
    func send(_ message: [UInt8]) -> Flow { client.send(message) }
    func close() { client.close() }
    func cancelled() { client.cancelled() }

    func finish(_ response: [UInt8]) { client.finish(Self.readable(response) ?? response) }

    /// - Returns: `nil` when the answer goes on as it is.
    private static func readable(_ response: [UInt8]) -> [UInt8]? {
        do throws(JSONRPCMessage.Malformed) {
            let message = try JSONRPCMessage(response)
            guard let error = message.error, let result = Optimizer.result(for: error) else { return nil }
            return JSONRPCWriter.result(id: message.id?.array ?? [], result)
        } catch {
            return nil
        }
    }
}

/// The same for a call without a session.
final class StatelessCallToolStream: StatelessStream {
    private let client: any StatelessStream
    private let id: JSONSlice
    private let stamp: ResultStamp

    init(_ client: any StatelessStream, id: JSONSlice, stamp: ResultStamp) {
        self.client = client
        self.id = id
        self.stamp = stamp
    }

    func send(_ message: [UInt8]) -> Flow { client.send(message) }

    func finish(_ response: [UInt8], code: Int?) {
        guard code != nil, let result = readable(response) else { return client.finish(response, code: code) }
        client.finish(result, code: nil)
    }

    private func readable(_ response: [UInt8]) -> [UInt8]? {
        do throws(JSONRPCMessage.Malformed) {
            guard let error = try JSONRPCMessage(response).error, let result = Optimizer.result(for: error) else {
                return nil
            }
            return stamp.answer(id: id, complete: result)
        } catch {
            return nil
        }
    }
}

extension ResultStamp {
    /// An answer with a raw result of ours that nobody may cache, such as that of a tool.
    func answer(id: JSONSlice, complete result: [UInt8]) -> [UInt8] {
        var out = Array("{\"jsonrpc\":\"2.0\",\"id\":".utf8) + id.bytes
        out += Array(",\"result\":{\"resultType\":\"complete\",\"_meta\":{".utf8) + serverInfo
        return out + Array("},".utf8) + result.dropFirst() + [UInt8(ascii: "}")]
    }
}
