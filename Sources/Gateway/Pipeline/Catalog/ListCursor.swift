/// A client's cursor that is not one of ours; answered with -32602 (MCP 2025-11-25, Pagination).
package struct InvalidCursor: Error, Equatable, CustomStringConvertible {
    /// What is wrong with it; for the log, not for the client.
    package let reason: String
    /// For the log.
    package var description: String { "invalid cursor: \(reason)" }
}

/// A place in a list, told by the last item delivered, so that it means the same after the list has changed.
///
/// On the wire: unpadded base64url of `{"k":kind,"l":key,"d":count}`, where `count` is how many items of exactly that
/// key were delivered.
struct ListCursor: Sendable, Equatable {
    /// Longest text accepted, in characters.
    static let maximumLength = 512

    var kind: OfferKind
    var lastKey: String
    var delivered: Int

    init(kind: OfferKind, lastKey: String, delivered: Int) {
        self.kind = kind
        self.lastKey = lastKey
        self.delivered = delivered
    }

    /// The cursor as text; `nil` when it would be longer than we accept ourselves.
    var text: [UInt8]? {
        var json = Array("{\"k\":\"\(kind.rawValue)\",\"l\":".utf8)
        JSONText.append(lastKey, to: &json)
        json.append(contentsOf: ",\"d\":\(delivered)}".utf8)
        let text = Base64.url.encode(json)
        return text.count <= Self.maximumLength ? text : nil
    }

    /// Reads the `cursor` of a request's `params`. Absent, null and `""` are the beginning: `nil`.
    static func read(_ value: JSONSlice?, for kind: OfferKind) throws(InvalidCursor) -> ListCursor? {
        guard let value, value.kind != .null else { return nil }
        guard let text = value.string else { throw InvalidCursor(reason: "expected a string, found \(value.kind)") }
        guard !text.isEmpty else { return nil }
        guard text.unicodeScalars.count <= maximumLength else {
            throw InvalidCursor(reason: "longer than \(maximumLength) characters")
        }
        guard let bytes = Base64.url.decode(text.utf8) else { throw InvalidCursor(reason: "not unpadded base64url") }
        let json: JSONSlice
        do throws(JSONScanError) { json = try JSONSlice(validating: bytes) } catch {
            throw InvalidCursor(reason: error.description)
        }
        guard json["k"]?.string == kind.rawValue else {
            throw InvalidCursor(reason: "not a cursor of \(kind.listMethod)")
        }
        guard let last = json["l"]?.string, !last.isEmpty else { throw InvalidCursor(reason: "no last key") }
        guard let delivered = json["d"]?.integer, delivered >= 0 else {
            throw InvalidCursor(reason: "expected a count of delivered items from 0")
        }
        return ListCursor(kind: kind, lastKey: last, delivered: delivered)
    }
}
