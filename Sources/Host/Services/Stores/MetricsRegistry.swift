import Gateway
import Synchronization

/// The numbers that plugins and the host record, in memory, for whoever exports them.
package final class MetricsRegistry: Sendable {
    /// As in `vmcp_metrics.record`.
    package enum Kind: UInt32, Sendable { case counter = 1, gauge = 2, histogram = 3 }

    /// What distinguishes one series from another.
    package struct Series: Sendable, Hashable {
        package let name: String
        package let labels: [String: String]

        package init(name: String, labels: [String: String]) {
            self.name = name
            self.labels = labels
        }
    }

    /// The present value of a series.
    package enum Value: Sendable, Equatable {
        case counter(Double)
        case gauge(Double)
        /// `counts` has one entry for each bound of ``MetricsRegistry/bounds`` (values up to it and above the one
        /// before) and one for all above.
        case histogram(counts: [UInt64], sum: Double)
    }

    /// The upper bounds of a histogram's buckets, in seconds.
    package static let bounds = DurationBounds.milliseconds.map { Double($0) / 1_000 }

    private struct State {
        var series: [Series: Value] = [:]
        var dropped: UInt64 = 0
    }

    private let state = Mutex(State())
    private let sources = Mutex<[@Sendable () -> [Series: Value]]>([])
    /// A label with endless values must not fill the memory.
    private let mostSeries: Int

    /// - Parameter mostSeries: Records of further series are dropped and counted. Default 10,000.
    package init(mostSeries: Int = 10_000) { self.mostSeries = mostSeries }

    /// Adds to a counter, sets a gauge, or records into a histogram.
    ///
    /// Dropped and counted: what is not a number, a decrease of a counter, a series of another kind, one too many.
    package func record(_ kind: Kind, _ series: Series, _ value: Double) {
        state.withLock { state in
            guard value.isFinite, kind != .counter || value >= 0 else {
                state.dropped += 1
                return
            }
            guard let present = state.series[series] else {
                guard state.series.count < mostSeries else {
                    state.dropped += 1
                    return
                }
                state.series[series] = MetricsRegistry.first(kind, value)
                return
            }
            switch (kind, present) {
            case (.counter, .counter(let sum)): state.series[series] = .counter(sum + value)
            case (.gauge, .gauge): state.series[series] = .gauge(value)
            case (.histogram, .histogram(var counts, let sum)):
                state.series[series] = nil  // so that the array is not copied
                counts[MetricsRegistry.bucket(of: value)] += 1
                state.series[series] = .histogram(counts: counts, sum: sum + value)
            default: state.dropped += 1
            }
        }
    }

    /// Has series whose values are counted elsewhere, and asked for when somebody looks.
    package func observe(_ source: @escaping @Sendable () -> [Series: Value]) { sources.withLock { $0.append(source) } }

    /// Every series with its value now. What is observed goes before what was recorded under the same name and labels.
    package func snapshot() -> [Series: Value] {
        let observed = sources.withLock { $0 }.map { $0() }
        return observed.reduce(state.withLock { $0.series }) { $0.merging($1) { $1 } }
    }

    /// How many records were dropped.
    package var dropped: UInt64 { state.withLock { $0.dropped } }

    private static func first(_ kind: Kind, _ value: Double) -> Value {
        switch kind {
        case .counter: return .counter(value)
        case .gauge: return .gauge(value)
        case .histogram:
            var counts = [UInt64](repeating: 0, count: bounds.count + 1)
            counts[bucket(of: value)] = 1
            return .histogram(counts: counts, sum: value)
        }
    }

    private static func bucket(of value: Double) -> Int { bounds.firstIndex { value <= $0 } ?? bounds.count }
}
