import PluginAPI
import PluginKit

/// An instance made from a definition through the C table, as a host makes it.
final class TestInstance {
    struct Refused: Error, Equatable {
        var status: Status?
        var message: String
    }

    let host: TestHost
    let table: vmcp_plugin
    private let instance: UnsafeMutableRawPointer
    private var destroyed = false

    init(_ definition: PluginDefinition, host: TestHost = TestHost(), configuration: String = "{}") throws {
        guard let table = Plugin.export(definition, for: UInt16(VMCP_ABI_MAJOR))?.pointee else {
            throw Refused(status: nil, message: "no table")
        }
        var made: UnsafeMutableRawPointer?
        let (status, message) = withUnsafeTemporaryAllocation(of: CChar.self, capacity: 1_000) { room in
            var text = vmcp_text(data: room.baseAddress, capacity: room.count, size: 0)
            let status = lend(configuration) { table.create(host.pointer, $0, &made, &text) }
            let bytes = UnsafeRawBufferPointer(start: room.baseAddress, count: text.size)
            return (status, String(decoding: bytes, as: UTF8.self))
        }
        guard status == Status.ok.rawValue, let made else {
            throw Refused(status: Status(rawValue: status), message: message)
        }
        self.host = host
        self.table = table
        instance = made
    }

    deinit { destroy() }

    func destroy() {
        guard !destroyed else { return }
        destroyed = true
        table.destroy(instance)
    }

    func capability<Table>(_ id: String, as type: Table.Type) -> Table? {
        id.withCString { table.capability(instance, $0)?.assumingMemoryBound(to: type).pointee }
    }

    var backend: vmcp_backend? { capability(VMCP_BACKEND, as: vmcp_backend.self) }
    var opaque: UnsafeMutableRawPointer { instance }

    @discardableResult
    func open(
        _ session: UInt64, sink: TestSink = TestSink(), call: TestCall = TestCall(), deadline: UInt64 = 0,
        headers: [(String, String)] = []
    ) -> TestCall {
        lend(headers) { headers, count in
            var parameters = vmcp_session_params()
            parameters.struct_size = UInt32(MemoryLayout<vmcp_session_params>.size)
            parameters.headers = headers
            parameters.header_count = count
            sink.lent { sink in
                call.lent(deadline: deadline) { backend?.open(instance, session, &parameters, sink, $0) }
            }
        }
        return call
    }

    @discardableResult
    func send(
        _ session: UInt64, _ message: String, call: TestCall = TestCall(), deadline: UInt64 = 0, identity: UInt64 = 0,
        headers: [(String, String)] = []
    ) -> TestCall {
        lend(message) { message in
            call.lent(deadline: deadline, identity: identity, headers: headers) {
                backend?.send(instance, session, message, $0)
            }
        }
        return call
    }

    @discardableResult
    func listen(_ session: UInt64, call: TestCall = TestCall()) -> TestCall {
        call.lent { backend?.listen(instance, session, $0) }
        return call
    }

    @discardableResult
    func close(_ session: UInt64, call: TestCall = TestCall()) -> TestCall {
        call.lent { backend?.close(instance, session, $0) }
        return call
    }

    @discardableResult
    func quiesce(call: TestCall = TestCall()) -> TestCall {
        call.lent { table.quiesce(instance, $0) }
        return call
    }

    func cancel(_ call: TestCall, _ reason: CancelReason = .byClient) {
        table.cancel(instance, call.id, reason.rawValue)
    }
    func resume(_ call: TestCall) { table.resume(instance, call.id) }
    func resumeSession(_ session: UInt64) { backend?.resume_session(instance, session) }
}
