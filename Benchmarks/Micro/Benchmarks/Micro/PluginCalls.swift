import Benchmark
import Foundation
import Gateway
import HostPlugins
import Logging
import PluginAPI
import Synchronization

/// A call through the C table and back: `send`, one `emit`, `resolve`, and the task that waits goes on.
func pluginBenchmarks() {
    Benchmark("call a plugin") { benchmark in
        let echo = try await Echo()
        let message = Array(#"{"jsonrpc":"2.0","id":1,"result":{}}"#.utf8)
        await echo.call(message)
        benchmark.startMeasurement()
        for _ in benchmark.scaledIterations { await echo.call(message) }
        benchmark.stopMeasurement()
        await echo.backend.stop()
    }
}

/// The plugin in `Plugin`, built and named by `VMCP_MICRO_PLUGIN`, with one open session.
private final class Echo: Sendable {
    struct NoPlugin: Error, CustomStringConvertible {
        let description = "VMCP_MICRO_PLUGIN must name the built plugin's folder; 'make bench-micro' sees to it"
    }

    let backend: RunningBackend
    private let host: PluginHost

    init() async throws {
        guard let folder = ProcessInfo.processInfo.environment["VMCP_MICRO_PLUGIN"] else { throw NoPlugin() }
        host = PluginHost(
            search: PluginSearch(commandLine: [folder], executableFolder: nil), hosts: NoServices(),
            limits: PluginLimits(), log: Logger(label: "micro") { _ in SwiftLogNoOpLogHandler() })
        let configuration = InstanceConfiguration(
            apiVersion: "bench/v1", kind: "Echo", name: "echo", baseDirectory: "/", spec: Array("{}".utf8))
        backend = try await host.backend(kind: "Echo", configuration: configuration)
        let link = backend.link
        await withCheckedContinuation { continuation in
            link.open(
                1, shared: false, context: CallContext(), sessionObserver: NoEvents(),
                observer: Waiter { continuation.resume() })
        }
    }

    func call(_ message: [UInt8]) async {
        let link = backend.link
        await withUnsafeContinuation { continuation in
            link.send(
                1, message, context: CallContext(deadline: MonotonicClock.now() + 30_000),
                observer: Waiter { continuation.resume() })
        }
    }
}

/// Tells that a call has ended.
private final class Waiter: BackendCallObserver {
    private let end: @Sendable () -> Void
    init(_ end: @escaping @Sendable () -> Void) { self.end = end }
    func received(_ message: [UInt8]) -> Flow {
        blackHole(message)
        return .go
    }
    func progressed(_ text: String) {}
    func ended(_ outcome: Outcome, last: [UInt8]) { end() }
}

private final class NoEvents: BackendSessionObserver {
    func received(_ message: [UInt8]) -> Flow { .go }
    func lost(_ outcome: Outcome) {}
}

/// Host tables without services: the plugin asks for none.
private final class NoServices: HostTableProvider {
    func makeHost(
        plugin: String, kind: String, name: String, onState: @escaping @Sendable (ReportedState) -> Void
    ) -> any HostTable { Table() }

    private final class Table: HostTable {
        // nonisolated(unsafe): written in init only.
        nonisolated(unsafe) let pointer: UnsafePointer<vmcp_host>

        init() {
            let table = UnsafeMutablePointer<vmcp_host>.allocate(capacity: 1)
            table.initialize(to: vmcp_host())
            table.pointee.struct_size = UInt32(MemoryLayout<vmcp_host>.size)
            table.pointee.abi_major = UInt16(VMCP_ABI_MAJOR)
            table.pointee.service = { _, _ in nil }
            pointer = UnsafePointer(table)
        }
        deinit { pointer.deallocate() }
        func endActivities() async {}
        func release() async {}
    }
}
