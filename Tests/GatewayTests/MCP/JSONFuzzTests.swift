import Foundation
import Gateway
import Testing

@Suite("Scanner against a reference")
struct JSONFuzzTests {
    /// SplitMix64: the same texts in every run.
    private struct Random: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var z = state
            z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
            return z ^ z >> 31
        }
    }

    private static let seeds = [
        #"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a","arguments":{"n":1.5e3,"x":[true,null]}}}"#,
        #"[[],{},"",0,-1,{"a":{"b":[1,2,{"c":"\u0041\n\"é€😀"}]}},false]"#, #" { "k" : [ 1 , "v" ] , "l" : -0.5E-7 } "#,
        #""text with \\ and \" and \/ and \t""#, "-12.25e+2",
    ]

    private static func mutate(_ random: inout Random) -> [UInt8] {
        var bytes = Array(seeds.randomElement(using: &random)!.utf8)
        let pool = Array("{}[]\",:\\ \n\t0123456789.eE+-truefalsn/u\u{1}é€😀x".utf8) + [0x80, 0xC0, 0xED, 0xF4, 0xFF]
        for _ in 0..<Int.random(in: 0...3, using: &random) where !bytes.isEmpty {
            let place = Int.random(in: 0..<bytes.count, using: &random)
            switch Int.random(in: 0..<4, using: &random) {
            case 0: bytes[place] = pool.randomElement(using: &random)!
            case 1: bytes.insert(pool.randomElement(using: &random)!, at: place)
            case 2: bytes.remove(at: place)
            default: bytes.removeSubrange(place...)
            }
        }
        return bytes
    }

    /// Where the reference differs on purpose: it reads a byte order mark, UTF-16 and a comma before `}`, wants
    /// surrogates in pairs, and refuses numbers that do not fit.
    private static func isComparable(_ bytes: [UInt8]) -> Bool {
        let text = String(decoding: bytes, as: UTF8.self)
        return !bytes.starts(with: [0xEF, 0xBB]) && !bytes.contains(0) && !text.contains("\\u")
            && !text.contains(/[eE][+-]?[0-9]{3}/) && !text.contains(/,\s*}/)
    }

    private static func reference(_ bytes: [UInt8]) throws -> Any {
        try JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed)
    }

    private static func succeeds<Value>(_ body: () throws -> Value) -> Bool {
        do {
            _ = try body()
            return true
        } catch {
            return false
        }
    }

    @Test("Mutated texts are accepted and refused as Foundation does", arguments: 0..<8)
    func acceptance(seed: Int) throws {
        var random = Random(state: UInt64(seed))
        var accepted = 0
        for _ in 0..<3000 {
            let bytes = Self.mutate(&random)
            guard Self.isComparable(bytes) else { continue }
            let ours = Self.succeeds { try JSONSlice(validating: bytes) }
            let theirs = Self.succeeds { try Self.reference(bytes) }
            #expect(ours == theirs, "\(String(decoding: bytes, as: UTF8.self).debugDescription)")
            accepted += ours ? 1 : 0
        }
        #expect((100..<2900).contains(accepted), "both outcomes must occur, else nothing was compared")
    }

    @Test("What the views find in accepted texts is what Foundation finds", arguments: 0..<4)
    func contents(seed: Int) throws {
        var random = Random(state: 1000 + UInt64(seed))
        for _ in 0..<1500 {
            let bytes = Self.mutate(&random)
            guard Self.isComparable(bytes), Self.succeeds({ try Self.reference(bytes) }) else { continue }
            expectSame(try JSONSlice(validating: bytes), try Self.reference(bytes), in: bytes)
        }
    }

    private func expectSame(_ slice: JSONSlice, _ reference: Any, in bytes: [UInt8]) {
        switch slice.kind {
        case .object:
            let object = reference as? [String: Any]
            #expect(Set(slice.members.map(\.key)).count == object?.count)
            for (key, value) in slice.members {
                guard let other = object?[key] else {
                    Issue.record("\(key) is missing in \(String(decoding: bytes, as: UTF8.self))")
                    continue
                }
                // Of repeated members the reference keeps one of its own choice.
                if slice.members.filter({ $0.key == key }).count == 1 { expectSame(value, other, in: bytes) }
            }
        case .array:
            let array = reference as? [Any]
            #expect(slice.elements.count == array?.count)
            for (value, other) in zip(slice.elements, array ?? []) { expectSame(value, other, in: bytes) }
        case .string: #expect(slice.string == reference as? String)
        case .number: #expect(slice.double == (reference as? NSNumber)?.doubleValue)
        case .bool: #expect(slice.bool == reference as? Bool)
        case .null: #expect(reference is NSNull)
        }
    }
}
