import Testing

@testable import HostServices

@Suite("Metrics as text")
struct PrometheusTextTests {
    private static func text(_ registry: MetricsRegistry) -> String {
        String(decoding: PrometheusText.render(registry.snapshot()), as: UTF8.self)
    }

    @Test("Series of one name stand together with their kind, in the order of names and labels")
    func order() {
        let registry = MetricsRegistry()
        func record(_ kind: MetricsRegistry.Kind, _ name: String, _ labels: [String: String], _ value: Double) {
            registry.record(kind, MetricsRegistry.Series(name: name, labels: labels), value)
        }
        record(.counter, "b_total", ["tool": "y", "backend": "x"], 2)
        record(.counter, "b_total", ["backend": "a"], 1.5)
        record(.gauge, "a", [:], -3)
        #expect(
            Self.text(registry) == """
                # TYPE a gauge
                a -3
                # TYPE b_total counter
                b_total{backend="a"} 1.5
                b_total{backend="x",tool="y"} 2

                """)
    }

    @Test("A histogram has its buckets as running sums, then sum and count")
    func histogram() {
        let registry = MetricsRegistry()
        let series = MetricsRegistry.Series(name: "wait_seconds", labels: ["a": "b"])
        for value in [0.01, 0.015, 400] { registry.record(.histogram, series, value) }
        let lines = Self.text(registry).split(separator: "\n").map(String.init)
        #expect(lines.count == MetricsRegistry.bounds.count + 4)
        #expect(lines[0] == "# TYPE wait_seconds histogram")
        #expect(lines[1] == #"wait_seconds_bucket{a="b",le="0.01"} 1"#)
        #expect(lines[2] == #"wait_seconds_bucket{a="b",le="0.02"} 2"#)
        #expect(
            lines.suffix(4) == [
                #"wait_seconds_bucket{a="b",le="300"} 2"#, #"wait_seconds_bucket{a="b",le="+Inf"} 3"#,
                #"wait_seconds_sum{a="b"} 400.025"#, #"wait_seconds_count{a="b"} 3"#,
            ])
    }

    @Test(
        "Names and values that a plugin chose break no line",
        arguments: [
            ("mcp.server-time", "l", "v", "mcp_server_time{l=\"v\"} 1"), ("9a", "0b", "v", "_9a{_0b=\"v\"} 1"),
            ("m", "l", "a\"b\\c\nd", #"m{l="a\"b\\c\nd"} 1"#), ("é", "", "v", "_{_=\"v\"} 1"),
        ])
    func names(name: String, label: String, value: String, line: String) {
        let registry = MetricsRegistry()
        registry.record(.gauge, MetricsRegistry.Series(name: name, labels: [label: value]), 1)
        #expect(Self.text(registry).split(separator: "\n").last.map(String.init) == line)
    }

    @Test("What is observed is asked for when somebody looks")
    func observed() {
        let registry = MetricsRegistry()
        let series = MetricsRegistry.Series(name: "depth", labels: [:])
        registry.observe { [series: .gauge(7)] }
        registry.record(.gauge, series, 1)
        #expect(registry.snapshot() == [series: .gauge(7)])
    }
}
