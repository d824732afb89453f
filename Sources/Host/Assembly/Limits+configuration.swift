import Gateway
import HostConfiguration
import HostHTTP

// Where each of `operational.limits` acts; one that is not set leaves the default.

extension VirtualServer.Settings {
    mutating func apply(_ limits: [Limit: Int]) {
        calls.calls = limits[.calls] ?? calls.calls
        calls.callsPerBackend = limits[.callsPerBackend] ?? calls.callsPerBackend
        schemaDepth = limits[.schemaDepth] ?? schemaDepth
        sessionCapacity = limits[.sessions] ?? sessionCapacity
        session.streams = limits[.streamsPerSession] ?? session.streams
        session.subscriptions = limits[.subscriptionsPerSession] ?? session.subscriptions
        session.subscriptionsPerPrincipal =
            limits[.subscriptionsPerPrincipal] ?? session.subscriptionsPerPrincipal
        stateless.listens = limits[.streamsPerPrincipal] ?? stateless.listens
        stateless.subscriptionsPerListen = limits[.subscriptionsPerSession] ?? stateless.subscriptionsPerListen
        interactions.parkedCalls = limits[.parkedCalls] ?? interactions.parkedCalls
        interactions.parkedCallsPerPrincipal =
            limits[.parkedCallsPerPrincipal] ?? interactions.parkedCallsPerPrincipal
        interactions.rounds = limits[.roundsPerCall] ?? interactions.rounds
        tasks.tasks = limits[.tasks] ?? tasks.tasks
        tasks.tasksPerPrincipal = limits[.tasksPerPrincipal] ?? tasks.tasksPerPrincipal
        interactions.answerTime = limits[.secondsPerRound].map { UInt64($0) * 1_000 } ?? interactions.answerTime
    }
}

extension BackendLimits {
    init(_ limits: [Limit: Int]) {
        self.init()
        jsonDepth = limits[.jsonDepth] ?? jsonDepth
        listItems = limits[.listItems] ?? listItems
        listPages = limits[.listPages] ?? listPages
    }
}

extension HTTPServerSettings {
    mutating func apply(_ limits: [Limit: Int]) {
        maximumBody = limits[.requestBytes] ?? maximumBody
        maximumDepth = limits[.jsonDepth] ?? maximumDepth
        maximumBatch = limits[.batchMessages] ?? maximumBatch
        maximumConnections = limits[.connections] ?? maximumConnections
        streamsPerPrincipal = limits[.streamsPerPrincipal] ?? streamsPerPrincipal
        bufferedEvents = limits[.bufferedEvents] ?? bufferedEvents
        bufferedBytesPerStream = limits[.bufferedBytesPerStream] ?? bufferedBytesPerStream
        bufferedBytesPerSession = limits[.bufferedBytesPerSession] ?? bufferedBytesPerSession
        bufferedBytes = limits[.bufferedBytes] ?? bufferedBytes
    }
}
