import Gateway
import Testing

@Suite("Templates: Go's text/template over JSON")
struct TemplateTests {
    static let data = """
        {"params":{"city":"Oslo","n":3,"big":1234567,"id":18446744073709551617,"ratio":2.50,"yes":true,"no":false,
        "empty":"","none":null,"zero":0,"tags":["a","b","c"],"nothing":[],"m":{"b":2,"a":1},"html":"<a href='x'>&</a>",
        "json":"{\\"k\\":[1,2.0]}","my-key":"dash","text":"5"},
        "steps":{"one":{"output":{"title":"T","items":[{"x":1},{"x":2}]}},"my-id":{"output":{"v":1}}}}
        """

    static func root() throws -> TemplateValue { TemplateValue(try JSONSlice(validating: Array(data.utf8))) }

    /// Template and expansion, as Go 1.24 documents it; what is different on purpose is in the table after this one.
    static let asInGo: [(String, String)] = [
        ("plain", "plain"), ("", ""), ("{{.params.city}}", "Oslo"), ("a {{ .params.city }} b", "a Oslo b"),
        // Text and spaces.
        ("{{23 -}} < {{- 45}}", "23<45"), ("a {{- 3}} b", "a3 b"), ("a \n {{- /* c */ -}} \n b", "ab"),
        ("{{/* it's }} */}}x", "x"), ("{{ `{{` }} }", "{{ }"), ("{\"a\":{\"b\":{{.params.n}}}}", "{\"a\":{\"b\":3}}"),
        ("{{-3}}", "-3"), ("{{- -3}}", "-3"),
        // Values.
        (#"{{"a\tb\u00e9\x41\101"}}"#, "a\tbéAA"), ("{{`a\\n`}}", "a\\n"), ("{{'a'}}", "97"), ("{{'\\n'}}", "10"),
        ("{{1_000}} {{0x1F}} {{0o17}} {{017}} {{0b101}}", "1000 31 15 15 5"),
        ("{{1.5}} {{-2.25}} {{.5}}", "1.5 -2.25 0.5"),
        ("{{1e3}}", "1000"), ("{{true}} {{false}}", "true false"), ("{{$.params.city}}", "Oslo"),
        ("{{(index .steps \"my-id\").output.v}}", "1"), ("{{.params.m}}", "map[a:1 b:2]"),
        ("{{.params.tags}}", "[a b c]"), ("{{.params.yes}}", "true"), ("{{.params.none}}", "<no value>"),
        ("{{.steps.one.output.items}}", "[map[x:1] map[x:2]]"),
        // Pipelines.
        (#"{{"output" | printf "%s"}}"#, "output"), (#"{{printf "%q" "output"}}"#, #""output""#),
        (#"{{"put" | printf "%s%s" "out" | printf "%q"}}"#, #""output""#),
        (#"{{printf "%q" (print "out" "put")}}"#, #""output""#),
        (#"{{with $x := "out" | printf "%q"}}{{$x}}{{end}}"#, #""out""#),
        // Variables.
        ("{{$x := 1}}{{$x}}", "1"), ("{{$x := 1}}{{$x = 2}}{{$x}}", "2"),
        ("{{$x := 1}}{{if true}}{{$x = 2}}{{end}}{{$x}}", "2"), ("{{$x := 1}}{{if true}}{{$x := 2}}{{end}}{{$x}}", "1"),
        ("{{$m := .params.m}}{{$m.b}}", "2"),
        // Control.
        ("{{if .params.yes}}y{{else}}n{{end}}", "y"), ("{{if .params.zero}}y{{else}}n{{end}}", "n"),
        ("{{if .params.no}}1{{else if .params.empty}}2{{else if .params.n}}3{{else}}4{{end}}", "3"),
        ("{{if .params.nothing}}y{{end}}", ""), ("{{if .params.m}}y{{end}}", "y"),
        ("{{if .params.absent}}y{{else}}n{{end}}", "n"),
        ("{{with .params.city}}{{.}}{{end}}", "Oslo"), ("{{with .params.empty}}{{.}}{{else}}none{{end}}", "none"),
        ("{{with .params.empty}}a{{else with .params.city}}{{.}}{{else}}c{{end}}", "Oslo"),
        ("{{range .params.tags}}<{{.}}>{{end}}", "<a><b><c>"),
        ("{{range .params.nothing}}x{{else}}none{{end}}", "none"),
        ("{{range $i, $v := .params.tags}}{{$i}}{{$v}} {{end}}", "0a 1b 2c "),
        ("{{range $k, $v := .params.m}}{{$k}}={{$v}};{{end}}", "a=1;b=2;"),
        ("{{range $v := .params.tags}}{{$v}}{{end}}", "abc"),
        ("{{range 3}}{{.}}{{end}}", "012"), ("{{range $i := .params.n}}{{$i}}{{end}}", "012"),
        ("{{range .params.tags}}{{if eq . \"b\"}}{{continue}}{{end}}{{.}}{{end}}", "ac"),
        ("{{range .params.tags}}{{if eq . \"b\"}}{{break}}{{end}}{{.}}{{end}}", "a"),
        ("{{range .params.tags}}{{$.params.n}}{{end}}", "333"), ("{{range .params.none}}x{{else}}e{{end}}", "e"),
        ("{{define \"t\"}}[{{.}}]{{end}}{{template \"t\" .params.city}}", "[Oslo]"),
        ("{{block \"t\" .params.n}}<{{.}}>{{end}}", "<3>"), ("{{template \"t\" 1}}{{define \"t\"}}{{$}}{{end}}", "1"),
        // Functions.
        ("{{and 1 0}} {{and 1 2}} {{or 0 \"\"}}. {{or 0 2}} {{not 0}}", "0 2 . 2 true"),
        ("{{or true (index .params.tags 99)}}", "true"), ("{{and false (index .params.tags 99)}}", "false"),
        (
            "{{eq 1 1}} {{eq 1 2 1}} {{ne \"a\" \"b\"}} {{lt 1 2}} {{le 2 2}} {{gt \"b\" \"a\"}} {{ge 1 2}}",
            "true true true true true true false"
        ),
        ("{{len .params.tags}} {{len .params.m}} {{len \"aé\"}}", "3 2 3"),
        ("{{index .params.tags 1}} {{index .params.m \"a\"}} {{index .steps.one.output.items 1 \"x\"}}", "b 1 2"),
        ("{{index .params \"my-key\"}}", "dash"), ("{{slice \"hello\" 1 3}} {{slice .params.tags 1}}", "el [b c]"),
        ("{{print 1 2 \"a\" \"b\" 3}}", "1 2ab3"), ("{{println \"a\" 1}}", "a 1\n"),
        ("{{printf \"%d %5d|%-5d|%05d %+d\" 1 2 3 4 5}}", "1     2|3    |00004 +5"),
        ("{{printf \"%s|%5s|%-5s|%.2s\" \"a\" \"b\" \"c\" \"defg\"}}", "a|    b|c    |de"),
        ("{{printf \"%.2f %8.3f %e\" 3.14159 2.5 1500.0}}", "3.14    2.500 1.500000e+03"),
        ("{{printf \"%x %X %o %b %c %U %t %%\" 255 255 8 5 65 65 true}}", "ff FF 10 101 A U+0041 true %"),
        ("{{printf \"%v %v\" .params.tags .params.m}}", "[a b c] map[a:1 b:2]"), ("{{printf \"%x\" \"hi\"}}", "6869"),
        ("{{printf \"%d\"}}", "%!d(MISSING)"), ("{{printf \"a\" 1}}", "a%!(EXTRA int=1)"),
        ("{{printf \"%d\" \"a\"}}", "%!d(string=a)"),
        ("{{html .params.html}}", "&lt;a href=&#39;x&#39;&gt;&amp;&lt;/a&gt;"),
        ("{{js \"it's <b>\"}}", #"it\'s \u003Cb\u003E"#), ("{{urlquery \"a b&c/é\"}}", "a+b%26c%2F%C3%A9"),
        ("{{json .params.m}}", #"{"a":1,"b":2}"#), (#"{{json "<a>&\n"}}"#, #""\u003ca\u003e\u0026\n""#),
        ("{{json .params.tags}}", #"["a","b","c"]"#), (#"{{quote "a\"b\n\x01"}}"#, #""a\"b\n\x01""#),
        ("{{(fromJson .params.json).k}}", "[1 2]"), ("{{(index (fromJson .params.json).k 0)}}", "1"),
    ]

    /// Where a template says more than Go's, or loses less.
    static let onPurpose: [(String, String)] = [
        ("{{.params.big}}", "1234567"), ("{{.params.id}}", "18446744073709551617"),
        ("{{json .params.id}}", "18446744073709551617"),
        ("{{eq .params.n 3}} {{lt .params.ratio 3}} {{eq .params.n 3.0}}", "true true true"),
        ("{{.params.ratio}}", "2.5"), ("{{printf \"%d\" .params.n}}", "3"),
        ("{{default \"x\" .params.absent}} {{.params.absent | default 7}} {{default \"x\" .params.empty}}", "x 7 x"),
        ("{{default 5 .params.zero}} {{default true .params.no}} {{default \"x\" .params.none}}", "0 false x"),
        ("{{.steps.two.output.title | default \"none\"}}", "none"), ("{{eq .params.absent \"x\"}}", "false"),
        ("{{and .params.absent .params.city | default \"no\"}}", "no"),
    ]

    @Test("Expands as Go documents it", arguments: asInGo)
    func conforms(template: String, expected: String) throws {
        #expect(try Template(template).expanded(Self.root()) == expected)
    }

    @Test("Differs from Go where numbers would be lost or a field is missing", arguments: onPurpose)
    func differs(template: String, expected: String) throws {
        #expect(try Template(template).expanded(Self.root()) == expected)
    }

    @Test(
        "A template that cannot be read says what was expected, and where",
        arguments: [
            ("{{.a", "1:1", "close the action"), ("a\n  {{ .a } }}", "2:9", "another brace"),
            ("{{}}", "1:1", "found nothing"),
            ("{{if .a}}x", "1:1", "{{end}}"), ("{{end}}", "1:1", "before `{{end}}`"),
            ("{{else}}", "1:1", "before `{{else}}`"),
            ("{{if .a}}{{else}}{{else}}{{end}}", "1:18", "another `{{else}}`"),
            ("{{range .a}}{{else if .b}}{{end}}", "1:20", "after `else`"),
            ("{{foo .a}}", "1:3", "found `foo`"), ("{{.a .b}}", "1:3", "a function before arguments"),
            ("{{1 | .a}}", "1:7", "a function after `|`"), ("{{$x}}", "1:3", "declared"),
            ("{{$x = 1}}", "1:3", "declared"),
            ("{{len}}", "1:3", "1 argument"), ("{{len 1 2}}", "1:3", "found 2"), ("{{1 | len 2}}", "1:7", "found 2"),
            ("{{not 1 | eq}}", "1:11", "at least 2 arguments"), ("{{(1}}", "1:3", "`)`"),
            ("{{1)}}", "1:4", "found `)`"),
            ("{{\"a}}", "1:3", "end of the quotation"), ("{{\"\\z\"}}", "1:4", "an escape"),
            ("{{'ab'}}", "1:3", "one character"),
            ("{{break}}", "1:1", "inside `range`"), ("{{/* a}}", "1:3", "*/"),
            ("{{template \"t\"}}", "1:1", "`define`"),
            ("{{if .a}}{{define \"t\"}}{{end}}{{end}}", "1:10", "outside of blocks"), ("{{1x}}", "1:3", "a number"),
            ("{{print(1)}}", "1:8", "a space"), ("{{range}}{{end}}", "1:1", "found nothing"),
            ("{{.a | }}", "1:1", "found nothing"),
            ("{{call .a}}", "1:3", "found `call`"), ("{{if end}}{{end}}", "1:6", "keyword"),
            ("{{ ; }}", "1:4", "found `;`"),
            (String(repeating: "{{if 1}}", count: 101), "1:1", "levels"),
            ("{{" + String(repeating: "(", count: 101), "1:1", "close the action"),
            ("{{\(String(repeating: "(", count: 101))1\(String(repeating: ")", count: 101))}}", "1:102", "levels"),
        ])
    func unreadable(template: String, place: String, part: String) {
        let error = #expect(throws: TemplateError.self) { try Template(template) }
        let text = error?.description ?? ""
        #expect(text.hasPrefix("\(place): expected") && text.contains(part), "\(text)")
    }

    @Test(
        "A template that cannot be expanded names field and function, and shows no value of the data",
        arguments: [
            ("{{.params.absent}}", "1:3: `.params.absent` is missing"),
            ("{{.steps.two.output.x}}", "`.steps.two` is missing"),
            ("a\n{{ .params.none.x }}", "2:4: `.params.none.x` is missing"),
            ("{{.params.city.x}}", "an object to read `.params.city.x` of, found text"),
            ("{{len .params.n}}", "found a number"), ("{{index .params.tags 3}}", "below 3"),
            ("{{index .params.tags \"a\"}}", "whole number"),
            ("{{lt 1 \"a\"}}", "two numbers or two texts"), ("{{eq 1 \"a\"}}", "one simple type"),
            ("{{eq .params.m .params.m}}", "one simple type"),
            ("{{fromJson .params.city}}", "expected JSON"), ("{{quote 1}}", "expected text"),
            ("{{slice \"abc\" 2 1}}", "rising"),
            ("{{json .params.absent}}", "is missing"), ("{{range .params.absent}}{{end}}", "is missing"),
            ("{{range .params.city}}{{end}}", "a list"),
            ("{{range 10000}}{{range 10000}}{{end}}{{end}}", "steps"), ("{{range 2000000}}aaaaaaaa{{end}}", "10 MiB"),
            ("{{$x := \"aaaaaaaaaa\"}}{{range 64}}{{$x = print $x $x}}{{end}}", "10 MiB"),
            ("{{printf \"%999999999d\" 1}}", "width"),
            ("{{define \"t\"}}{{template \"t\"}}{{end}}{{template \"t\"}}", "inside each other"),
        ])
    func unexpandable(template: String, part: String) throws {
        let template = try Template(template)
        let error = #expect(throws: TemplateError.self) { try template.expanded(Self.root()) }
        let text = error?.description ?? ""
        #expect(text.contains(part) && !text.contains("Oslo"), "\(text)")
    }

    /// Each does much with little text, over data that a caller may send.
    static let bombs: [String] = [
        "{{range 100}}{{range 100}}{{end}}{{end}}", "{{range .list}}{{range $.list}}{{end}}{{end}}",
        "{{$x := .list}}{{range 1000}}{{range $x}}{{break}}{{end}}{{end}}",
        "{{$x := .list}}{{range 1000}}{{$y := index $x 0}}{{end}}",
        "{{$x := .list}}{{range 1000}}{{$y := slice $x 0 1}}{{end}}",
        "{{$x := slice .list}}{{range 1000}}{{$y := print $x}}{{end}}",
        "{{$x := .list}}{{range 1000}}{{$y := len $x}}{{end}}", "{{$x := .list}}{{range 100}}{{$y := json $x}}{{end}}",
        "{{$x := .object}}{{range 100}}{{range $x}}{{break}}{{end}}{{end}}",
        "{{$x := .object}}{{range 100}}{{$y := len $x}}{{end}}",
        "{{$x := .space}}{{range 1000}}{{if $x}}{{end}}{{end}}",
        "{{$x := .space}}{{range 1000}}{{with $x}}{{end}}{{end}}",
        "{{$x := .space}}{{range 1000}}{{$y := and $x 1}}{{end}}",
        "{{$x := .space}}{{range 1000}}{{$y := not $x}}{{end}}",
        "{{$x := .digits}}{{range 1000}}{{if $x}}{{end}}{{end}}",
        "{{$x := .digits}}{{range 1000}}{{$y := eq $x $x}}{{end}}",
        "{{$x := .text}}{{range 100}}{{$y := html $x}}{{end}}",
        "{{$x := .text}}{{range 100}}{{$y := printf \"%q\" $x}}{{end}}",
        "{{range 100}}{{$y := printf \"%10000d%10000d\" 1 2}}{{end}}",
        "{{$x := json .list}}{{range 1000}}{{$y := fromJson $x}}{{end}}",
    ]

    @Test("Work is bounded by what it costs, whatever the data are", arguments: bombs)
    func bounded(template: String) throws {
        let size = 4_000
        let data = """
            {"list":[\(Array(repeating: "1", count: size).joined(separator: ","))],
            "object":{\((0..<size).map { "\"k\($0)\":1" }.joined(separator: ","))},
            "space":[\(String(repeating: " ", count: size))],"digits":\(String(repeating: "7", count: size)),
            "text":"\(String(repeating: "<", count: size))"}
            """
        let root = TemplateValue(try JSONSlice(validating: Array(data.utf8)))
        let bomb = try Template(template)
        let error = #expect(throws: TemplateError.self) { try bomb.expanded(root, limit: 10_000) }
        #expect(error?.description.contains("10000 steps") == true, "\(error.map(String.init(describing:)) ?? "")")
    }

    @Test("Text that would grow beyond its limit is not made")
    func growth() throws {
        let text = String(repeating: "x", count: 6 << 20)
        let root = TemplateValue(try JSONSlice(validating: Array("\"\(text)\"".utf8)))
        let error = #expect(throws: TemplateError.self) { try Template("{{print . .}}").expanded(root) }
        #expect(error?.description.contains("10 MiB") == true)
    }

    @Test(
        "A value that is one action keeps its type, and JSON its bytes",
        arguments: [
            ("{{.params.n}}", "3"), ("{{.params.id}}", "18446744073709551617"), ("{{.params.yes}}", "true"),
            ("{{.params.none}}", "null"),
            ("{{.params.m}}", #"{"b":2,"a":1}"#), ("{{ .params.tags }}", #"["a","b","c"]"#),
            ("{{.params.text}}", #""5""#),
            ("{{.params.n}} ", #""3 ""#), ("{{print .params.n}}", #""3""#), ("plain", #""plain""#),
            ("{{len .params.tags}}", "3"),
            ("{{if true}}{{.params.n}}{{end}}", #""3""#), ("{{$x := 1}}", #""""#),
            ("{{slice .params.tags 0 1}}", #"["a"]"#),
        ])
    func types(template: String, json: String) throws {
        #expect(try String(decoding: Template(template).value(Self.root()).json, as: UTF8.self) == json)
    }

    @Test("Finds what a template reads of steps, also through `$` and `index`, and not where the dot is something else")
    func references() throws {
        let template = try Template(
            """
            {{.steps.a.output.x}}{{if $.steps.b.output}}{{end}}{{range .params.l}}{{.steps.no}}{{$.steps.c.status}}{{end}}\
            {{(index .steps "my-d").output.y.z}}{{printf "%v" (index .steps "e" "output" "w")}}{{define "t"}}{{$.steps.f}}{{end}}
            """)
        let found = Set(template.stepReferences.map { "\($0.step)/\($0.field ?? "")" })
        #expect(found == ["a/x", "b/", "c/", "my-d/y", "e/w", "f/"])
    }
}
