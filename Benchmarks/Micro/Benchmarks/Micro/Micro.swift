import Benchmark

/// All benchmarks, each registered by its file. The name is what `--filter` takes.
let benchmarks: @Sendable () -> Void = {
    Benchmark.defaultConfiguration = .init(
        metrics: [.wallClock], warmupIterations: 3, scalingFactor: .kilo,
        maxDuration: .seconds(3), maxIterations: 300)
    messageBenchmarks()
    eventBenchmarks()
    catalogBenchmarks()
    pluginBenchmarks()
}
