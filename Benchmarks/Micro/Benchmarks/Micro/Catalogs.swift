import Benchmark
import Gateway

/// Building the merged list anew, as happens when a backend's list changes.
func catalogBenchmarks() {
    var configuration = Benchmark.defaultConfiguration
    configuration.scalingFactor = .one
    Benchmark("catalogue of 10,000 tools of 50 backends", configuration: configuration) { benchmark in
        let offers = (0..<50).map { backend in
            BackendOffer(backend: "backend\(backend)", items: [.tools: (0..<200).map(tool)])
        }
        let pipeline = Pipeline(AggregationSettings())
        benchmark.startMeasurement()
        for _ in benchmark.scaledIterations { blackHole(pipeline.catalog(from: offers)) }
    }
}

private func tool(_ number: Int) -> JSONSlice {
    let text = """
        {"name":"tool_\(number)","description":"Creates an issue in a repository of the owner, with labels and assignees.",\
        "inputSchema":{"type":"object","properties":{"owner":{"type":"string"},"repository":{"type":"string"},\
        "title":{"type":"string","maxLength":256},"labels":{"type":"array","items":{"type":"string"}}},\
        "required":["owner","repository","title"]}}
        """
    let bytes = Array(text.utf8)
    return JSONSlice(base: bytes, range: 0..<bytes.count)
}
