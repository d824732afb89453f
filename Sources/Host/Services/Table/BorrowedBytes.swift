package import PluginAPI

extension vmcp_bytes {
    /// Bytes that live as long as the buffer.
    package init(_ buffer: UnsafeRawBufferPointer) {
        self.init(data: buffer.baseAddress?.assumingMemoryBound(to: UInt8.self), size: buffer.count)
    }

    /// The bytes themselves, as long as their owner lends them.
    package var buffer: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: size == 0 ? nil : data, count: data == nil ? 0 : size)
    }

    /// A copy. What is not UTF-8 is repaired.
    package var text: String { String(decoding: buffer, as: UTF8.self) }

    /// A copy, or nil when it is not UTF-8. Most text is ASCII, which is found out faster than the standard library
    /// validates.
    package var exactText: String? {
        var bits = 0 as UInt8
        for byte in buffer { bits |= byte }
        return bits < 0x80 ? text : String(validating: buffer, as: UTF8.self)
    }
}

extension String {
    /// Lends the text as bytes.
    package func withBytes<Result>(_ body: (vmcp_bytes) -> Result) -> Result {
        var copy = self
        return copy.withUTF8 { body(vmcp_bytes(UnsafeRawBufferPointer($0))) }
    }
}

extension UnsafeMutablePointer<vmcp_text> {
    /// Writes all of the bytes, or tells the room they need.
    func fill(with bytes: some Collection<UInt8>) -> vmcp_status {
        let count = bytes.count
        pointee.size = count
        guard count <= pointee.capacity, let data = pointee.data else {
            return count == 0 ? vmcp_status(VMCP_OK) : vmcp_status(VMCP_EXHAUSTED)
        }
        UnsafeMutableRawBufferPointer(start: data, count: count).copyBytes(from: bytes)
        return vmcp_status(VMCP_OK)
    }

    /// Writes as much of a sentence as there is room for, cut between characters.
    func explain(_ sentence: String) {
        var length = 0
        for scalar in sentence.unicodeScalars {
            let size = UTF8.width(scalar)
            guard length + size <= pointee.capacity else { break }
            length += size
        }
        guard let data = pointee.data else {
            pointee.size = 0
            return
        }
        UnsafeMutableRawBufferPointer(start: data, count: length).copyBytes(from: sentence.utf8.prefix(length))
        pointee.size = length
    }
}
