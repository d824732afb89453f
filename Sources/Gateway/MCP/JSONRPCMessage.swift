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
    /// The raw id: a string or a number, with its JSON type. `nil` for notifications.
    package let id: JSONSlice?
    /// Empty for responses.
    package let method: String
    package let params: JSONSlice?
    package let result: JSONSlice?
    package let error: JSONSlice?

    /// Reads one message.
    /// - Parameter depth: Deepest nesting of the JSON.
    /// - Throws: ``Malformed``: not JSON, or not a JSON-RPC message, or an array (batches are read by ``batch(_:depth:)``).
    package init(_ bytes: [UInt8], depth: Int = JSONScanner.maximumDepth) throws(Malformed) {
        let json: JSONSlice
        do throws(JSONScanError) { json = try JSONScanner.value(bytes, depth: depth) } catch {
            throw Malformed(code: -32700, description: "Parse error: \(error)", id: nil)
        }
        try self.init(json)
    }

    /// Reads one message that was scanned before.
    package init(_ json: JSONSlice) throws(Malformed) {
        guard json.kind == .object else {
            throw Malformed(code: -32600, description: "Invalid Request: expected one JSON object", id: nil)
        }
        var parts = Parts()
        JSONScanner.eachMember(of: json) { key, value in
            parts.take(JSONSlice(base: json.base, range: value), for: json.base[key])
            return true
        }
        let id = parts.id.flatMap { $0.kind == .string || $0.kind == .number ? $0 : nil }
        func malformed(_ text: String) -> Malformed {
            Malformed(code: -32600, description: "Invalid Request: \(text)", id: id?.array)
        }
        // Parsers disagree on which of two counts: what we decide on must be what the other side acts on.
        if let key = parts.repeated { throw malformed("\"\(key)\" stands more than once") }
        guard parts.version?.string == "2.0" else { throw malformed("expected \"jsonrpc\": \"2.0\"") }
        if let method = parts.method {
            guard let name = method.string else { throw malformed("\"method\" must be a string") }
            if parts.id != nil, id == nil { throw malformed("\"id\" must be a string or a number, and not null") }
            // Some clients write null for what they leave out.
            if parts.params?.kind == .null { parts.params = nil }
            if let params = parts.params, params.kind != .object {
                throw Malformed(code: -32602, description: "Invalid params: expected an object", id: id?.array)
            }
            (kind, self.method) = (id == nil ? .notification : .request, name)
        } else {
            guard parts.result != nil || parts.error != nil else {
                throw malformed("expected \"method\", \"result\" or \"error\"")
            }
            guard id != nil || parts.id?.kind == .null else {
                throw malformed("a response needs the \"id\" it answers")
            }
            (kind, method) = (.response, "")
        }
        (self.json, self.id, params, result, error) = (json, id, parts.params, parts.result, parts.error)
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

    private struct Parts {
        var version, id, method, params, result, error: JSONSlice?
        /// A member that came twice.
        var repeated: String?

        mutating func take(_ value: JSONSlice, for key: ArraySlice<UInt8>) {
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
            _ part: inout JSONSlice?, _ value: JSONSlice, _ key: String, _ repeated: inout String?
        ) {
            if part != nil { repeated = key }
            part = value
        }
    }
}
