import Benchmark
import Gateway

/// Reading a message in one scan, and changing the few places in it that differ from hop to hop.
func messageBenchmarks() {
    for size in [64, 10_000, 1_000_000] {
        let answer = answer(textOf: size)
        Benchmark("scan an answer, \(size) B", configuration: scaled(for: size)) { benchmark in
            for _ in benchmark.scaledIterations { blackHole(try JSONRPCMessage(answer)) }
        }
    }
    let call = Array(
        #"{"jsonrpc":"2.0","id":17,"method":"tools/call","params":{"name":"github_create_issue","arguments":{"title":"a"}}}"#
            .utf8)
    Benchmark("scan a call") { benchmark in
        for _ in benchmark.scaledIterations { blackHole(try JSONRPCMessage(call)) }
    }
    Benchmark("splice the id and the name of a call") { benchmark in
        let message = try JSONRPCMessage(call)
        guard let id = message.id, let name = message.params?["name"] else { throw Missing() }
        let (newID, newName) = (Array("4711".utf8), Array(#""create_issue""#.utf8))
        benchmark.startMeasurement()
        for _ in benchmark.scaledIterations {
            var splice = JSONSplice()
            splice.replace(id.range, with: newID)
            splice.replace(name.range, with: newName)
            blackHole(splice.apply(to: message.json))
        }
    }
}

private struct Missing: Error {}

/// A thousand small messages make one measurement; of the large ones fewer do.
private func scaled(for size: Int) -> Benchmark.Configuration {
    var configuration = Benchmark.defaultConfiguration
    if size > 100_000 { configuration.scalingFactor = .one }
    return configuration
}

/// A `tools/call` answer with a text of some bytes.
private func answer(textOf size: Int) -> [UInt8] {
    let text = String(repeating: "x", count: size)
    return Array(#"{"jsonrpc":"2.0","id":17,"result":{"content":[{"type":"text","text":"\#(text)"}]}}"#.utf8)
}
