package import PluginAPI

/// Status and headers of a response, names in lower case, in the order they came.
///
/// All text is in one buffer: most of it is only passed on.
package struct ResponseHead: Sendable {
    private struct Span {
        var name: Range<Int>
        var value: Range<Int>
    }

    package private(set) var status: UInt32 = 0
    private var bytes: [UInt8] = []
    private var spans: [Span] = []

    /// Number of header lines.
    package var count: Int { spans.count }

    /// The first value of a header.
    ///
    /// - Parameter name: In lower case.
    package subscript(name: String) -> String? {
        spans.first { has($0, name) }.map { String(decoding: bytes[$0.value], as: UTF8.self) }
    }

    /// Every value of a header, in order.
    package func values(of name: String) -> [String] {
        spans.compactMap { has($0, name) ? String(decoding: bytes[$0.value], as: UTF8.self) : nil }
    }

    private func has(_ span: Span, _ name: String) -> Bool { Self.same(bytes[span.name], name) }

    /// The lengths first: most names differ in it.
    private static func same(_ one: ArraySlice<UInt8>, _ other: String) -> Bool {
        one.count == other.utf8.count && one.elementsEqual(other.utf8)
    }

    /// All headers.
    package var fields: [HTTPField] {
        spans.map {
            HTTPField(
                String(decoding: bytes[$0.name], as: UTF8.self), String(decoding: bytes[$0.value], as: UTF8.self))
        }
    }

    /// Lends the headers in their C form.
    package func withABIHeaders<Result>(_ body: (UnsafePointer<vmcp_header>?, Int) -> Result) -> Result {
        bytes.withUnsafeBytes { bytes in
            withUnsafeTemporaryAllocation(of: vmcp_header.self, capacity: spans.count) { headers in
                for (index, span) in spans.enumerated() {
                    headers.initializeElement(
                        at: index,
                        to: vmcp_header(
                            name: vmcp_bytes(UnsafeRawBufferPointer(rebasing: bytes[span.name])),
                            value: vmcp_bytes(UnsafeRawBufferPointer(rebasing: bytes[span.value]))))
                }
                return body(UnsafePointer(headers.baseAddress), spans.count)
            }
        }
    }

    // MARK: Filling

    /// What a line of a response was.
    enum Line { case status, field, end }

    /// Takes one line as libcurl hands it out, with its end. A status line begins a new head: those of interim
    /// responses come before the one that counts.
    mutating func take(_ line: UnsafeRawBufferPointer) -> Line {
        var end = line.count
        while end > 0, line[end - 1] == 0x0A || line[end - 1] == 0x0D { end -= 1 }
        let text = UnsafeRawBufferPointer(rebasing: line[..<end])
        if text.isEmpty { return .end }
        if text.starts(with: "HTTP/".utf8) {
            begin(statusLine: text)
            return .status
        }
        if text[0] == 0x20 || text[0] == 0x09 {
            continueLast(with: text)  // RFC 9112, section 5.2: obsolete line folding
        } else if let colon = text.firstIndex(of: 0x3A) {
            append(name: text[..<colon], value: trimmed(text[(colon + 1)...]))
        }
        return .field
    }

    /// Takes away what described the encoded body, once libcurl decodes it.
    mutating func dropContentCoding() {
        guard spans.contains(where: { has($0, "content-encoding") }) else { return }
        spans.removeAll { span in
            Self.same(bytes[span.name], "content-encoding") || Self.same(bytes[span.name], "content-length")
        }
    }

    private mutating func begin(statusLine: UnsafeRawBufferPointer) {
        bytes.removeAll(keepingCapacity: true)
        spans.removeAll(keepingCapacity: true)
        status = 0
        guard let space = statusLine.firstIndex(of: 0x20) else { return }
        for byte in statusLine[(space + 1)...].prefix(3) {
            guard byte >= 0x30, byte <= 0x39 else {
                status = 0
                return
            }
            status = status * 10 + UInt32(byte - 0x30)
        }
    }

    private mutating func append(name: Slice<UnsafeRawBufferPointer>, value: Slice<UnsafeRawBufferPointer>) {
        let start = bytes.count
        for byte in name { bytes.append(byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte) }
        let middle = bytes.count
        bytes.append(contentsOf: value)
        spans.append(Span(name: start..<middle, value: middle..<bytes.count))
    }

    private mutating func continueLast(with text: UnsafeRawBufferPointer) {
        // The last value ends where the buffer does.
        guard let last = spans.indices.last else { return }
        bytes.append(0x20)
        bytes.append(contentsOf: trimmed(text[...]))
        spans[last].value = spans[last].value.lowerBound..<bytes.count
    }

    private func trimmed(_ text: Slice<UnsafeRawBufferPointer>) -> Slice<UnsafeRawBufferPointer> {
        var text = text
        while let first = text.first, first == 0x20 || first == 0x09 { text = text.dropFirst() }
        while let last = text.last, last == 0x20 || last == 0x09 { text = text.dropLast() }
        return text
    }
}
