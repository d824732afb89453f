import Glibc
import HostServices
import Logging
import PluginAPI
import Synchronization
import Testing

/// What C functions of a test plugin were told. Their context is a pointer to it, which the test keeps alive.
private final class Calls: Sendable {
    let list = Mutex<[String]>([])
    let waiting = Mutex<[@Sendable () -> Void]>([])

    var context: UnsafeMutableRawPointer { Unmanaged.passUnretained(self).toOpaque() }
    var all: [String] { list.withLock { $0 } }

    static func add(_ context: UnsafeMutableRawPointer?, _ call: String) {
        guard let context else { return }
        let calls = Unmanaged<Calls>.fromOpaque(context).takeUnretainedValue()
        calls.list.withLock { $0.append(call) }
        for resume in calls.waiting.withLock({ waiting in
            defer { waiting = [] }; return waiting
        }) { resume() }
    }

    func until(_ condition: ([String]) -> Bool) async {
        while true {
            let isThere = await withCheckedContinuation { (continuation: CheckedContinuation<Bool, Never>) in
                waiting.withLock { $0.append { continuation.resume(returning: false) } }
                if condition(all) {
                    for resume in waiting.withLock({ waiting in
                        defer { waiting = [] }; return waiting
                    }) { resume() }
                }
            }
            if isThere || condition(all) { return }
        }
    }
}

private final class StateRecorder: InstanceDelegate {
    let states = Mutex<[String]>([])
    func instance(_ label: InstanceLabel, became state: InstanceState, reason: String) {
        states.withLock { $0.append("\(label.name) \(state) \(reason)") }
    }
}

/// A host's services as a plugin in C reaches them.
private struct PluginView {
    let host: UnsafePointer<vmcp_host>

    func table<Table>(_ id: String, as type: Table.Type) throws -> Table {
        try #require(host.pointee.service(host, id)).load(as: type)
    }
}

/// A listening socket whose queue is full: whoever connects gets no answer.
private final class FullListener {
    let port: Int
    private var descriptors: [Int32] = []

    init() throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        descriptors.append(listener)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(listener, address, length) == 0 && listen(listener, 0) == 0
                    && getsockname(listener, address, &length) == 0
            }
        }
        try #require(isBound)
        port = Int(address.sin_port.bigEndian)
        for _ in 0..<4 {
            let client = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
            descriptors.append(client)
            withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { _ = connect(client, $0, length) }
            }
        }
    }

    deinit { for descriptor in descriptors { close(descriptor) } }
}

@Suite("vmcp_host")
struct HostTableTests {
    private let label = InstanceLabel(plugin: "test-plugin", kind: "MCPServer", name: "one")

    private func make(
        hub: ServiceHub = Shared.hub, limits: ExchangeLimits = ExchangeLimits(),
        delegate: (any InstanceDelegate)? = nil
    ) -> (InstanceHost, PluginView) {
        let host = hub.makeHost(
            for: label, policy: NetworkPolicy(allowPrivate: true), limits: limits, delegate: delegate)
        return (host, PluginView(host: host.pointer))
    }

    private func httpSink(_ calls: Calls) -> vmcp_http_sink {
        vmcp_http_sink(
            struct_size: UInt32(MemoryLayout<vmcp_http_sink>.size), reserved: 0, context: calls.context,
            head: { context, status, headers, count in
                Calls.add(context, "head \(status) \(count > 0)")
                return Int32(VMCP_GO)
            },
            body: { context, data in
                Calls.add(context, "body \(data.text)")
                return Int32(VMCP_GO)
            },
            end: { context, outcome in
                Calls.add(context, "end \(outcome?.pointee.status ?? -1) \(outcome?.pointee.flags ?? 0)")
            }, drained: nil)
    }

    @Test("Every service is there under its id, with the size of its table first; others are not")
    func services() async throws {
        let (host, view) = make()
        let ids = [
            VMCP_LOG, VMCP_HTTP, VMCP_TIMER, VMCP_SECRETS, VMCP_IDENTITY, VMCP_PROCESS, VMCP_METRICS, VMCP_STATE,
        ]
        for id in ids { #expect(try view.table(id, as: UInt32.self) >= 16) }
        #expect(view.host.pointee.service(view.host, "vmcp.http/2") == nil)
        #expect(view.host.pointee.service(view.host, "") == nil)
        #expect(view.host.pointee.abi_major == 1)
        #expect(String(cString: view.host.pointee.name) == "vmcp")
        await host.release()
    }

    @Test("An exchange reaches the plugin's sink: head, body, end")
    func http() async throws {
        let server = try await Shared.server
        let (host, view) = make()
        let http = try view.table(VMCP_HTTP, as: vmcp_http.self)
        let calls = Calls()
        var sink = httpSink(calls)
        var number: UInt64 = 0
        "GET".withBytes { method in
            (server.origin + "/hello").withBytes { url in
                var request = vmcp_http_request()
                request.struct_size = UInt32(MemoryLayout<vmcp_http_request>.size)
                request.method = method
                request.url = url
                number = http.request(view.host, &request, &sink)
            }
        }
        #expect(number != 0)
        await calls.until { $0.count == 3 }
        #expect(calls.all == ["head 200 true", "body hello", "end 0 0"])
        await host.release()
    }

    @Test("Where a plugin does not say how long a connection may take, the configuration does")
    func connecting() async throws {
        let full = try FullListener()
        let limits = ExchangeLimits()
        limits.connectTimeout = 20
        let (host, view) = make(limits: limits)
        let http = try view.table(VMCP_HTTP, as: vmcp_http.self)
        let calls = Calls()
        var sink = httpSink(calls)
        "GET".withBytes { method in
            "http://127.0.0.1:\(full.port)/".withBytes { url in
                var request = vmcp_http_request()
                request.struct_size = UInt32(MemoryLayout<vmcp_http_request>.size)
                request.method = method
                request.url = url
                _ = http.request(view.host, &request, &sink)
            }
        }
        await calls.until { $0.count == 1 }
        #expect(calls.all == ["end 6 1"])
        await host.release()
    }

    @Test("A request of an older, shorter struct is read as far as it goes")
    func shortStruct() async throws {
        let server = try await Shared.server
        let (host, view) = make()
        let http = try view.table(VMCP_HTTP, as: vmcp_http.self)
        let calls = Calls()
        var sink = httpSink(calls)
        "GET".withBytes { method in
            (server.origin + "/hello").withBytes { url in
                var request = vmcp_http_request()
                request.method = method
                request.url = url
                // Nonsense that the plugin does not know it has.
                request.auth = 77
                request.struct_size = UInt32(MemoryLayout<vmcp_http_request>.offset(of: \.auth) ?? 0)
                _ = http.request(view.host, &request, &sink)
            }
        }
        await calls.until { $0.count == 3 }
        #expect(calls.all.last == "end 0 0")
        await host.release()
    }

    @Test("The end of an instance ends all it has going on, and no function of it runs afterwards")
    func end() async throws {
        let server = try await FixtureServer()
        let (host, view) = make()
        let http = try view.table(VMCP_HTTP, as: vmcp_http.self)
        let timer = try view.table(VMCP_TIMER, as: vmcp_timer.self)
        let secrets = try view.table(VMCP_SECRETS, as: vmcp_secrets.self)
        let process = try view.table(VMCP_PROCESS, as: vmcp_process.self)
        let identity = try view.table(VMCP_IDENTITY, as: vmcp_identity.self)
        let (calls, timers) = (Calls(), Calls())
        var sink = httpSink(calls)
        func request(_ path: String) -> UInt64 {
            "GET".withBytes { method in
                (server.origin + path).withBytes { url in
                    var request = vmcp_http_request()
                    request.struct_size = UInt32(MemoryLayout<vmcp_http_request>.size)
                    request.method = method
                    request.url = url
                    return http.request(view.host, &request, &sink)
                }
            }
        }
        for _ in 0..<10 { _ = request("/silent?head=1") }
        let number = timer.after(view.host, 3_600_000, timers.context) { Calls.add($0, "fired") }
        #expect(number != 0)
        Shared.hub.secrets.set("end/x", [1])
        let watch = "end/x".withBytes { secrets.watch(view.host, $0, timers.context) { Calls.add($0, "changed") } }
        #expect(watch != 0)
        // A provider that never answers.
        let person = Shared.hub.identities.add(ServiceIdentity(claims: [], token: []) { _, _, _ in })
        identity.upstream_token(view.host, person, vmcp_bytes(), vmcp_bytes(), calls.context) { context, outcome, _ in
            Calls.add(context, "token \(outcome?.pointee.status ?? -1)")
        }
        var child = vmcp_process_sink(
            struct_size: UInt32(MemoryLayout<vmcp_process_sink>.size), reserved: 0, context: calls.context,
            output: { context, _, data in
                Calls.add(context, "output")
                return Int32(VMCP_PAUSE)
            },
            exited: { context, _, signal in Calls.add(context, "exited \(signal)") }, drained: nil)
        let started = "yes".withBytes { argument in
            var arguments = argument
            return withUnsafePointer(to: &arguments) { arguments in
                var spec = vmcp_process_spec()
                spec.struct_size = UInt32(MemoryLayout<vmcp_process_spec>.size)
                spec.arguments = arguments
                spec.argument_count = 1
                return process.spawn(view.host, &spec, &child, nil)
            }
        }
        #expect(started != 0)
        await calls.until { calls in calls.contains("output") && calls.count { $0 == "body first" } == 10 }
        await host.endActivities()
        let ended = calls.all
        #expect(ended.count { $0 == "end 7 0" } == 10)
        #expect(ended.count { $0 == "exited 15" } == 1)
        #expect(ended.count { $0 == "token 7" } == 1)
        Shared.hub.secrets.set("end/x", [2])
        #expect(timer.cancel(view.host, number) == 0)
        // Between the end and the release: harmless, and without effect.
        #expect(request("/hello") != 0)
        #expect(process.spawn(view.host, nil, nil, nil) == 0)
        await host.release()
        // A late call: the struct is still there, its number leads nowhere.
        #expect(request("/hello") == 0)
        #expect(timer.after(view.host, 0, timers.context) { Calls.add($0, "fired") } == 0)
        _ = await exchange(server.request("GET", "/stats"))
        #expect(calls.all == ended)
        #expect(timers.all.isEmpty)
        #expect(await !server.stats().contains("/hello"))
    }

    @Test("The end of the hub ends exchanges and children, and returns when they are gone")
    func shutDown() async throws {
        let server = try await Shared.server
        let hub = try ServiceHub(logger: LogRecorder().logger, version: "1", httpThreads: 2)
        let sink = RecordingSink()
        hub.http.start(hub.http.nextExchange(), server.request("GET", "/silent?head=1"), sink: sink)
        await sink.received(bytes: 1)
        let process = try RunningProcess(ProcessSpec(["sleep", "1000"]), hub.processes)
        await hub.shutDown()
        #expect(sink.ends == 1)
        #expect(process.sink.hasEnded)
        #expect(throws: ProcessSpawnError.self) { try RunningProcess(ProcessSpec(["sleep", "1000"]), hub.processes) }
    }

    @Test("A secret is copied when there is room, and its size told when there is not")
    func secrets() async throws {
        let (host, view) = make()
        let secrets = try view.table(VMCP_SECRETS, as: vmcp_secrets.self)
        Shared.hub.secrets.set("copy/x", Array("12345".utf8))
        var room = [CChar](repeating: 0, count: 5)
        room.withUnsafeMutableBufferPointer { room in
            var text = vmcp_text(data: room.baseAddress, capacity: 4, size: 0)
            #expect("copy/x".withBytes { secrets.get(view.host, $0, &text) } == VMCP_EXHAUSTED)
            #expect(text.size == 5)
            text.capacity = 5
            #expect("copy/x".withBytes { secrets.get(view.host, $0, &text) } == VMCP_OK)
            #expect(
                String(decoding: UnsafeRawBufferPointer(start: room.baseAddress, count: 5), as: UTF8.self) == "12345")
            #expect("copy/none".withBytes { secrets.get(view.host, $0, &text) } == VMCP_NOT_FOUND)
        }
        #expect("copy/none".withBytes { secrets.watch(view.host, $0, nil) { _ in } } == 0)
        await host.release()
    }

    @Test("A state reaches the delegate with the instance's name; an unknown one does not")
    func states() async throws {
        let recorder = StateRecorder()
        let (host, view) = make(delegate: recorder)
        let state = try view.table(VMCP_STATE, as: vmcp_state.self)
        "needs a token".withBytes { state.set(view.host, UInt32(VMCP_STATE_DOWN), $0) }
        "".withBytes { state.set(view.host, 9, $0) }
        #expect(recorder.states.withLock { $0 } == ["one down needs a token"])
        await host.release()
    }

    @Test("A log line names plugin and resource, keeps its fields, and forges no other line")
    func log() async throws {
        let recorder = LogRecorder()
        let hub = try ServiceHub(logger: recorder.logger, version: "1")
        let (host, view) = make(hub: hub)
        let log = try view.table(VMCP_LOG, as: vmcp_log.self)
        #expect(log.enabled(view.host, UInt32(VMCP_LOG_DEBUG)) == 0)
        #expect(log.enabled(view.host, UInt32(VMCP_LOG_INFO)) == 1)
        "started\n2026 forged".withBytes { message in
            "line".withBytes { name in
                "a\u{1B}[31m".withBytes { value in
                    var field = vmcp_header(name: name, value: value)
                    log.write(view.host, UInt32(VMCP_LOG_WARNING), message, &field, 1)
                    log.write(view.host, UInt32(VMCP_LOG_DEBUG), message, &field, 1)
                }
            }
        }
        #expect(
            recorder.lines == [
                "warning started\\u{a}2026 forged line=a\\u{1b}[31m plugin=test-plugin resource=MCPServer/one"
            ])
        await host.release()
        await hub.shutDown()
    }

    @Test("What a plugin records carries its own name, whatever it claims")
    func metrics() async throws {
        let (host, view) = make()
        let metrics = try view.table(VMCP_METRICS, as: vmcp_metrics.self)
        "test_claims_total".withBytes { name in
            "plugin".withBytes { label in
                "another".withBytes { value in
                    var header = vmcp_header(name: label, value: value)
                    metrics.record(view.host, UInt32(VMCP_METRIC_COUNTER), name, 2, &header, 1)
                }
            }
        }
        let labels = ["plugin": "test-plugin", "resource": "one"]
        #expect(Shared.hub.metrics.snapshot()[.init(name: "test_claims_total", labels: labels)] == .counter(2))
        await host.release()
    }

    @Test("A failed spawn says why, in the room there is")
    func spawnError() async throws {
        let (host, view) = make()
        let process = try view.table(VMCP_PROCESS, as: vmcp_process.self)
        var sink = vmcp_process_sink()
        sink.struct_size = UInt32(MemoryLayout<vmcp_process_sink>.size)
        var room = [CChar](repeating: 0, count: 20)
        let said = room.withUnsafeMutableBufferPointer { room in
            var text = vmcp_text(data: room.baseAddress, capacity: room.count, size: 0)
            "/no/such/prögram".withBytes { argument in
                var argument = argument
                withUnsafePointer(to: &argument) { arguments in
                    var spec = vmcp_process_spec()
                    spec.struct_size = UInt32(MemoryLayout<vmcp_process_spec>.size)
                    spec.arguments = arguments
                    spec.argument_count = 1
                    #expect(process.spawn(view.host, &spec, &sink, &text) == 0)
                }
            }
            return String(decoding: UnsafeRawBufferPointer(start: room.baseAddress, count: text.size), as: UTF8.self)
        }
        #expect(said == "/no/such/prögram: N")
        await host.release()
    }
}
