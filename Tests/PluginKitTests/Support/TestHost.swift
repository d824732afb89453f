import PluginAPI
import Synchronization
import Testing

/// A host made by hand: what a plugin asks of it is recorded, and the test answers for it.
final class TestHost: Sendable {
    struct Recorded: Sendable {
        var exchanges: [UInt64: TestExchange] = [:]
        var exchangeOrder: [UInt64] = []
        var children: [UInt64: TestChild] = [:]
        var childOrder: [UInt64] = []
        var refuseSpawn: String?
        var timers: [UInt64: TestTimer] = [:]
        var now: UInt64 = 1_000_000
        var next: UInt64 = 1
        var secrets: [String: String] = [:]
        /// Of identity 1.
        var token = ""
        var claims = "{}"
        var upstream: [String: String] = [:]
        var watches: [UInt64: TestTimer] = [:]
        var lines: [String] = []
        var states: [String] = []
        var metrics: [String] = []
    }

    struct TestTimer: @unchecked Sendable {
        // A context is a number in disguise here, passed back as it came.
        var due: UInt64 = 0
        var context: UnsafeMutableRawPointer?
        var fired: @convention(c) (UnsafeMutableRawPointer?) -> Void
    }

    let recorded = Mutex(Recorded())
    private let tables = HostTables()

    init(secrets: [String: String] = [:]) {
        recorded.withLock { $0.secrets = secrets }
        tables.host.pointee.context = Unmanaged.passUnretained(self).toOpaque()
    }

    var pointer: UnsafePointer<vmcp_host> { UnsafePointer(tables.host) }

    static func of(_ host: UnsafePointer<vmcp_host>?) -> TestHost {
        Unmanaged<TestHost>.fromOpaque(host.unsafelyUnwrapped.pointee.context).takeUnretainedValue()
    }

    func number() -> UInt64 {
        recorded.withLock { recorded in
            recorded.next += 1
            return recorded.next
        }
    }

    var lines: [String] { recorded.withLock { $0.lines } }
    var states: [String] { recorded.withLock { $0.states } }
    var now: UInt64 { recorded.withLock { $0.now } }

    /// All exchanges in the order of their requests.
    var exchanges: [TestExchange] {
        recorded.withLock { recorded in recorded.exchangeOrder.compactMap { recorded.exchanges[$0] } }
    }
    /// All children in the order of their start.
    var children: [TestChild] {
        recorded.withLock { recorded in recorded.childOrder.compactMap { recorded.children[$0] } }
    }

    /// The exchange that was asked for after `count` others; a deaf one, and an issue, when there is none.
    func exchange(_ count: Int = 0) -> TestExchange {
        let exchanges = exchanges
        guard exchanges.indices.contains(count) else {
            Issue.record("expected more than \(count) exchanges, found \(exchanges.count)")
            return TestExchange(vmcp_http_request(), vmcp_http_sink())
        }
        return exchanges[count]
    }

    /// The child that was started after `count` others; a deaf one, and an issue, when there is none.
    func child(_ count: Int = 0) -> TestChild {
        let children = children
        guard children.indices.contains(count) else {
            Issue.record("expected more than \(count) children, found \(children.count)")
            return TestChild(vmcp_process_spec(), vmcp_process_sink())
        }
        return children[count]
    }

    /// Lets time pass, and fires what is due then, in order.
    func advance(_ milliseconds: UInt64) {
        let end = recorded.withLock { $0.now } + milliseconds
        while true {
            let due = recorded.withLock { recorded -> TestTimer? in
                guard
                    let (number, timer) = recorded.timers.min(by: { ($0.value.due, $0.key) < ($1.value.due, $1.key) }),
                    timer.due <= end
                else {
                    recorded.now = end
                    return nil
                }
                recorded.timers[number] = nil
                recorded.now = max(recorded.now, timer.due)
                return timer
            }
            guard let due else { return }
            due.fired(due.context)
        }
    }

    /// How many timers are set.
    var timerCount: Int { recorded.withLock { $0.timers.count } }

    func changeSecret(_ handle: String, to value: String) {
        let watches = recorded.withLock { recorded in
            recorded.secrets[handle] = value
            return Array(recorded.watches.values)
        }
        for watch in watches { watch.fired(watch.context) }
    }
}

extension vmcp_bytes {
    var copied: [UInt8] { data == nil ? [] : [UInt8](UnsafeBufferPointer(start: data, count: size)) }
    var string: String { String(decoding: copied, as: UTF8.self) }
}

/// Lends bytes to a C function.
func lend<Result>(_ bytes: [UInt8], _ body: (vmcp_bytes) -> Result) -> Result {
    bytes.withUnsafeBufferPointer { body(vmcp_bytes(data: $0.baseAddress, size: $0.count)) }
}

func lend<Result>(_ text: String, _ body: (vmcp_bytes) -> Result) -> Result { lend(Array(text.utf8), body) }

/// Lends headers to a C function.
func lend<Result>(_ headers: [(String, String)], _ body: (UnsafePointer<vmcp_header>?, Int) -> Result) -> Result {
    var storage: [UnsafeMutableBufferPointer<UInt8>] = []
    defer { for piece in storage { piece.deallocate() } }
    func keep(_ text: String) -> vmcp_bytes {
        let piece = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: text.utf8.count)
        _ = piece.initialize(from: text.utf8)
        storage.append(piece)
        return vmcp_bytes(data: UnsafePointer(piece.baseAddress), size: piece.count)
    }
    let table = headers.map { vmcp_header(name: keep($0.0), value: keep($0.1)) }
    return table.withUnsafeBufferPointer { body($0.baseAddress, $0.count) }
}

func pairs(_ headers: UnsafePointer<vmcp_header>?, _ count: Int) -> [(String, String)] {
    UnsafeBufferPointer(start: headers, count: headers == nil ? 0 : count).map { ($0.name.string, $0.value.string) }
}
