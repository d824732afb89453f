import Foundation
import Testing

@testable import HostDescribed

/// Seeded, so that a failure can be seen again. `VMCP_FUZZ_ROUNDS` sets how many; `make test-sanitized` takes 100,000.
@Suite("Spoilt descriptions and arguments")
struct FuzzTests {
    static let rounds = ProcessInfo.processInfo.environment["VMCP_FUZZ_ROUNDS"].flatMap { Int($0) } ?? 3_000

    /// SplitMix64.
    struct Generator: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var z = state
            z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
            return z ^ (z >> 31)
        }
    }

    static let seeds: [String] = [
        """
        id: a
        version: 1.0.0
        library: l.so
        provides: [vmcp.backend/1]
        enums: {e: {type: uint8, values: {x: 0, y: 0x1}}}
        structs: {s: [a: int8, b: 'float64[4]', c: cstring, d: e]}
        callbacks: {c: {context: u, arguments: [u: pointer, n: int32, v: 'cstring[n]'], returns: int, stop: 1}}
        handles: {h: {open: open, close: close}}
        functions:
          open: {arguments: [p: {type: cstring, value: '{config.p}'}], returns: pointer}
          close: {arguments: [h: pointer]}
          f:
            arguments: [h: {type: pointer, value: handle(h)}, d: 'bytes[n]', n: size, o: out bytes[n * 2 + 1],
              k: c, u: {type: pointer, value: context(k)}, s: s?, v: {type: int32, value: (n + 3) / length(d)}]
            returns: {type: cstring, free: done, error: 'null', message: errno}
            tool: {description: x, readOnly: true}
            probe: {arguments: {d: aGk=}, expect: {result: [1, {a: b}]}}
        configuration: {p: {type: string, default: x}}
        """,
        """
        id: a
        version: 1.0.0
        library: l.so
        provides: [vmcp.auth/1]
        configuration: {k: {type: secret}}
        auth: {function: f, headers: {X-A: 'v={o}'}, cache: backend, expires: 60}
        functions: {f: {arguments: [k: {type: 'bytes[n]', value: '{config.k}{request.body}'}, n: int, o: 'out bytes[32]']}}
        """,
    ]
    static let pieces = [
        "[", "]", "{", "}", ":", ",", "?", "out ", "inout ", "value ", "...", "null", "''", "0x", "-",
        "99999999999999999999",
        "length(", "handle(x)", "&a ", "*a", "!!int ", "\n", "  ", "\u{0}", "é", "bytes", "pointer", "{{", "{config.x}",
        "|\n",
    ]

    @Test("No description, however spoilt, does more than be refused", .timeLimit(.minutes(30)))
    func descriptions() {
        var generator = Generator(state: 20_260_728)
        var accepted = 0
        for _ in 0..<Self.rounds {
            var text = Array((Self.seeds.randomElement(using: &generator) ?? "").utf8)
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                let at = Int.random(in: 0..<text.count, using: &generator)
                let end = min(text.count, at + Int.random(in: 0...12, using: &generator))
                switch Int.random(in: 0..<4, using: &generator) {
                case 0: text.removeSubrange(at..<end)
                case 1: text.insert(contentsOf: (Self.pieces.randomElement(using: &generator) ?? "").utf8, at: at)
                case 2: text[at] = UInt8.random(in: 0...255, using: &generator)
                default:
                    text.insert(
                        contentsOf: Array(text[at..<end]), at: Int.random(in: 0...text.count, using: &generator))
                }
                if text.isEmpty { text = Array("a".utf8) }
            }
            do throws(DescriptionError) {
                _ = try LibraryDescription(parsing: String(decoding: text, as: UTF8.self))
                accepted += 1
            } catch {
                #expect(!error.problems.isEmpty)
            }
        }
        // Some mutations change nothing that matters; if none were accepted, the seeds themselves would be wrong.
        #expect(accepted > 0)
    }

    /// Functions of the fixture that no argument which fits its type can hurt.
    static let functions = [
        "echo_int8", "echo_uint64", "echo_float32", "echo_bool", "sum_bytes", "sum_doubles", "first_of_three",
        "total_length", "text_length", "repeat", "repeat_short", "overstate", "add_one", "mirror", "swap", "weigh",
        "next_colour", "make_text", "static_text", "make_bytes", "fails_with_text", "nonzero", "nothing", "sets_errno",
        "box_add", "brief_add", "count_to", "ask_tiny", "explain",
    ]

    static func value(_ generator: inout Generator, depth: Int = 0) -> Value {
        switch Int.random(in: 0..<(depth > 2 ? 9 : 12), using: &generator) {
        case 0: .null
        case 1: .bool(Bool.random(using: &generator))
        case 2: .integer(Int64.random(in: -3...300, using: &generator))
        case 3: .integer(Int64(bitPattern: generator.next()))
        case 4: .unsigned(generator.next() | 1 << 63)
        case 5: .real(Double(bitPattern: generator.next()))
        case 6: .text(["", "green", "a\u{0}b", "12", "héllo"].randomElement(using: &generator) ?? "")
        case 7: .bytes((0..<Int.random(in: 0...70, using: &generator)).map { UInt8($0) })
        case 8: .floats([1, .nan])
        case 9: .list((0..<Int.random(in: 0...4, using: &generator)).map { _ in value(&generator, depth: depth + 1) })
        default:
            .record(
                ["tag", "x", "y", "name", "marks", "first", "second", "ratio", "count", "flag"].compactMap { name in
                    Int.random(in: 0..<9, using: &generator) == 0
                        ? nil : Member(name, value(&generator, depth: depth + 1))
                })
        }
    }

    @Test("No arguments, however wrong, do more than be refused", .timeLimit(.minutes(30)))
    func arguments() throws {
        let library = try Fixture.open()
        let description = try LibraryDescription(parsing: try Fixture.text())
        var generator = Generator(state: 20_251_125)
        var answered = 0
        for _ in 0..<Self.rounds * 3 {
            let name = Self.functions.randomElement(using: &generator) ?? ""
            var arguments = (description.function(name)?.arguments ?? []).compactMap { argument -> Member? in
                Int.random(in: 0..<12, using: &generator) == 0 ? nil : Member(argument.name, Self.value(&generator))
            }
            // Mostly what is exposed and nothing else, so that many get through.
            if Int.random(in: 0..<8, using: &generator) > 0 {
                let exposed = Set(description.function(name)?.exposed.map(\.name) ?? [])
                arguments.removeAll { !exposed.contains($0.name) }
            }
            do throws(CallFailure) {
                _ = try library.runner.call(library.instance, name, arguments, CallTerms())
                answered += 1
            } catch {
                #expect(!error.message.isEmpty)
            }
        }
        #expect(answered > Self.rounds / 20)
        library.close()
    }

    @Test("No frame, however spoilt, does more than be refused")
    func frames() {
        var generator = Generator(state: 1)
        let frame = ChildRequest.call(
            id: 1, instance: 2, function: "f", arguments: (0..<8).map { _ in Member("a", Self.value(&generator)) },
            dimensions: 3
        ).frame
        for _ in 0..<Self.rounds * 3 {
            var spoilt = frame
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                spoilt[Int.random(in: 0..<spoilt.count, using: &generator)] = UInt8.random(
                    in: 0...255, using: &generator)
            }
            // Whatever it is read as, it can be written again.
            if let request = ChildRequest(frame: spoilt) { #expect(!request.frame.isEmpty) }
        }
    }
}
