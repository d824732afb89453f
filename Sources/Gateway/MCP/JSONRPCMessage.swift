/// One JSON-RPC 2.0 message, read in one scan and kept as the bytes that came.
package struct JSONRPCMessage: Sendable {
    package enum Kind: Sendable, Equatable { case request, notification, response }

    /// Why bytes are not a message of ours: `-32700` or `-32600` of JSON-RPC 2.0, section 5.1.
    package struct Malformed: Error, Equatable, CustomStringConvertible {
        package let code: Int
        package let description: String
        /// The id as it stands in the message, when it has a usable one.
        package let id: [UInt8]?
    }

    package let kind: Kind
    package let json: JSONSlice
    /// Empty for responses.
    package let method: String
    // Where the parts stand: slices of their own would each hold the bytes.
    private let idRange, paramsRange, resultRange, errorRange: Range<Int>?

    /// The raw id: a string or a number, with its JSON type. `nil` for notifications.
    package var id: JSONSlice? { slice(idRange) }
    package var params: JSONSlice? { slice(paramsRange) }
    package var result: JSONSlice? { slice(resultRange) }
    package var error: JSONSlice? { slice(errorRange) }

    private func slice(_ range: Range<Int>?) -> JSONSlice? { range.map { JSONSlice(base: json.base, range: $0) } }

    /// Reads one message.
    /// - Parameter depth: Deepest nesting of the JSON.
    /// - Throws: ``Malformed``: not JSON, or not a JSON-RPC message, or an array (batches are read by ``batch(_:depth:)``).
    package init(_ bytes: [UInt8], depth: Int = JSONScanner.maximumDepth) throws(Malformed) {
        var parts = Parts()
        let json: JSONSlice
        do throws(JSONScanError) {
            json = try bytes.withUnsafeBufferPointer { buffer throws(JSONScanError) in
                try JSONScanner.value(bytes, depth: depth) { key, value in parts.take(value, for: key, in: buffer) }
            }
        } catch {
            throw Malformed(code: -32700, description: "Parse error: \(error)", id: nil)
        }
        try self.init(json, parts)
    }

    /// Reads one message that was scanned before.
    package init(_ json: JSONSlice) throws(Malformed) {
        var parts = Parts()
        json.base.withUnsafeBufferPointer { buffer in
            JSONScanner.eachMember(of: json) { key, value in
                parts.take(value, for: key, in: buffer)
                return true
            }
        }
        try self.init(json, parts)
    }

    private init(_ json: JSONSlice, _ parts: Parts) throws(Malformed) {
        guard json.kind == .object else {
            throw Malformed(code: -32600, description: "Invalid Request: expected one JSON object", id: nil)
        }
        func slice(_ range: Range<Int>?) -> JSONSlice? { range.map { JSONSlice(base: json.base, range: $0) } }
        func kindOf(_ range: Range<Int>?) -> JSONSlice.Kind? {
            range.map { JSONSlice.Kind(firstByte: json.base[$0.lowerBound]) }
        }
        let idKind = kindOf(parts.id)
        let id = idKind == .string || idKind == .number ? parts.id : nil
        func malformed(_ text: String, code: Int = -32600) -> Malformed {
            Malformed(code: code, description: text, id: slice(id)?.array)
        }
        // Parsers disagree on which of two counts: what we decide on must be what the other side acts on.
        if let key = parts.repeated { throw malformed("Invalid Request: \"\(key)\" stands more than once") }
        guard slice(parts.version)?.string == "2.0" else {
            throw malformed("Invalid Request: expected \"jsonrpc\": \"2.0\"")
        }
        // Some clients write null for what they leave out.
        let isRequest = parts.method != nil
        paramsRange = isRequest && kindOf(parts.params) == .null ? nil : parts.params
        if let method = slice(parts.method) {
            guard let name = method.string else { throw malformed("Invalid Request: \"method\" must be a string") }
            if parts.id != nil, id == nil {
                throw malformed("Invalid Request: \"id\" must be a string or a number, and not null")
            }
            if let kind = kindOf(paramsRange), kind != .object {
                throw malformed("Invalid params: expected an object", code: -32602)
            }
            (self.kind, self.method) = (id == nil ? .notification : .request, name)
        } else {
            guard parts.result != nil || parts.error != nil else {
                throw malformed("Invalid Request: expected \"method\", \"result\" or \"error\"")
            }
            guard id != nil || idKind == .null else {
                throw malformed("Invalid Request: a response needs the \"id\" it answers")
            }
            (self.kind, method) = (.response, "")
        }
        (self.json, idRange, resultRange, errorRange) = (json, id, parts.result, parts.error)
    }

    /// The elements of a batch; `nil` when the text is not an array.
    /// - Throws: ``Malformed`` when the text is not JSON or the array is empty.
    package static func batch(
        _ bytes: [UInt8], depth: Int = JSONScanner.maximumDepth
    ) throws(Malformed) -> [Result<JSONRPCMessage, Malformed>]? {
        guard bytes.first(where: { $0 > 0x20 }) == UInt8(ascii: "[") else { return nil }
        let json: JSONSlice
        do throws(JSONScanError) { json = try JSONScanner.value(bytes, depth: depth) } catch {
            throw Malformed(code: -32700, description: "Parse error: \(error)", id: nil)
        }
        let elements = json.elements
        guard !elements.isEmpty else {
            throw Malformed(code: -32600, description: "Invalid Request: an empty batch", id: nil)
        }
        return elements.map { element in
            do throws(Malformed) { return .success(try JSONRPCMessage(element)) } catch { return .failure(error) }
        }
    }

    /// Where the members stand that a message is made of.
    private struct Parts {
        var version, id, method, params, result, error: Range<Int>?
        /// A member that came twice.
        var repeated: String?

        mutating func take(_ value: Range<Int>, for key: Range<Int>, in bytes: UnsafeBufferPointer<UInt8>) {
            let key = UnsafeBufferPointer(rebasing: bytes[key])
            if JSONText.equals(key, "jsonrpc") {
                Self.set(&version, value, "jsonrpc", &repeated)
            } else if JSONText.equals(key, "id") {
                Self.set(&id, value, "id", &repeated)
            } else if JSONText.equals(key, "method") {
                Self.set(&method, value, "method", &repeated)
            } else if JSONText.equals(key, "params") {
                Self.set(&params, value, "params", &repeated)
            } else if JSONText.equals(key, "result") {
                Self.set(&result, value, "result", &repeated)
            } else if JSONText.equals(key, "error") {
                Self.set(&error, value, "error", &repeated)
            }
        }

        private static func set(
            _ part: inout Range<Int>?, _ value: Range<Int>, _ key: String, _ repeated: inout String?
        ) {
            if part != nil { repeated = key }
            part = value
        }
    }
}
