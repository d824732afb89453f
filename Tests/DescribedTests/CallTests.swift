import Foundation
import Testing

@testable import HostDescribed

@Suite("Calls of described functions")
struct CallTests {
    static let extremes: [(String, Value)] = [
        ("int8", .integer(-128)), ("uint8", .integer(255)), ("int16", .integer(-32_768)), ("uint16", .integer(65_535)),
        ("int32", .integer(-2_147_483_648)), ("uint32", .integer(4_294_967_295)), ("int64", .integer(.min)),
        ("uint64", .unsigned(.max)), ("float32", .real(1.5)), ("float64", .real(-1e300)), ("bool", .bool(true)),
        ("bool", .bool(false)), ("int8", .integer(127)), ("int64", .integer(.max)),
    ]

    @Test("Every scalar goes in and comes back as it was", arguments: extremes)
    func scalars(name: String, value: Value) throws {
        let library = try Fixture.open()
        #expect(try library.call("echo_\(name)", ("value", value)) == [Member("result", value)])
        library.close()
    }

    @Test(
        "A number that does not fit is refused before the call",
        arguments: [
            ("int8", .integer(128)), ("uint8", .integer(-1)), ("uint64", .integer(-1)), ("int64", .unsigned(.max)),
            ("float32", .real(1e300)), ("int32", .real(1.5)), ("bool", .integer(1)), ("int32", .text("x")),
            ("int32", .null), ("float64", .real(.infinity)),
        ] as [(String, Value)])
    func misfits(name: String, value: Value) throws {
        let library = try Fixture.open()
        #expect(library.failure("echo_\(name)", ("value", value))?.kind == .badArgument)
        library.close()
    }

    @Test("Sixteen arguments of mixed types arrive where they belong")
    func many() throws {
        let library = try Fixture.open()
        let names = "abcdefghijklmnop".map(String.init)
        let arguments = names.enumerated().map { Member($0.element, .integer(Int64($0.offset + 1))) }
        let answer = try library.runner.call(library.instance, "many", arguments, CallTerms())
        #expect(answer == [Member("result", .real((1...16).reduce(0.0) { $0 + Double($1 * $1) }))])
        library.close()
    }

    @Test("Buffers, arrays and texts carry their length into the argument that is told")
    func inputs() throws {
        let library = try Fixture.open()
        #expect(try library.call("sum_bytes", ("data", .bytes([1, 2, 250]))) == [Member("result", .integer(253))])
        #expect(try library.call("sum_bytes", ("data", .bytes([]))) == [Member("result", .integer(0))])
        let doubles = Value.list([.real(0.5), .integer(2)])
        #expect(try library.call("sum_doubles", ("values", doubles)) == [Member("result", .real(2.5))])
        let texts = Value.list([.text("one"), .text(""), .text("three")])
        #expect(try library.call("total_length", ("texts", texts)) == [Member("result", .integer(8))])
        #expect(try library.call("text_length", ("text", .null)) == [Member("result", .integer(999))])
        #expect(try library.call("text_length") == [Member("result", .integer(999))])
        #expect(try library.call("text_length", ("text", .text("é"))) == [Member("result", .integer(2))])
        let three = Value.list([.integer(5), .integer(6), .integer(7)])
        #expect(try library.call("first_of_three", ("values", three)) == [Member("result", .integer(5))])
        library.close()
    }

    @Test("What does not fit the description never reaches the library")
    func refused() throws {
        let library = try Fixture.open()
        #expect(
            library.failure("first_of_three", ("values", .list([.integer(1)])))?.message.contains("expected 3 elements")
                == true)
        #expect(library.failure("text_length", ("text", .text("a\u{0}b")))?.message.contains("U+0000") == true)
        #expect(library.failure("sum_bytes", ("data", .bytes([1])), ("size", .integer(9)))?.kind == .badArgument)
        #expect(library.failure("sum_bytes")?.message.contains("'data': missing") == true)
        #expect(library.failure("sum_bytes", ("date", .bytes([])))?.kind == .badArgument)
        #expect(
            library.failure("divide", ("value", .integer(101)), ("by", .integer(1)))?.message.contains("at most")
                == true)
        #expect(library.failure("box_add", ("self", .integer(8)), ("by", .integer(1)))?.kind == nil)
        #expect(library.failure("squares", ("room", .integer(-1)))?.kind == .badArgument)
        #expect(library.failure("squares", ("room", .integer(.max)))?.kind == .badArgument)
        #expect(library.failure("none")?.kind == .badArgument)
        library.close()
    }

    @Test("Outputs come back, arrays as far as they were filled")
    func outputs() throws {
        let library = try Fixture.open()
        #expect(
            try library.call("divide", ("value", .integer(-7)), ("by", .integer(2)))
                == [Member("quotient", .integer(-3)), Member("remainder", .integer(-1))])
        #expect(
            try library.call("repeat", ("byte", .integer(7)), ("times", .integer(4)))
                == [Member("out", .bytes([7, 7, 7, 7])), Member("size", .integer(4))])
        #expect(library.failure("repeat_short", ("byte", .integer(7)), ("times", .integer(4)))?.kind == .failed)
        #expect(library.failure("overstate")?.message.contains("1000 elements, with room for 8") == true)
        let squares = [0, 1, 4, 9, 16].map { Value.integer($0) }
        #expect(try library.call("squares", ("room", .integer(9))) == [Member("out", .list(squares))])
        #expect(try library.call("squares", ("room", .integer(2))) == [Member("out", .list(Array(squares[..<2])))])
        #expect(
            try library.call("add_one", ("values", .list([.integer(1), .integer(-1)])))
                == [Member("values", .list([.integer(2), .integer(0)]))])
        library.close()
    }

    @Test("Structures go by pointer and by value, enums by name")
    func structures() throws {
        let library = try Fixture.open()
        func point(_ x: Double, _ y: Double, _ name: String, _ mark: Int64) -> Value {
            .record([
                Member("tag", .integer(9)), Member("x", .real(x)), Member("y", .real(y)), Member("name", .text(name)),
                Member("marks", .list([.integer(mark), .integer(2), .integer(3)])),
            ])
        }
        #expect(
            try library.call("mirror", ("from", point(1.5, 2.5, "from", 1)))
                == [Member("to", point(-1.5, -2.5, "mirrored", 2))])
        #expect(library.failure("mirror", ("from", .record([])))?.message.contains("an object with 'tag'") == true)
        let pair = Value.record([Member("first", .real(1)), Member("second", .real(2))])
        let swapped = Value.record([Member("first", .real(2)), Member("second", .real(1))])
        #expect(try library.call("swap", ("value", pair)) == [Member("result", swapped)])
        let mixed = Value.record([
            Member("ratio", .real(0.5)), Member("count", .integer(6)), Member("flag", .integer(1)),
        ])
        #expect(try library.call("weigh", ("value", mixed), ("by", .integer(10))) == [Member("result", .real(31))])
        #expect(try library.call("next_colour", ("colour", .text("green"))) == [Member("result", .text("blue"))])
        #expect(try library.call("next_colour", ("colour", .text("blue"))) == [Member("result", .integer(77))])
        #expect(
            library.failure("next_colour", ("colour", .text("mauve")))?.message.contains("red, green, blue") == true)
        library.close()
    }

    @Test("What the library allocates is read once and freed once, also after a failure")
    func ownership() throws {
        let library = try Fixture.open()
        func freed() throws -> Int64 {
            guard case .integer(let count)? = try library.call("freed_count").first?.value else { return -1 }
            return count
        }
        let before = try freed()
        #expect(try library.call("make_text", ("text", .text("mine"))) == [Member("result", .text("mine"))])
        #expect(try library.call("out_text") == [Member("text", .text("out"))])
        #expect(try library.call("make_bytes") == [Member("result", .bytes([0, 1, 254, 255]))])
        #expect(try freed() == before + 3)
        #expect(try library.call("static_text", ("number", .integer(1))) == [Member("result", .text("static"))])
        #expect(try library.call("static_text", ("number", .integer(0))) == [Member("result", .null)])
        #expect(library.failure("static_text_always", ("number", .integer(0)))?.kind == .badResult)
        #expect(try freed() == before + 3)
        library.close()
    }

    @Test("Each convention for failures is understood, with the library's words")
    func failures() throws {
        let library = try Fixture.open()
        #expect(try library.call("nonzero", ("code", .integer(0))) == [])
        #expect(
            library.failure("nonzero", ("code", .integer(3)))
                == CallFailure(.failed, "nonzero failed with 3: three is too many", code: 3))
        #expect(library.failure("negative", ("code", .integer(-2)))?.message == "negative failed with -2")
        #expect(try library.call("negative", ("code", .integer(2))) == [Member("result", .integer(2))])
        #expect(library.failure("zero", ("code", .integer(0)))?.kind == .failed)
        #expect(library.failure("nothing", ("really", .integer(1)))?.kind == .failed)
        #expect(try library.call("nothing", ("really", .integer(0))) == [])
        #expect(
            library.failure("sets_errno", ("number", .integer(2)))?.message
                == "sets_errno failed with -1: No such file or directory")
        library.close()
    }

    @Test("Handles of an instance stay open until it ends; those of a call end with it")
    func handles() throws {
        let library = try Fixture.open()
        func boxes() throws -> Value? { try library.call("boxes").first?.value }
        let before = try boxes()
        #expect(try library.call("box_add", ("by", .integer(5))) == [Member("result", .integer(15))])
        #expect(try library.call("box_add", ("by", .integer(5))) == [Member("result", .integer(20))])
        #expect(try library.call("brief_add", ("by", .integer(1))) == [Member("result", .integer(101))])
        #expect(try library.call("brief_add", ("by", .integer(1))) == [Member("result", .integer(101))])
        #expect(try boxes() == before)
        let second = try library.runner.open(Fixture.values)
        library.close()
        #expect(library.failure("boxes")?.kind == .unavailable)
        library.runner.close(second)
    }

    @Test("A handle that does not open keeps the instance from opening, and nothing is left open")
    func refusedHandle() throws {
        let library = try LoadedLibrary(try LibraryDescription(parsing: try Fixture.text()), at: try Fixture.library())
        #expect(throws: CallFailure.self) { try library.open(["box_open": [Member("value", .integer(-1))]]) }
        #expect(throws: CallFailure.self) { try library.open([:]) }
    }

    @Test("`init` is called once, before everything else")
    func initializer() throws {
        let library = try Fixture.open()
        let second = try library.runner.open(Fixture.values)
        let count = try library.call("initialized_count").first?.value
        _ = try library.runner.open(Fixture.values)
        #expect(try library.call("initialized_count").first?.value == count)
        library.runner.close(second)
        library.close()
    }

    @Test(
        "Bytes become text as their encoding says, and only what it can hold",
        arguments: [
            (.base64, [0, 255], "AP8="), (.hex, [0, 255], "00ff"), (.utf8, [104, 105], "hi"), (.utf8, [255], nil),
            (.text, [104, 105, 0, 255], "hi"), (.text, [104, 105], "hi"), (.text, [0], ""), (.text, [255, 0], nil),
        ] as [(ArgumentDescription.Encoding, [UInt8], String?)])
    func encodings(encoding: ArgumentDescription.Encoding, bytes: [UInt8], text: String?) {
        #expect(ByteText.encode(bytes, encoding) == text)
        if let text, encoding != .text { #expect(ByteText.decode(text, encoding) == bytes) }
    }

    @Test("What the library does not have is refused at load, with the linker's words or the symbol")
    func missing() throws {
        func problems(_ function: String, at path: String) throws -> [DescriptionProblem] {
            let description = try LibraryDescription(parsing: Fixture.describe(function))
            do throws(DescriptionError) {
                _ = try LoadedLibrary(description, at: path)
                return []
            } catch {
                return error.problems
            }
        }
        let library = try Fixture.library()
        let absent = try problems("absent: {}\n  gone: {}", at: library)
        #expect(absent.map(\.reason) == [.missingSymbol, .missingSymbol])
        #expect(absent.first?.place?.line == 7 && absent.first?.text.contains("'absent'") == true)
        #expect(
            try problems("f: {symbol: boxes, returns: {type: cstring, free: gone}}", at: library).first?.reason
                == .missingSymbol)
        // Of a library that this one needs, and not of this one.
        #expect(
            try problems("strlen: {arguments: [t: cstring], returns: size}", at: library).first?.reason
                == .missingSymbol)
        let nowhere = try problems("f: {}", at: "libnowhere.so.9")
        #expect(nowhere.first?.reason == .notLoadable)
        #expect(nowhere.first?.text.contains("libnowhere.so.9: cannot open shared object file") == true)
        let text = try problems("f: {}", at: Fixture.folder.appending(path: "library.c").path())
        #expect(text.first?.text.contains("no library for this machine") == true)
    }
    @Test(
        "What the dynamic linker says comes with what helps",
        arguments: [
            ("x.so: cannot make segment writable for relocation: segment prot", false, "-fPIC"),
            ("x.so: text relocations not allowed", false, "-fPIC"),
            ("x.so: wrong ELF class: ELFCLASS32", true, "machine"),
            ("x.so: undefined symbol: gone", true, "another library"),
            ("x.so: No such file or directory", false, "Install"),
            ("x.so: No such file or directory", true, "machine"),
        ])
    func advice(words: String, isThere: Bool, expected: String) {
        #expect(LibraryImage.advice(words, isThere: isThere).contains(expected))
    }

    @Test("A library of another processor is refused as one")
    func foreign() throws {
        var bytes = try Data(contentsOf: URL(filePath: try Fixture.library()))
        // e_machine (ELF, offset 18): 0xF3 is RISC-V.
        bytes[18] = 0xF3
        bytes[19] = 0
        let file = FileManager.default.temporaryDirectory.appending(path: "vmcp-foreign-\(UUID().uuidString).so")
        try bytes.write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let error = #expect(throws: DescriptionError.self) {
            try LoadedLibrary(try LibraryDescription(parsing: Fixture.describe("boxes: {}")), at: file.path)
        }
        #expect(error?.description.contains("no library for this machine") == true, "\(error?.description ?? "")")
    }
}
