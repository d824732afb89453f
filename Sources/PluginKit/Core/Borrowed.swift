import PluginAPI

extension vmcp_bytes {
    /// What is borrowed, valid as long as the C call that lent it.
    var buffer: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: data, count: data == nil ? 0 : size) }
    /// A copy as text; invalid UTF-8 is repaired.
    var text: String { String(decoding: buffer, as: UTF8.self) }

    init(_ buffer: UnsafeRawBufferPointer) {
        self.init(data: buffer.baseAddress?.assumingMemoryBound(to: UInt8.self), size: buffer.count)
    }
}

extension String {
    /// Lends the text for the duration of `body`.
    func withBorrowedBytes<Result>(_ body: (vmcp_bytes) -> Result) -> Result {
        var text = self
        return text.withUTF8 { body(vmcp_bytes(UnsafeRawBufferPointer($0))) }
    }
}

extension vmcp_header {
    var header: Header { Header(name.text, value.text) }
}

/// Copies headers that were lent.
func copy(_ headers: UnsafePointer<vmcp_header>?, _ count: Int) -> [Header] {
    guard let headers, count > 0 else { return [] }
    return UnsafeBufferPointer(start: headers, count: count).map(\.header)
}

/// Lends texts for the duration of `body`: one block of bytes, and views into it.
func withBorrowedTexts<Result>(
    _ texts: [String], _ body: (UnsafeBufferPointer<vmcp_bytes>) -> Result
) -> Result {
    let block = texts.reduce(into: [UInt8]()) { $0.append(contentsOf: $1.utf8) }
    return block.withUnsafeBytes { block in
        withUnsafeTemporaryAllocation(of: vmcp_bytes.self, capacity: texts.count) { views in
            var start = 0
            for (index, text) in texts.enumerated() {
                let end = start + text.utf8.count
                views.initializeElement(at: index, to: vmcp_bytes(UnsafeRawBufferPointer(rebasing: block[start..<end])))
                start = end
            }
            return body(UnsafeBufferPointer(views))
        }
    }
}

/// Lends pairs for the duration of `body`.
func withBorrowedHeaders<Result>(
    _ headers: [Header], _ body: (UnsafePointer<vmcp_header>?, Int) -> Result
) -> Result {
    guard !headers.isEmpty else { return body(nil, 0) }
    var texts: [String] = []
    texts.reserveCapacity(headers.count * 2)
    for header in headers {
        texts.append(header.name)
        texts.append(header.value)
    }
    return withBorrowedTexts(texts) { views in
        withUnsafeTemporaryAllocation(of: vmcp_header.self, capacity: headers.count) { pairs in
            for index in headers.indices {
                pairs.initializeElement(
                    at: index, to: vmcp_header(name: views[2 * index], value: views[2 * index + 1]))
            }
            return body(pairs.baseAddress, headers.count)
        }
    }
}

extension Outcome {
    /// Lends the outcome for the duration of `body`.
    func withBorrowed<Result>(_ body: (UnsafePointer<vmcp_outcome>) -> Result) -> Result {
        message.withBorrowedBytes { message in
            challenge.withBorrowedBytes { challenge in
                var outcome = vmcp_outcome()
                outcome.struct_size = UInt32(MemoryLayout<vmcp_outcome>.size)
                outcome.status = status.rawValue
                outcome.flags =
                    (notSent ? UInt32(VMCP_NOT_SENT) : 0) | (sessionLost ? UInt32(VMCP_SESSION_LOST) : 0)
                outcome.http_status = UInt32(clamping: httpStatus)
                outcome.retry_after_ms = retryAfter
                outcome.message = message
                outcome.challenge = challenge
                return body(&outcome)
            }
        }
    }

    /// Copies what the host lent; an unknown status counts as a defect, as the ABI says.
    init(_ pointer: UnsafePointer<vmcp_outcome>?) {
        guard let pointer else {
            self = Outcome(.internalError, "the host gave no outcome")
            return
        }
        let outcome = copyOfTable(pointer, as: vmcp_outcome())
        self.init(
            Status(rawValue: outcome.status) ?? .internalError, outcome.message.text,
            notSent: outcome.flags & UInt32(VMCP_NOT_SENT) != 0,
            sessionLost: outcome.flags & UInt32(VMCP_SESSION_LOST) != 0, httpStatus: Int(outcome.http_status),
            retryAfter: outcome.retry_after_ms, challenge: outcome.challenge.text)
    }
}

/// Copies a table that begins with `struct_size`: the smaller of both sizes, the rest stays as in `zero`.
func copyOfTable<Table: BitwiseCopyable>(_ pointer: UnsafePointer<Table>, as zero: Table) -> Table {
    var table = zero
    let size = UnsafeRawPointer(pointer).load(as: UInt32.self)
    withUnsafeMutableBytes(of: &table) { target in
        let count = min(Int(size), target.count)
        target.copyMemory(from: UnsafeRawBufferPointer(start: pointer, count: count))
    }
    return table
}

/// Writes text into room lent by the host: as much as fits, cut at a character.
func write(_ text: String, to room: UnsafeMutablePointer<vmcp_text>?) {
    guard let room, let data = room.pointee.data else { return }
    var count = 0
    for scalar in text.unicodeScalars {
        let encoded = UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter
        guard count + encoded.count <= room.pointee.capacity else { break }
        for byte in encoded {
            data[count] = CChar(bitPattern: byte)
            count += 1
        }
    }
    room.pointee.size = count
}

extension RawSpan {
    /// A copy that may be kept.
    public func copied() -> [UInt8] { withUnsafeBytes { [UInt8]($0) } }
}
