/// The trace of a request in its `_meta` (W3C Trace Context and Baggage; 2026-07-28, basic protocol, `_meta`). It travels on
/// where it keeps to its syntax, and is left out where it does not.
enum TraceContext {
    /// Whether a member of `_meta` is part of a trace and not written as such.
    /// - Parameter key: As it stands between its quotation marks.
    static func isBroken(_ key: ArraySlice<UInt8>, _ value: JSONSlice) -> Bool {
        if JSONText.equals(key, "traceparent") { return !(value.string.map { isParent(Array($0.utf8)) } ?? false) }
        guard JSONText.equals(key, "tracestate") || JSONText.equals(key, "baggage") else { return false }
        return !(value.string.map { isList(Array($0.utf8)) } ?? false)
    }

    /// `version-trace-parent-flags`, in small hexadecimal digits; versions after the first may add to it.
    private static func isParent(_ text: [UInt8]) -> Bool {
        guard text.count == 55 || text.count > 55 && text[55] == UInt8(ascii: "-") && text[..<2] != [0x30, 0x30] else {
            return false
        }
        let parts = text[..<55].split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        guard parts.map(\.count) == [2, 32, 16, 2], parts.allSatisfy({ $0.allSatisfy(isDigit) }) else { return false }
        return parts[0] != [0x66, 0x66] && parts[1...2].allSatisfy { $0.contains { $0 != UInt8(ascii: "0") } }
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
    }

    /// Members with a name and a value each, between commas.
    private static func isList(_ text: [UInt8]) -> Bool {
        guard !text.isEmpty, text.allSatisfy({ (0x20...0x7E).contains($0) || $0 == 0x09 }) else { return false }
        return text.split(separator: UInt8(ascii: ",")).allSatisfy { member in
            let member = member.drop { $0 == 0x20 || $0 == 0x09 }
            return member.isEmpty || member.firstIndex(of: UInt8(ascii: "=")).map { $0 > member.startIndex } ?? false
        }
    }
}
