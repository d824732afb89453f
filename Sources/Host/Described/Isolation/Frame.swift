/// Writes what gateway and child say to each other: little-endian numbers, texts and lists with their length before them.
/// Both are built together; this is no public protocol.
struct FrameWriter {
    private(set) var bytes: [UInt8] = []

    mutating func byte(_ value: UInt8) { bytes.append(value) }

    mutating func number(_ value: UInt64) {
        for shift in stride(from: UInt64(0), to: 64, by: 8) { bytes.append(UInt8(truncatingIfNeeded: value >> shift)) }
    }

    mutating func blob(_ value: some Collection<UInt8>) {
        number(UInt64(value.count))
        bytes += value
    }

    mutating func text(_ value: String) { blob(value.utf8) }

    mutating func members(_ members: [Member]) {
        number(UInt64(members.count))
        for member in members {
            text(member.name)
            value(member.value)
        }
    }

    mutating func value(_ value: Value) {
        switch value {
        case .null: byte(0)
        case .bool(let truth): byte(truth ? 2 : 1)
        case .integer(let number):
            byte(3)
            self.number(UInt64(bitPattern: number))
        case .unsigned(let number):
            byte(4)
            self.number(number)
        case .real(let number):
            byte(5)
            self.number(number.bitPattern)
        case .text(let text):
            byte(6)
            self.text(text)
        case .bytes(let bytes):
            byte(7)
            blob(bytes)
        case .floats(let floats):
            byte(8)
            number(UInt64(floats.count))
            for float in floats {
                let bits = float.bitPattern
                for shift in stride(from: UInt32(0), to: 32, by: 8) { byte(UInt8(truncatingIfNeeded: bits >> shift)) }
            }
        case .list(let values):
            byte(9)
            number(UInt64(values.count))
            for value in values { self.value(value) }
        case .record(let members):
            byte(10)
            self.members(members)
        }
    }
}

/// Reads a frame; what does not fit is `nil`, and nothing is read past the end.
struct FrameReader {
    private let bytes: [UInt8]
    private var index = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    private var left: Int { bytes.count - index }

    mutating func byte() -> UInt8? {
        guard left > 0 else { return nil }
        defer { index += 1 }
        return bytes[index]
    }

    mutating func number() -> UInt64? {
        guard left >= 8 else { return nil }
        defer { index += 8 }
        return (0..<8).reduce(UInt64(0)) { $0 | UInt64(bytes[index + $1]) << (8 * UInt64($1)) }
    }

    /// A count of things that have at least one byte each.
    mutating func count() -> Int? {
        guard let number = number(), number <= UInt64(left) else { return nil }
        return Int(number)
    }

    mutating func blob() -> [UInt8]? {
        guard let count = count() else { return nil }
        defer { index += count }
        return Array(bytes[index..<(index + count)])
    }

    mutating func text() -> String? { blob().map { String(decoding: $0, as: UTF8.self) } }

    mutating func members(depth: Int = 0) -> [Member]? {
        guard let count = count() else { return nil }
        var members: [Member] = []
        for _ in 0..<count {
            guard let name = text(), let value = value(depth: depth) else { return nil }
            members.append(Member(name, value))
        }
        return members
    }

    mutating func value(depth: Int = 0) -> Value? {
        guard depth < 32, let kind = byte() else { return nil }
        switch kind {
        case 0: return .null
        case 1, 2: return .bool(kind == 2)
        case 3: return number().map { .integer(Int64(bitPattern: $0)) }
        case 4: return number().map(Value.unsigned)
        case 5: return number().map { .real(Double(bitPattern: $0)) }
        case 6: return text().map(Value.text)
        case 7: return blob().map(Value.bytes)
        case 8:
            guard let count = count(), left >= count * 4 else { return nil }
            defer { index += count * 4 }
            return .floats(
                (0..<count).map { position in
                    let start = index + position * 4
                    return Float(
                        bitPattern: (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[start + $1]) << (8 * UInt32($1)) })
                })
        case 9:
            guard let count = count() else { return nil }
            var values: [Value] = []
            for _ in 0..<count {
                guard let value = value(depth: depth + 1) else { return nil }
                values.append(value)
            }
            return .list(values)
        case 10: return members(depth: depth + 1).map(Value.record)
        default: return nil
        }
    }
}
