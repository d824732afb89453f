/// What stands between braces in a URI template: an operator and variables (RFC 6570, section 2.2).
struct URITemplateExpression: Sendable {
    private let operation: UInt8?
    private let names: [[UInt8]]
    /// Whether one variable can produce several values, with names of its own (`*`).
    private let explodes: Bool

    init(_ body: [UInt8]) throws(URITemplate.Malformed) {
        var body = body[...]
        operation = body.first.flatMap { Array("+#./;?&".utf8).contains($0) ? $0 : nil }
        if operation != nil { body.removeFirst() }
        var explodes = false
        var names: [[UInt8]] = []
        for variable in body.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false) {
            var name = variable
            if name.last == UInt8(ascii: "*") {
                explodes = true
                name.removeLast()
            } else if let colon = name.firstIndex(of: UInt8(ascii: ":")) {
                let length = name[(colon + 1)...]
                guard !length.isEmpty, length.count <= 4, length.allSatisfy({ (0x30...0x39).contains($0) }) else {
                    throw URITemplate.Malformed(description: "expected 1 to 4 digits after \":\"")
                }
                name = name[..<colon]
            }
            guard !name.isEmpty, name.allSatisfy(Self.isNameByte) else {
                throw URITemplate.Malformed(
                    description: "expected a variable name, found \"\(String(decoding: variable, as: UTF8.self))\"")
            }
            names.append(Array(name))
        }
        self.names = names
        self.explodes = explodes
    }

    /// Where the expression can end, given where it can begin.
    func advance(_ reached: [Bool], in uri: [UInt8]) -> [Bool] {
        switch operation {
        case nil: return run(reached, in: uri, while: Self.isSegmentByte)
        case UInt8(ascii: "+"): return run(reached, in: uri) { _ in true }
        case UInt8(ascii: "#"): return union(reached, run(after(reached, "#", in: uri), in: uri) { _ in true })
        case UInt8(ascii: "."):
            return union(reached, run(after(reached, ".", in: uri), in: uri, while: Self.isSegmentByte))
        case UInt8(ascii: "/"):
            let isByte = names.count > 1 || explodes ? Self.isPathByte : Self.isSegmentByte
            return union(reached, run(after(reached, "/", in: uri), in: uri, while: isByte))
        case UInt8(ascii: ";"):
            return union(reached, run(after(reached, ";", in: uri), in: uri, while: Self.isSegmentByte))
        case UInt8(ascii: "?"): return union(reached, query(after(reached, "?", in: uri), in: uri))
        default: return union(reached, query(after(reached, "&", in: uri), in: uri))
        }
    }

    /// Positions that follow one given character.
    private func after(_ reached: [Bool], _ character: Unicode.Scalar, in uri: [UInt8]) -> [Bool] {
        var next = [Bool](repeating: false, count: reached.count)
        for position in uri.indices where reached[position] && uri[position] == UInt8(ascii: character) {
            next[position + 1] = true
        }
        return next
    }

    /// Positions that any number of fitting characters lead to.
    private func run(_ reached: [Bool], in uri: [UInt8], while isByte: (UInt8) -> Bool) -> [Bool] {
        var next = reached
        for position in uri.indices where next[position] && isByte(uri[position]) { next[position + 1] = true }
        return next
    }

    /// Positions behind `name=value` pairs joined by `&`, in any order: clients put parameters together on their own.
    private func query(_ reached: [Bool], in uri: [UInt8]) -> [Bool] {
        var next = [Bool](repeating: false, count: reached.count)
        // Ascending, so a pair that begins behind another's "&" is found when its turn comes.
        var begins = reached
        var inValue = [Bool](repeating: false, count: reached.count)
        for position in 0...uri.count {
            if begins[position] {
                for end in nameEnds(from: position, in: uri) {
                    next[end] = true
                    inValue[end] = true
                }
            }
            guard inValue[position] else { continue }
            next[position] = true
            guard position < uri.count, uri[position] != UInt8(ascii: "#") else { continue }
            if uri[position] == UInt8(ascii: "&") {
                begins[position + 1] = true
            } else {
                inValue[position + 1] = true
            }
        }
        return next
    }

    /// The ends of parameter names that begin here; the end, `=` or `&` follows.
    private func nameEnds(from start: Int, in uri: [UInt8]) -> [Int] {
        func isEnd(_ position: Int) -> Bool {
            position == uri.count || uri[position] == UInt8(ascii: "=") || uri[position] == UInt8(ascii: "&")
        }
        if explodes {
            // A map brings names of its own.
            let end = uri[start...].firstIndex { !Self.isNameByte($0) } ?? uri.count
            return end > start && isEnd(end) ? [end] : []
        }
        return names.compactMap { name in
            let end = start + name.count
            return end <= uri.count && uri[start..<end].elementsEqual(name) && isEnd(end) ? end : nil
        }
    }

    private func union(_ left: [Bool], _ right: [Bool]) -> [Bool] { zip(left, right).map { $0 || $1 } }

    private static func isPathByte(_ byte: UInt8) -> Bool { byte != UInt8(ascii: "?") && byte != UInt8(ascii: "#") }

    private static func isSegmentByte(_ byte: UInt8) -> Bool { isPathByte(byte) && byte != UInt8(ascii: "/") }

    /// RFC 6570, section 2.3, and the `-` that many templates use all the same.
    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "-"),
            UInt8(ascii: "%"):
            true
        default: false
        }
    }
}
