import Gateway
import Testing

@Suite("URI templates")
struct URITemplateTests {
    @Test(
        "A template matches its expansions",
        arguments: [
            ("u:x", "u:x"), ("u:{a}", "u:1"), ("u:{a}", "u:"), ("u:{a}", "u:a%20b"), ("u:{a}", "u:New York,US"),
            ("u:{a}/{b}", "u:1/2"), ("{a}{b}", "xy"), ("u:{a,b}", "u:1,2"), ("u:{a:3}/x", "u:abc/x"),
            ("u:{+a}", "u:1/2?x#y"), ("u:{+a}/end", "u:1/end/2/end"), ("u:{#a}", "u:#x/y"), ("u:{#a}", "u:"),
            ("u:x{.a}", "u:x.json"), ("u:x{.a}", "u:x"), ("u:x{/a}", "u:x/1"), ("u:x{/a}", "u:x"),
            ("u:x{/a,b}", "u:x/1/2"), ("u:x{/a*}", "u:x/1/2/3"), ("u:x{;a,b}", "u:x;a=1;b=2"),
            ("u:x{?q}", "u:x?q=1"), ("u:x{?q}", "u:x"), ("u:x{?q,l}", "u:x?l=2&q=1"), ("u:x{?q}", "u:x?q="),
            ("u:x{?q}", "u:x?q=a=b/c?d"), ("u:x{?p*}", "u:x?any=1&other=2"), ("u:x?f=1{&q}", "u:x?f=1&q=2"),
            ("u:x{?q}{#f}", "u:x?q=1#f"), ("u:{user-id}", "u:7"), ("u:/{a}/lit/{b}{?q}", "u:/1/lit/2?q=3"),
            ("grüße:{a}", "grüße:x"),
        ])
    func matching(template: String, uri: String) throws {
        #expect(try URITemplate(template).matches(Array(uri.utf8)))
    }

    @Test(
        "A template does not match what it cannot produce",
        arguments: [
            ("u:x", "u:xy"), ("u:x", "u:"), ("u:{a}", "v:1"), ("u:{a}", "u:1/2"), ("u:{a}", "u:1?x"),
            ("u:{a}", "u:1#x"), ("u:{a}/{b}", "u:1"), ("u:{a}/x", "u:1/y"), ("u:x{/a}", "u:x/1/2"),
            ("u:x{/a*}", "u:x/1?y"), ("u:x{.a}", "u:xjson"), ("u:x{?q}", "u:x?other=1"), ("u:x{?q}", "u:x?qq=1"),
            ("u:x{?q}", "u:x?q=1&r=2"), ("u:x{?q}", "u:x&q=1"), ("u:x{?q}", "u:x?q=1#f"), ("u:x{?q}", "u:x?"),
            ("u:x{&q}", "u:x?q=1"), ("u:x{#a}", "u:xy"), ("u:x{;a}", "u:x/a"),
        ])
    func notMatching(template: String, uri: String) throws {
        #expect(try !URITemplate(template).matches(Array(uri.utf8)))
    }

    @Test(
        "Text that is not a template is refused with its reason",
        arguments: [
            "{", "}", "a{b", "a}b", "{a{b}}", "{}", "{a,}", "{=a}", "{a b}", "{a:}", "{a:x}", "{a:12345}", "{+}",
        ])
    func malformed(text: String) {
        #expect(throws: URITemplate.Malformed.self) { try URITemplate(text) }
    }

    @Test("A template and a URI made to confuse a backtracking matcher are answered all the same")
    func hostile() throws {
        let template = try URITemplate("u:" + String(repeating: "{+a}x", count: 200) + "end")
        #expect(!template.matches(Array(("u:" + String(repeating: "x", count: 8000)).utf8)))
        let query = try URITemplate("{+a}{?x}y")
        #expect(!query.matches(Array(String(repeating: "?x=", count: 2600).utf8)))
    }

    @Test("URIs over 8192 bytes are not matched")
    func tooLong() throws {
        let template = try URITemplate("{+a}")
        #expect(template.matches(Array(repeating: UInt8(ascii: "x"), count: 8192)))
        #expect(!template.matches(Array(repeating: UInt8(ascii: "x"), count: 8193)))
    }
}
