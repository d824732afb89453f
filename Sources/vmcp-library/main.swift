import HostDescribed

// Runs one described library for the gateway, which talks to it over the socket it was started with.
// `benchmark DESCRIPTION LIBRARY` measures calls instead; Benchmarks/Described/run.sh uses it.
if CommandLine.arguments.count >= 4, CommandLine.arguments[1] == "benchmark" {
    try CallBenchmark(description: CommandLine.arguments[2], library: CommandLine.arguments[3]).run()
} else {
    ChildServer.run()
}
