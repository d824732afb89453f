import Crypto

/// The secret that `requestState` is sealed with: 32 bytes that every instance of one gateway shares.
package struct StateKey: Sendable {
    /// Why a text is no key; never shows the text.
    package struct Invalid: Error, Equatable, CustomStringConvertible {
        package let description: String
    }

    let key: SymmetricKey

    /// Reads a key from base64, with either alphabet, with or without padding (RFC 4648, sections 4 and 5).
    /// - Throws: ``Invalid`` unless it stands for exactly 32 bytes.
    package init(base64 text: String) throws(Invalid) {
        let advice = "make one with: openssl rand -base64 32"
        var digits = text.utf8.map { byte in
            switch byte {
            case UInt8(ascii: "+"): UInt8(ascii: "-")
            case UInt8(ascii: "/"): UInt8(ascii: "_")
            default: byte
            }
        }
        for _ in 0..<2 where digits.last == UInt8(ascii: "=") { digits.removeLast() }
        guard let bytes = Base64.url.decode(digits) else {
            throw Invalid(description: "expected 32 bytes in base64, found what is not base64; \(advice)")
        }
        guard bytes.count == 32 else {
            throw Invalid(description: "expected 32 bytes in base64, found \(bytes.count); \(advice)")
        }
        key = SymmetricKey(data: bytes)
    }

    private init() { key = SymmetricKey(size: .bits256) }

    /// A key that only this process has: what it seals, no other instance and no later run can open.
    static func made() -> StateKey { StateKey() }
}
