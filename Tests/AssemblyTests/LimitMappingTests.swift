import Gateway
import HostConfiguration
import HostHTTP
import HostServices
import Testing

@testable import Host

/// What becomes of `operational.limits` where the limits act.
@Suite("Limits from the configuration")
struct LimitMappingTests {
    /// The settings of both sides.
    private struct Both: Equatable {
        var capacity = VirtualServer.Settings(identity: identity).sessionCapacity
        var schemaDepth = VirtualServer.Settings(identity: identity).schemaDepth
        var backends = BackendLimits()
        /// What plugins are told; `nil` leaves their default.
        var eventBytes: Int?
        var calls = CallLimits()
        var session = SessionLimits()
        var stateless = StatelessLimits()
        var interactions = InteractionLimits()
        var tasks = TaskLimits()
        var http = HTTPServerSettings()
        var responseBytes = ExchangeLimits().responseBytes

        private static let identity = GatewayIdentity(name: "gateway", version: "1")

        init() {}

        init(_ limits: [Limit: Int]) {
            var settings = VirtualServer.Settings(identity: Self.identity)
            settings.apply(limits)
            http.apply(limits)
            var operational = OperationalSettings()
            operational.limits = limits
            let exchanges = ExchangeLimits()
            exchanges.apply(operational)
            responseBytes = exchanges.responseBytes
            (capacity, session) = (settings.sessionCapacity, settings.session)
            (stateless, interactions) = (settings.stateless, settings.interactions)
            (tasks, calls) = (settings.tasks, settings.calls)
            (schemaDepth, backends) = (settings.schemaDepth, BackendLimits(limits))
            // ConfigurationTests and the end-to-end tests see to what becomes of it.
            eventBytes = limits[.eventBytes]
        }
    }

    /// Sets by hand what a limit is to change, and nothing else.
    private static func change(_ limit: Limit, to value: Int, in settings: inout Both) {
        switch limit {
        case .requestBytes: settings.http.maximumBody = value
        case .jsonDepth:
            settings.http.maximumDepth = value
            settings.backends.jsonDepth = value
        case .batchMessages: settings.http.maximumBatch = value
        case .connections: settings.http.maximumConnections = value
        case .eventBytes: settings.eventBytes = value
        case .listItems: settings.backends.listItems = value
        case .listPages: settings.backends.listPages = value
        case .schemaDepth: settings.schemaDepth = value
        case .calls: settings.calls.calls = value
        case .callsPerBackend: settings.calls.callsPerBackend = value
        case .responseBytesPerBackend: settings.responseBytes = value
        case .sessions: settings.capacity = value
        case .streamsPerSession: settings.session.streams = value
        case .streamsPerPrincipal:
            settings.http.streamsPerPrincipal = value
            settings.stateless.listens = value
        case .subscriptionsPerSession:
            settings.session.subscriptions = value
            settings.stateless.subscriptionsPerListen = value
        case .subscriptionsPerPrincipal: settings.session.subscriptionsPerPrincipal = value
        case .parkedCalls: settings.interactions.parkedCalls = value
        case .parkedCallsPerPrincipal: settings.interactions.parkedCallsPerPrincipal = value
        case .roundsPerCall: settings.interactions.rounds = value
        case .secondsPerRound: settings.interactions.answerTime = UInt64(value) * 1_000
        case .tasks: settings.tasks.tasks = value
        case .tasksPerPrincipal: settings.tasks.tasksPerPrincipal = value
        case .bufferedEvents: settings.http.bufferedEvents = value
        case .bufferedBytesPerStream: settings.http.bufferedBytesPerStream = value
        case .bufferedBytesPerSession: settings.http.bufferedBytesPerSession = value
        case .bufferedBytes: settings.http.bufferedBytes = value
        }
    }

    @Test("Each limit changes what it says, and nothing else", arguments: Limit.allCases)
    func one(limit: Limit) {
        for value in [limit.range.lowerBound, limit.range.upperBound] {
            var expected = Both()
            Self.change(limit, to: value, in: &expected)
            #expect(expected != Both(), "\(value) is the default")
            #expect(Both([limit: value]) == expected)
        }
    }

    @Test("Without limits the defaults stand, and they are within the ranges of the fields")
    func defaults() {
        #expect(Both([:]) == Both())
        let defaults: [Limit: Int] = [
            .requestBytes: 8_388_608, .batchMessages: 256, .sessions: 10_000, .streamsPerSession: 8,
            .streamsPerPrincipal: 10_000, .subscriptionsPerSession: 1_000, .subscriptionsPerPrincipal: 100_000,
            .parkedCalls: 1_000, .parkedCallsPerPrincipal: 250, .roundsPerCall: 32, .secondsPerRound: 600,
            .tasks: 100_000, .tasksPerPrincipal: 1_000, .calls: 10_000, .callsPerBackend: 2_000,
            .responseBytesPerBackend: 268_435_456,
            .bufferedEvents: 1_000, .bufferedBytesPerStream: 1_048_576, .bufferedBytesPerSession: 8_388_608,
            .bufferedBytes: 268_435_456, .jsonDepth: 256, .schemaDepth: 64, .connections: 20_000,
            .eventBytes: 16_777_216, .listItems: 100_000, .listPages: 10_000,
        ]
        #expect(Set(defaults.keys) == Set(Limit.allCases))
        #expect(defaults.allSatisfy { $0.key.range.contains($0.value) })
        // What the documentation says.
        var standing = Both()
        standing.eventBytes = 16_777_216
        #expect(Both(defaults) == standing)
    }
}
