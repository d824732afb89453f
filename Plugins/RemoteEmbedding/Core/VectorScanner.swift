import PluginKit

/// Reads the vectors out of a JSON answer without making a tree of it: an answer may hold millions of numbers.
struct VectorScanner {
    /// Most floats a vector; more is a defect, not a model.
    static let dimensionLimit = 65_536
    private static let depthLimit = 64

    private let bytes: [UInt8]
    private var index = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// `[[f, …], …]`, as text-embeddings-inference answers.
    mutating func rows() throws(PluginError) -> [[Float]] {
        var rows: [[Float]] = []
        try elements { scanner throws(PluginError) in rows.append(try scanner.floats()) }
        try end()
        return rows
    }

    /// `{"data": [{"index": i, "embedding": [f, …]}, …]}`, as OpenAI answers; in the order of the indices.
    ///
    /// - Parameter count: How many there must be, each index once.
    mutating func indexedRows(count: Int) throws(PluginError) -> [[Float]] {
        var rows = [[Float]?](repeating: nil, count: count)
        var found = 0
        var hasData = false
        try members { name, scanner throws(PluginError) in
            guard name == "data" else { return try scanner.skip() }
            hasData = true
            try scanner.elements { scanner throws(PluginError) in
                var index: Int?
                var vector: [Float]?
                try scanner.members { name, scanner throws(PluginError) in
                    switch name {
                    case "index": index = Int(try scanner.number())
                    case "embedding": vector = try scanner.floats()
                    default: try scanner.skip()
                    }
                }
                found += 1
                guard let index, let vector else { throw Self.wrong("each element to have index and embedding") }
                guard (0..<count).contains(index), rows[index] == nil else {
                    throw Self.wrong("each index from 0 to \(count - 1) once, found \(index) again or beyond")
                }
                rows[index] = vector
            }
        }
        try end()
        guard hasData else { throw Self.wrong("a member 'data'") }
        guard found == count else { throw Self.wrong("\(count) vectors, found \(found)") }
        return rows.compactMap(\.self)
    }

    static func wrong(_ expected: String) -> PluginError {
        PluginError(.protocolError, "the embedding service's answer: expected \(expected)")
    }

    private mutating func floats() throws(PluginError) -> [Float] {
        var floats: [Float] = []
        try elements { scanner throws(PluginError) in
            guard let float = Float(try scanner.number()), float.isFinite else { throw Self.wrong("finite numbers") }
            guard floats.count < Self.dimensionLimit else {
                throw Self.wrong("at most \(Self.dimensionLimit) numbers a vector")
            }
            floats.append(float)
        }
        guard !floats.isEmpty else { throw Self.wrong("vectors with numbers, found an empty one") }
        return floats
    }

    // MARK: JSON (RFC 8259)

    private mutating func elements(
        _ element: (inout VectorScanner) throws(PluginError) -> Void
    ) throws(PluginError) {
        try take("[")
        if skipsOver("]") { return }
        repeat { try element(&self) } while skipsOver(",")
        try take("]")
    }

    private mutating func members(
        _ member: (String, inout VectorScanner) throws(PluginError) -> Void
    ) throws(PluginError) {
        try take("{")
        if skipsOver("}") { return }
        repeat {
            let name = try text()
            try take(":")
            try member(name, &self)
        } while skipsOver(",")
        try take("}")
    }

    private mutating func skip(depth: Int = 0) throws(PluginError) {
        guard depth < Self.depthLimit else { throw Self.wrong("at most \(Self.depthLimit) levels") }
        switch peek() {
        case UInt8(ascii: "{"):
            try members { _, scanner throws(PluginError) in try scanner.skip(depth: depth + 1) }
        case UInt8(ascii: "["): try elements { scanner throws(PluginError) in try scanner.skip(depth: depth + 1) }
        case UInt8(ascii: "\""): _ = try text()
        default:
            guard !(try number()).isEmpty else { throw Self.wrong("a JSON value at byte \(index)") }
        }
    }

    /// A number, or one of the words that stand where a value may; what is no number is refused by who reads it.
    private mutating func number() throws(PluginError) -> Substring {
        skipSpace()
        let start = index
        while index < bytes.count {
            switch bytes[index] {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."),
                UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"):
                index += 1
            default: return Substring(decoding: bytes[start..<index], as: UTF8.self)
            }
        }
        throw Self.wrong("more after byte \(index)")
    }

    /// A string; escapes are left as they are, since no name that is looked for needs one.
    private mutating func text() throws(PluginError) -> String {
        try take("\"")
        let start = index
        while index < bytes.count, bytes[index] != UInt8(ascii: "\"") {
            index += bytes[index] == UInt8(ascii: "\\") ? 2 : 1
        }
        guard index < bytes.count else { throw Self.wrong("a closing quotation mark") }
        defer { index += 1 }
        return String(decoding: bytes[start..<index], as: UTF8.self)
    }

    private mutating func end() throws(PluginError) {
        skipSpace()
        guard index == bytes.count else { throw Self.wrong("nothing after byte \(index)") }
    }

    private mutating func take(_ character: Unicode.Scalar) throws(PluginError) {
        guard skipsOver(character) else { throw Self.wrong("'\(character)' at byte \(index)") }
    }

    private mutating func skipsOver(_ character: Unicode.Scalar) -> Bool {
        guard peek() == UInt8(ascii: character) else { return false }
        index += 1
        return true
    }

    private mutating func peek() -> UInt8? {
        skipSpace()
        return index < bytes.count ? bytes[index] : nil
    }

    private mutating func skipSpace() {
        while index < bytes.count, [0x20, 0x0A, 0x0D, 0x09].contains(bytes[index]) { index += 1 }
    }
}
