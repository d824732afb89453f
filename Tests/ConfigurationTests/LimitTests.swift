import Testing

@testable import HostConfiguration

@Suite("Limits")
struct LimitTests {
    private func limits(_ text: String) throws -> [Limit: Int] {
        let spec = "groupRef: {name: tools}\nincomingAuth: {type: anonymous}\nconfig:\n" + indented(text)
        let front = resource("VirtualMCPServer", "mine", spec: spec)
        let result = try load(documents(surroundings, front)) { $0.name = "mine" }
        #expect(result.errors.map(\.description) == [])
        return try #require(result.configuration).operational.limits
    }

    @Test("Every limit is read, at both ends of its range", arguments: Limit.allCases)
    func read(limit: Limit) throws {
        for value in [limit.range.lowerBound, limit.range.upperBound] {
            #expect(try limits("operational: {limits: {\(limit.rawValue): \(value)}}") == [limit: value])
        }
    }

    @Test("What is not set is left to the default")
    func absent() throws {
        #expect(try limits("operational: {limits: {}}").isEmpty)
        #expect(try limits("operational: {logLevel: debug}").isEmpty)
    }

    @Test("One beyond its range is an error with its place and the range", arguments: Limit.allCases)
    func beyond(limit: Limit) throws {
        for value in [limit.range.lowerBound - 1, limit.range.upperBound + 1] {
            let text = document("operational:\n  limits:\n    \(limit.rawValue): \(value) #!")
            try Violation.file(
                limit.rawValue, text, "operational.limits.\(limit.rawValue)",
                "\(limit.range.upperBound), found \(value)"
            ).check()
        }
    }

    static let wrong: [Violation] = [
        .file(
            "a unit", document("operational:\n  limits:\n    requestBytes: 8Mi #!"), "operational.limits.requestBytes",
            "expected an integer"),
        .file(
            "a name of ToolHive's style", document("operational:\n  limits:\n    session: 5 #!"),
            "operational.limits.session", "did you mean `sessions`?"),
        .file("a list", document("operational:\n  limits: [1] #!"), "operational.limits", "expected a mapping"),
    ]

    @Test("What is no limit is an error that says what is expected", arguments: wrong)
    func malformed(violation: Violation) throws { try violation.check() }
}
