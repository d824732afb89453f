import Testing

@testable import HostDescribed

@Suite("The language of descriptions")
struct LanguageTests {
    struct Refusal: Sendable, CustomTestStringConvertible {
        let reason: DescriptionProblem.Reason
        let line: Int
        let text: String
        var testDescription: String { "\(reason.rawValue): \(text.split(separator: "\n").last ?? "")" }

        init(_ reason: DescriptionProblem.Reason, _ line: Int, _ function: String, more: String = "") {
            self.reason = reason
            self.line = line
            text = Fixture.describe(function, more: more)
        }
    }

    static let refusals: [Refusal] = [
        // Line 7 is that of the function; `more` stands on line 5 and pushes it down when it is longer.
        Refusal(.varargs, 7, "f: {arguments: [format: cstring, ...]}"),
        Refusal(.varargs, 7, "f: {arguments: [rest: ...]}"),
        Refusal(.structByValue, 7, "f: {arguments: [x: value large]}", more: "structs: {large: [a: 'uint8[65]']}"),
        Refusal(.unknownLength, 7, "f: {arguments: [data: bytes]}"),
        Refusal(.unknownLength, 7, "f: {arguments: [data: 'bytes[size]', size: float32]}"),
        Refusal(.unknownLength, 7, "f: {arguments: [data: 'out bytes[size]', size: out uint32]}"),
        Refusal(
            .callbackKeptForEver, 7, "f: {arguments: [c: {type: note, scope: forever}]}", more: "callbacks: {note: {}}"),
        Refusal(
            .callbackKeptForEver, 7, "f: {arguments: [c: {type: note, scope: until-close}]}",
            more: "callbacks: {note: {}}"),
        Refusal(.unboundPointer, 7, "f: {arguments: [p: pointer]}"),
        Refusal(.unboundPointer, 7, "f: {returns: pointer}"),
        Refusal(.unboundPointer, 7, "f: {arguments: [p: out pointer]}"),
        Refusal(
            .unboundPointer, 7, "f: {arguments: [c: note]}",
            more: "callbacks: {note: {context: user, arguments: [user: pointer]}}"),
        Refusal(.ownershipMissing, 7, "f: {returns: cstring}"),
        Refusal(.ownershipMissing, 7, "f: {arguments: [t: out cstring]}"),
        Refusal(.ownershipMissing, 7, "f: {returns: 'bytes[4]'}"),
        Refusal(.unsupportedElement, 7, "f: {arguments: [p: 'pointer[3]']}"),
        Refusal(.unsupportedElement, 7, "f: {arguments: [t: {type: 'out cstring[3]', ownership: static}]}"),
        Refusal(.unsupportedElement, 7, "f: {arguments: [s: 'pair[2]']}", more: "structs: {pair: [a: int32]}"),
        Refusal(.unsupportedElement, 5, "f: {}", more: "structs: {nested: [p: pointer]}"),
        Refusal(.wrongDirection, 7, "f: {arguments: [t: inout cstring]}"),
        Refusal(.wrongDirection, 7, "f: {returns: out int32}"),
        Refusal(.wrongDirection, 7, "f: {arguments: [n: {type: out int32, value: 3}]}"),
        Refusal(.unknownType, 7, "f: {arguments: [n: integer]}"),
        Refusal(.unknownArgument, 7, "f: {arguments: [data: 'bytes[lenght]', length: size]}"),
        Refusal(.unknownArgument, 7, "f: {arguments: [n: {type: int32, value: length(missing)}]}"),
        Refusal(.unknownArgument, 7, "f: {arguments: [b: {type: 'out bytes[9]', used: n}, n: int32]}"),
        Refusal(.unknownHandle, 7, "f: {arguments: [p: {type: pointer, value: handle(db)}]}"),
        Refusal(.unknownSource, 7, "f: {arguments: [t: {type: cstring, value: '{config.path}'}]}"),
        Refusal(.unknownSource, 7, "f: {arguments: [t: {type: cstring, value: '{request.url}'}]}"),
        Refusal(.circular, 7, "f: {arguments: [a: {type: int32, value: b}, b: {type: int32, value: a + 1}]}"),
        Refusal(.duplicateName, 7, "f: {arguments: [a: int32, a: int32]}"),
        Refusal(.badName, 7, "f: {symbol: 'not-a-symbol'}"),
        Refusal(.badName, 7, "f: {arguments: [result: int32]}"),
        Refusal(.badName, 5, "f: {}", more: "enums: {int32: {a: 1}}"),
        Refusal(.badType, 7, "f: {arguments: [a: int32?]}"),
        Refusal(.badType, 7, "f: {arguments: [a: 'int32[']}"),
        Refusal(.badType, 7, "f: {arguments: [a: 'bytes[]']}"),
        Refusal(.badType, 7, "f: {arguments: [a: value int32]}"),
        Refusal(.badExpression, 7, "f: {arguments: [a: {type: int32, value: 1 +}]}"),
        Refusal(.badExpression, 7, "f: {arguments: [a: {type: cstring, value: 'x{config.a'}]}"),
        Refusal(.badValue, 7, "f: {arguments: [a: {type: int8, value: 300}]}"),
        Refusal(.badValue, 7, "f: {arguments: [a: {type: bool, value: 1}]}"),
        Refusal(.badValue, 7, "f: {arguments: [a: {type: cstring, value: null}]}"),
        Refusal(.badValue, 7, "f: {arguments: [a: {type: int32, minimum: 5, maximum: 4}]}"),
        Refusal(.badValue, 7, "f: {arguments: [a: {type: cstring, minimum: 5}]}"),
        Refusal(.badValue, 7, "f: {returns: {type: uint32, error: negative}}"),
        Refusal(.badValue, 7, "f: {returns: {type: int32, error: 'null'}}"),
        Refusal(.badValue, 7, "f: {returns: {type: int32, error: sometimes}}"),
        Refusal(.badValue, 7, "f: {returns: {type: int32, message: errno}}"),
        Refusal(.unknownFunction, 7, "f: {returns: {type: int32, error: nonzero, message: words}}"),
        Refusal(.wrongRole, 7, "f: {returns: {type: int32, error: nonzero, message: f}}"),
        Refusal(.unknownKey, 7, "f: {argument: []}"),
        Refusal(.unknownKey, 7, "f: {arguments: [a: {type: int32, vlaue: 3}]}"),
        Refusal(.missingKey, 7, "f: {arguments: [a: {value: 3}]}"),
        Refusal(.wrongKind, 7, "f: {arguments: {a: int32}}"),
        Refusal(.wrongKind, 7, "f: {arguments: [int32]}"),
        Refusal(.wrongKind, 7, "f: [1]"),
        Refusal(.unknownFunction, 5, "f: {}", more: "handles: {db: {open: g}}"),
        Refusal(.wrongRole, 5, "f: {returns: int32}", more: "handles: {db: {open: f}}"),
        Refusal(.wrongRole, 5, "f: {arguments: [n: int32], returns: pointer}", more: "handles: {db: {open: f}}"),
        Refusal(.badValue, 7, "f: {threads: serial}"),
        Refusal(.unknownArgument, 7, "f: {probe: {arguments: {n: 1}}}"),
        Refusal(.limit, 7, "f: {arguments: [\((0..<65).map { "a\($0): int32" }.joined(separator: ", "))]}"),
        Refusal(.badValue, 5, "f: {}", more: "configuration: {key: {type: secret, default: x}}"),
        Refusal(.badValue, 5, "f: {}", more: "enums: {tiny: {type: int8, values: {a: 200}}}"),
        Refusal(.badValue, 5, "f: {}", more: "constants: {a: 3.5}"),
    ]

    @Test("What cannot be bound is refused with its reason and its line", arguments: refusals)
    func refused(_ refusal: Refusal) throws {
        let error = #expect(throws: DescriptionError.self) { try LibraryDescription(parsing: refusal.text) }
        let found = error?.problems.first { $0.reason == refusal.reason }
        #expect(found != nil, "\(error?.description ?? "accepted")")
        // What a check of the whole finds has the place of the function, or none.
        if let place = found?.place { #expect(place.line == refusal.line, "\(found?.description ?? "")") }
    }

    @Test("Every problem is reported at once, each with line and column")
    func all() throws {
        let error = #expect(throws: DescriptionError.self) {
            try LibraryDescription(
                parsing: Fixture.describe(
                    """
                    f: {arguments: [data: bytes]}
                      g: {arguments: [x: nonsense], colour: red}
                    """))
        }
        #expect(
            error?.problems.map { "\($0.reason.rawValue) \($0.place?.line ?? 0):\($0.place?.column ?? 0) \($0.path)" }
                == [
                    "unknownLength 7:25 functions.f.arguments.0.data", "unknownKey 8:33 functions.g",
                    "unknownType 8:22 functions.g.arguments.0.x",
                ])
    }

    @Test("A provider that is promised and missing is refused, and so is one that is there and not promised")
    func providers() {
        func reasons(_ provides: String, _ more: String) -> [DescriptionProblem.Reason] {
            let text = "id: a\nversion: 1.0.0\nlibrary: l.so\nprovides: [\(provides)]\n\(more)\n"
            do throws(DescriptionError) {
                _ = try LibraryDescription(parsing: text)
                return []
            } catch {
                return error.problems.map(\.reason)
            }
        }
        let plain = "functions: {f: {returns: int32}}"
        let tool = "functions: {f: {returns: int32, tool: Does}}"
        #expect(reasons("vmcp.backend/1", tool) == [])
        #expect(reasons("vmcp.backend/1", plain) == [.wrongRole])
        #expect(reasons("", tool) == [.wrongRole])
        #expect(reasons("vmcp.auth/1", plain) == [.wrongRole])
        #expect(reasons("vmcp.embedding/1", plain) == [.wrongRole])
        #expect(reasons("vmcp.health/1", plain) == [.wrongRole])
        #expect(reasons("vmcp.auth/1", "auth: {function: f, headers: {X-A: '{result}'}}\n" + plain) == [])
        #expect(reasons("vmcp.auth/1", "auth: {function: f, headers: {X-A: '{other}'}}\n" + plain) == [.unknownSource])
        #expect(reasons("vmcp.auth/1", "auth: {function: f, headers: {'X A': a}}\n" + plain) == [.badName])
        #expect(
            reasons("vmcp.auth/1", "auth: {function: f, headers: {X-A: a}, cache: backend}\n" + plain) == [.missingKey])
    }

    @Test(
        "Expressions are worked out as in school, and what has no value is no value",
        arguments: [
            ("1 + 2 * 3", 7), ("(1 + 2) * 3", 9), ("10 - 2 - 3", 5), ("-4 + a", 3), ("length(b) / 2", 5), ("0x10", 16),
            ("9223372036854775807 + 1", nil), ("1 / 0", nil), ("c", nil), ("-9223372036854775807 - 2", nil),
        ] as [(String, Int64?)])
    func expressions(text: String, expected: Int64?) throws {
        let expression = try Expression(parsing: text)
        let value: Int64?
        do throws(Expression.Fault) {
            value = try expression.evaluate(value: { $0 == "a" ? 7 : nil }, length: { $0 == "b" ? 10 : nil })
        } catch {
            value = nil
        }
        #expect(value == expected)
    }

    @Test("A text of brackets is refused and does not use up the stack", arguments: ["(", "-", "1+("])
    func deep(piece: String) {
        #expect(throws: Cursor.Misfit.self) { try Expression(parsing: String(repeating: piece, count: 100_000)) }
    }

    @Test("Structures are laid out as C lays them out")
    func layout() throws {
        let library = try LibraryDescription(parsing: try Fixture.text())
        guard case .structure(let point)? = library.function("mirror")?.arguments.first?.type.base else {
            throw CallFailure(.badArgument, "no structure")
        }
        #expect(point.fields.map(\.offset) == [0, 8, 16, 24, 32])
        #expect(point.size == 40)
    }

    @Test("Templates keep what is not a place, and a single place keeps its kind")
    func templates() throws {
        #expect(
            try Template(parsing: "a{{b} {config.x}").parts == [.text("a{b} "), .source("config.x")])
        #expect(try Template(parsing: "{config.x}").single == "config.x")
        #expect(try Template(parsing: "").constant == "")
        #expect(throws: Cursor.Misfit.self) { try Template(parsing: "{a b}") }
    }
}
