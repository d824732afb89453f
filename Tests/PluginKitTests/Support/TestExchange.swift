import PluginAPI
import PluginKit
import Synchronization

/// A request that a plugin made, and the test's hand on its response.
final class TestExchange: @unchecked Sendable {
    // The sink is driven by one test, as a host drives it: one call at a time.
    let method: String
    let url: String
    let headers: [(String, String)]
    let body: String
    let options: HTTPOptions
    let auth: UInt64
    let identity: UInt64
    let caBundle: String
    let totalTimeout: UInt64
    let maximumResponse: UInt64
    private let sink: vmcp_http_sink
    private let marks = Mutex((ended: false, cancelled: false, resumed: 0))

    init(_ request: vmcp_http_request, _ sink: vmcp_http_sink) {
        method = request.method.string
        url = request.url.string
        headers = pairs(request.headers, request.header_count)
        body = request.body.string
        options = HTTPOptions(rawValue: request.flags)
        auth = request.auth
        identity = request.identity
        caBundle = request.ca_bundle.string
        totalTimeout = request.total_timeout_ms
        maximumResponse = request.max_response_bytes
        self.sink = sink
    }

    /// The value of the only header of this name; `nil` when there is none, all joined when there are several.
    subscript(name: String) -> String? {
        let found = headers.filter { $0.0.lowercased() == name.lowercased() }.map(\.1)
        return found.isEmpty ? nil : found.joined(separator: " | ")
    }

    var wasCancelled: Bool { marks.withLock { $0.cancelled } }
    var resumes: Int { marks.withLock { $0.resumed } }

    @discardableResult
    func head(_ status: UInt32, _ headers: [(String, String)] = []) -> Flow? {
        lend(headers) { sink.head?(sink.context, status, $0, $1) }.flatMap(Flow.init)
    }

    @discardableResult
    func body(_ text: String) -> Flow? { body(Array(text.utf8)) }

    @discardableResult
    func body(_ bytes: [UInt8]) -> Flow? {
        lend(bytes) { sink.body?(sink.context, $0) }.flatMap(Flow.init)
    }

    func end(_ status: Status = .ok, notSent: Bool = false, _ message: String = "") {
        guard
            !marks.withLock({ marks in
                defer { marks.ended = true }
                return marks.ended
            })
        else { return }
        lend(message) { message in
            var outcome = vmcp_outcome()
            outcome.struct_size = UInt32(MemoryLayout<vmcp_outcome>.size)
            outcome.status = status.rawValue
            outcome.flags = notSent ? UInt32(VMCP_NOT_SENT) : 0
            outcome.message = message
            sink.end?(sink.context, &outcome)
        }
    }

    /// A whole response.
    func respond(_ status: UInt32, _ headers: [(String, String)] = [], _ text: String = "") {
        head(status, headers)
        if !text.isEmpty { body(text) }
        end()
    }

    func cancelled() {
        marks.withLock { $0.cancelled = true }
        end(.cancelled)
    }

    func resumed() { marks.withLock { $0.resumed += 1 } }
}

/// A child that a plugin started, and the test's hand on it.
final class TestChild: @unchecked Sendable {
    // The sink is driven by one test, as a host drives it: one call at a time.
    let arguments: [String]
    let environment: [(String, String)]
    let directory: String
    private let sink: vmcp_process_sink
    private let state = Mutex((input: "", notes: [String](), answer: Flow.go))

    init(_ specification: vmcp_process_spec, _ sink: vmcp_process_sink) {
        arguments = UnsafeBufferPointer(start: specification.arguments, count: specification.argument_count)
            .map(\.string)
        environment = pairs(specification.environment, specification.environment_count)
        directory = specification.directory.string
        self.sink = sink
    }

    /// What came on its standard input.
    var input: String { state.withLock { $0.input } }
    /// What else was asked of it.
    var notes: [String] { state.withLock { $0.notes } }

    func answerWrites(_ flow: Flow) { state.withLock { $0.answer = flow } }
    func note(_ text: String) { state.withLock { $0.notes.append(text) } }

    func wrote(_ data: [UInt8]) -> Int32 {
        state.withLock { state in
            if state.answer != .stop { state.input += String(decoding: data, as: UTF8.self) }
            return state.answer.rawValue
        }
    }

    @discardableResult
    func say(_ line: String, on stream: ProcessStream = .output) -> Flow? {
        lend(line) { sink.output?(sink.context, stream.rawValue, $0) }.flatMap(Flow.init)
    }

    func drain() {
        answerWrites(.go)
        sink.drained?(sink.context)
    }

    func exit(_ code: Int32 = 0, signal: Int32 = 0) { sink.exited?(sink.context, code, signal) }
}
