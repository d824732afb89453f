import Benchmark
import StreamableHTTP

/// Reading answers that come as server-sent events.
func eventBenchmarks() {
    for (size, scaling) in [(64, BenchmarkScalingFactor.kilo), (1_000_000, .one)] {
        var configuration = Benchmark.defaultConfiguration
        configuration.scalingFactor = scaling
        let stream = Array("event: message\ndata: \(String(repeating: "x", count: size))\n\n".utf8)
        Benchmark("read an event, \(size) B", configuration: configuration) { benchmark in
            for _ in benchmark.scaledIterations {
                var reader = ServerSentEvents()
                blackHole(try stream.withUnsafeBytes { try reader.read($0) })
            }
        }
    }
}
