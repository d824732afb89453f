import ClaimExpressions
import PluginKit
import Testing

@testable import OutgoingAuthCore

@Suite("Conditions over claims")
struct ClaimExpressionTests {
    private static let claims = """
        {"sub":"diana","groups":["admins","dev"],"level":7,"ratio":0.5,"ok":true,"nothing":null,"org":{"unit":"a b","n":[1,2]},\
        "https://example.com/team":"x\\"y","e":"\\u00e9"}
        """

    private func holds(_ text: String) throws -> Bool {
        let claims = try JSONValue(json: Array(Self.claims.utf8))
        return try ClaimExpression(text).holds(for: claims)
    }

    @Test(
        "An expression holds",
        arguments: [
            #"claims.sub == "diana""#, #"claims.sub == 'diana'"#, "claims.sub != 'other'", "'admins' in claims.groups",
            "!('nobody' in claims.groups)", "claims.level > 6", "claims.level < 7.5", "claims.ratio == 0.5",
            "claims.level == 7.0",
            "-1 < claims.level", "claims.ok", "!!claims.ok", "has(claims.org.unit)", "!has(claims.org.name)",
            "has(claims.nothing) && claims.nothing == null", "claims.org.unit.startsWith('a')",
            "claims.sub.endsWith(\"na\")", "claims.sub.contains('ian') && claims.sub.contains('')",
            "claims.sub.matches('^d[a-z]+a$')", "claims.sub.matches('i.n')", "claims['sub'] == 'diana'",
            #"claims["https://example.com/team"] == "x\"y""#, "claims.groups[1] == 'dev'", "claims.org.n == [1, 2,]",
            "claims.sub in ['bob', 'diana']", "'unit' in claims.org", "'b' > 'a' && 'a' < 'b'",
            "claims.gone == 'x' || claims.ok", "claims.ok || claims.gone == 'x'", "!(claims.gone == 'x' && !claims.ok)",
            "claims.level != 'seven'", "(claims.sub == 'x' || claims.ok) && claims.level == 7",
            "claims.sub == 'x' && claims.ok || true", "claims.e == 'é'", "claims.e != 'e\u{301}'",
        ])
    func holdsTrue(text: String) throws { #expect(try holds(text)) }

    @Test(
        "An expression does not hold",
        arguments: [
            "claims.sub == 'Diana'", "'nobody' in claims.groups", "claims.level > 7", "claims.level < 7", "!claims.ok",
            "has(claims.gone)", "claims.sub.matches('^i')", "claims.gone == 'x' && false",
            "false && claims.gone == 'x'",
            "claims.org == claims.groups", "true && false || false", "claims.sub.startsWith('diana!')",
        ])
    func holdsFalse(text: String) throws { #expect(try !holds(text)) }

    @Test(
        "An expression without a value says why, and holds no claim",
        arguments: [
            ("claims.gone == 'x'", "gone"), ("claims.sub", "truth value"), ("claims.gone || false", "gone"),
            ("claims.level < 'a'", "<"), ("'a' in claims.sub", "in"), ("claims.level.startsWith('7')", "startsWith"),
            ("has(claims.sub.x)", "has()"), ("claims.groups[2] == 'x'", "no such element"),
            ("claims.sub.matches(claims.org.unit + '')", ""), ("!claims.sub", "truth value"),
        ])
    func failure(text: String, words: String) throws {
        do {
            let value = try holds(text)
            Issue.record("expected no value, found \(value)")
        } catch let error as ClaimExpression.Failure {
            #expect(error.why.contains(words) && !error.why.contains("diana"))
        } catch let error as PluginError {
            #expect(text.contains("+") && error.message.contains("`+`"))
        }
    }

    @Test(
        "What is not part of the subset is refused with its name",
        arguments: [
            ("claims.level >= 7", "`>=`"), ("claims.level <= 7", "`<=`"), ("claims.level + 1 == 8", "`+`"),
            ("claims.level - 1 == 8", "`-`"), ("claims.level * 1 == 8", "`*`"), ("claims.ok ? true : false", "`?`"),
            ("size(claims.groups) == 2", "`size`"), ("claims.groups.size() == 2", "`size`"),
            ("claims.groups.exists(g, g == 'x')", "`exists`"), ("claims.groups.all(g, true)", "`all`"),
            ("{'a': 1} == claims.org", "`{`"), ("int(claims.level) == 7", "`int`"),
            ("request.auth == 'x'", "`request`"),
            ("timestamp(claims.iat) < now", "`timestamp`"), ("claims.sub.lowerAscii() == 'x'", "`lowerAscii`"),
            ("claims.", "the end"), ("", "the end"), ("claims.ok)", "`)`"), ("(claims.ok", "`)`"),
            ("claims.sub == 'x", "end of the text"), ("claims.sub == 'a\\u0041'", "escape"), ("has(claims)", "has()"),
            ("claims.sub.matches('[')", "regular expression"), ("claims.ok & true", "byte 10"),
            ("1.2.3 == 1", "number"),
            ("12ab == 1", "number"), (String(repeating: "(", count: 100), "nesting"), ("claims.ok true", "`true`"),
            (String(repeating: "!", count: 5_000), "4096"), ("claims.sub[0:1] == 'd'", "`:`"), ("r'x' == 'x'", "`r`"),
        ])
    func refused(text: String, words: String) {
        let error = #expect(throws: PluginError.self) { try ClaimExpression(text) }
        #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
    }
}
