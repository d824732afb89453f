import PluginAPI
import PluginKit
import Synchronization
import Testing

@Suite("Plugin table")
struct PluginTests {
    @Test("Another ABI major gets no table", arguments: [0, 2, 65_535] as [UInt16])
    func foreignMajor(major: UInt16) {
        #expect(Plugin.export(.echo(), for: major) == nil)
    }

    @Test("The table says what the definition says")
    func fields() throws {
        let table = try #require(Plugin.export(.echo(), for: 1)).pointee
        #expect(table.magic == VMCP_ABI_MAGIC)
        #expect(table.struct_size == VMCP_PLUGIN_SIZE_1_0)
        #expect(String(cString: table.id) == "echo")
        #expect(String(cString: table.version) == "1.2.3")
        #expect(table.config_schema.map { String(cString: $0) } == "{}")
        let provides = try #require(table.provides)
        #expect(provides[0].map { String(cString: $0) } == "vmcp.backend/1")
        #expect(provides[1] == nil)
    }

    @Test("The same id gets the same table")
    func sameTable() {
        #expect(Plugin.export(.echo(), for: 1) == Plugin.export(.echo(), for: 1))
    }

    @Test("A factory's error becomes status and text of create")
    func refusal() {
        #expect(throws: TestInstance.Refused(status: .invalid, message: "spec.refuse: expected nothing, found it")) {
            _ = try TestInstance(.echo(), configuration: #"{"spec":{"refuse":true}}"#)
        }
    }

    @Test("A configuration that is no JSON object is refused", arguments: ["", "[]", "{", "nul"])
    func noObject(configuration: String) {
        #expect(throws: TestInstance.Refused.self) { _ = try TestInstance(.echo(), configuration: configuration) }
    }

    @Test("Capabilities that the instance does not have are absent")
    func capabilities() throws {
        let instance = try TestInstance(.echo())
        #expect(instance.backend != nil)
        #expect(instance.backend?.listen == nil)
        #expect(instance.capability(VMCP_AUTH, as: vmcp_auth.self) == nil)
        #expect(instance.capability("vmcp.nothing/9", as: vmcp_auth.self) == nil)
    }

    @Test("Numbers are those of the header")
    func numbers() {
        let header = [
            VMCP_OK, VMCP_INVALID, VMCP_UNSUPPORTED, VMCP_NOT_FOUND, VMCP_UNAUTHENTICATED, VMCP_FORBIDDEN,
            VMCP_TIMEOUT, VMCP_CANCELLED, VMCP_UNAVAILABLE, VMCP_PROTOCOL, VMCP_EXHAUSTED, VMCP_INTERNAL,
        ]
        #expect(Status.allCases.map { Int($0.rawValue) } == header.map { Int($0) })
        #expect([Flow.go, .pause, .stop].map { Int($0.rawValue) } == [VMCP_GO, VMCP_PAUSE, VMCP_STOP].map { Int($0) })
        #expect(BackendTraits.shareable.rawValue == UInt32(VMCP_BACKEND_SHAREABLE))
        #expect(BackendTraits.answersOnSession.rawValue == UInt32(VMCP_BACKEND_ANSWERS_ON_SESSION))
        #expect(BackendTraits.hasHeaders.rawValue == UInt32(VMCP_BACKEND_HAS_HEADERS))
        #expect(BackendTraits.remote.rawValue == UInt32(VMCP_BACKEND_REMOTE))
        #expect(HTTPOptions.followSameOrigin.rawValue == UInt32(VMCP_HTTP_FOLLOW_SAME_ORIGIN))
        #expect(HTTPOptions.allowPrivate.rawValue == UInt32(VMCP_HTTP_ALLOW_PRIVATE))
        #expect(HTTPOptions.teardown.rawValue == UInt32(VMCP_HTTP_TEARDOWN))
        #expect(Emission.resultChunk.rawValue == UInt32(VMCP_RESULT_CHUNK))
        #expect(CancelReason.shutdown.rawValue == UInt32(VMCP_CANCEL_SHUTDOWN))
    }

    @Test("Timers that have not fired let go of what they hold when the instance is destroyed")
    func retire() throws {
        weak var held: Held?
        do {
            let instance = try TestInstance(.echo())
            let object = Held()
            held = object
            EchoBackend.holding.withLock { $0 = object }
            instance.send(1, "hold")
            EchoBackend.holding.withLock { $0 = nil }
            #expect(instance.host.timerCount == 1)
        }
        #expect(held == nil)
    }

    private final class Held: Sendable {}
}

/// Echoes each message, unless it says what else to do.
final class EchoBackend: BackendPlugin {
    let services: HostServices
    let traits: BackendTraits = [.shareable]

    init(_ services: HostServices) { self.services = services }

    func open(_ session: UInt64, parameters: SessionParameters, sink: SessionSink, call: Call) { call.resolve() }
    func send(_ session: UInt64, message: RawSpan, call: Call) {
        switch String(decoding: message.copied(), as: UTF8.self) {
        case "drop": break
        case "hold":
            let object = Self.holding.withLock { $0 }
            // The instance holds the services, which hold this: somebody has to cut the circle.
            services.timer.after(1_000) { [self] in withExtendedLifetime((object, self)) {} }
            call.resolve()
        case "twice":
            call.resolve(.ok, last: message)
            call.resolve(Outcome(.internalError, "again"))
            call.emit(.message, message)
        case "wait":
            call.onCancel { [weak call] reason in call?.resolve(Outcome(.cancelled, "\(reason)")) }
            Self.kept.withLock { $0[call.id] = call }
        default: call.resolve(.ok, last: message)
        }
    }
    func close(_ session: UInt64, call: Call) { call.resolve() }

    static let holding = Mutex<(any Sendable)?>(nil)
    static let kept = Mutex<[UInt64: Call]>([:])
}

extension PluginDefinition {
    static func echo() -> PluginDefinition {
        PluginDefinition(id: "echo", version: "1.2.3", provides: [.backend], configSchema: "{}") {
            configuration, services throws(PluginError) in
            if configuration.spec["refuse"] != nil {
                throw PluginError(.invalid, "spec.refuse: expected nothing, found it")
            }
            return EchoBackend(services)
        }
    }
}
