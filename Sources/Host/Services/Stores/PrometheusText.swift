/// The text form of metrics that Prometheus reads, version 0.0.4.
package enum PrometheusText {
    /// `Content-Type` of the text.
    package static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    /// All series of one name stand together, in the order of their names and labels.
    /// - Parameter series: Names and labels that cannot stand there as they are get `_` for what cannot.
    package static func render(_ series: [MetricsRegistry.Series: MetricsRegistry.Value]) -> [UInt8] {
        let families = Dictionary(grouping: series) { metricName($0.key.name) }
        var out = ""
        for (name, members) in families.sorted(by: { $0.key < $1.key }) {
            guard let first = members.min(by: { kind(of: $0.value) < kind(of: $1.value) }) else { continue }
            out += "# TYPE \(name) \(kind(of: first.value))\n"
            // A plugin may have given one name to several kinds; one name has one.
            let ofKind = members.filter { kind(of: $0.value) == kind(of: first.value) }
            let lines = ofKind.map { (labels: labels($0.key.labels), value: $0.value) }
            for (labels, value) in lines.sorted(by: { $0.labels < $1.labels }) { append(name, labels, value, to: &out) }
        }
        return Array(out.utf8)
    }

    private static func kind(of value: MetricsRegistry.Value) -> String {
        switch value {
        case .counter: "counter"
        case .gauge: "gauge"
        case .histogram: "histogram"
        }
    }

    private static func append(_ name: String, _ labels: String, _ value: MetricsRegistry.Value, to out: inout String) {
        switch value {
        case .counter(let number), .gauge(let number): out += "\(name)\(braced(labels)) \(text(number))\n"
        case .histogram(let counts, let sum):
            var total: UInt64 = 0
            for (index, count) in counts.enumerated() {
                total += count
                let bound = index < MetricsRegistry.bounds.count ? text(MetricsRegistry.bounds[index]) : "+Inf"
                let all = labels + (labels.isEmpty ? "" : ",") + "le=\"\(bound)\""
                out += "\(name)_bucket{\(all)} \(total)\n"
            }
            out += "\(name)_sum\(braced(labels)) \(text(sum))\n\(name)_count\(braced(labels)) \(total)\n"
        }
    }

    private static func braced(_ labels: String) -> String { labels.isEmpty ? "" : "{\(labels)}" }

    private static func labels(_ labels: [String: String]) -> String {
        labels.sorted { $0.key < $1.key }.map { "\(labelName($0.key))=\"\(escaped($0.value))\"" }.joined(separator: ",")
    }

    private static func text(_ number: Double) -> String {
        if let whole = Int64(exactly: number) { return String(whole) }
        return number.isInfinite ? (number > 0 ? "+Inf" : "-Inf") : "\(number)"
    }

    private static func metricName(_ name: String) -> String { safe(name, others: "_:") }
    private static func labelName(_ name: String) -> String { safe(name, others: "_") }

    private static func safe(_ name: String, others: String) -> String {
        var out = ""
        for scalar in name.unicodeScalars {
            let isLetter = scalar.isASCII && scalar.properties.isAlphabetic || others.unicodeScalars.contains(scalar)
            let isDigit = (UInt32(0x30)...0x39).contains(scalar.value)
            if out.isEmpty, isDigit { out = "_" }
            out.unicodeScalars.append(isLetter || isDigit ? scalar : "_")
        }
        return out.isEmpty ? "_" : out
    }

    private static func escaped(_ value: String) -> String {
        value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
    }
}
