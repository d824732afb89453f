import Foundation
import Gateway
import HostPlugins
import HostServices
import Logging
import Synchronization
import Testing

@testable import Host

/// A strategy of one function of the C library, behind the cache that every strategy is behind.
@Suite("A described auth strategy")
struct DescribedAuthTests {
    /// What `strdup` makes of the template, as a header.
    private static let who = """
        auth: {function: tell, headers: {X-Who: '{result}'}}
        functions:
          tell:
            symbol: strdup
            arguments:
              - text:
                  type: cstring
                  value: '{identity.subject}|{identity.issuer}|{identity.audience}|{identity.scopes}|{identity.token}'
            returns: {type: cstring, free: free}
        """

    /// What the random numbers of the C library are: another for each call.
    private static func ticket(_ rules: String) -> String {
        """
        auth: {function: draw, headers: {X-Ticket: '{result}'}\(rules)}
        functions: {draw: {symbol: lrand48, returns: long}}
        """
    }

    /// A strategy that runs, and a clock that the test sets.
    private final class Desk: Sendable {
        private let folder: URL
        private let hub: ServiceHub
        private let instance: RunningInstance<PluginAuthStrategy>
        private let broker: CredentialBroker
        private final class Days: Sendable { let milliseconds = Mutex<UInt64>(0) }
        private let later = Days()

        init(_ text: String) async throws {
            folder = FileManager.default.temporaryDirectory.appending(path: "vmcp-auth-\(UUID().uuidString)")
            try FileManager.default.createDirectory(
                at: folder, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
            let head = "id: tested\nversion: 1.0.0\nlibrary: libc.so.6\nprovides: [vmcp.auth/1]\nstrategies: [tested]\n"
            try Data((head + text).utf8).write(to: folder.appending(path: "plugin.yaml"))
            let log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            let hub = try ServiceHub(logger: log, version: "1")
            let plugins = PluginHost(
                search: PluginSearch(commandLine: [folder.path], pluginPath: nil),
                hosts: PluginHostTables(
                    hub: hub, policy: { _, _ in NetworkPolicy(allowPrivate: false) }, limits: BackendExchanges()),
                log: log,
                describer: DescribedLibraries(log: log))
            instance = try await plugins.authStrategy(
                type: "tested",
                configuration: InstanceConfiguration(apiVersion: "", kind: "tested", name: "weather", baseDirectory: "")
            )
            self.hub = hub
            let later = later
            broker = CredentialBroker(
                backend: "weather", type: "tested", source: instance.face, identities: hub.identities,
                now: { UInt64(Date.now.timeIntervalSince1970 * 1_000) + later.milliseconds.withLock { $0 } })
        }

        func identity(_ claims: String, token: String = "token") -> UInt64 {
            hub.identities.add(
                ServiceIdentity(claims: Array(claims.utf8), token: Array(token.utf8), key: Array(claims.utf8)) {
                    _, _, completion in completion(.failure(ServiceOutcome(.notFound)))
                })
        }

        /// From now on it is so many days later than the strategy thinks.
        func pass(days: UInt64) { later.milliseconds.withLock { $0 = days * 86_400_000 } }

        /// The value of the one header that a request gets; `unchanged`; or why it is refused.
        func ask(_ identity: UInt64, path: String = "/mcp") async -> String {
            let request = AuthorizableRequest(identity: identity, method: "POST", url: "https://example.com\(path)")
            return await withCheckedContinuation { continuation in
                broker.authorize(request) { answer in
                    switch answer {
                    case .changes(let changes):
                        continuation.resume(returning: changes.set.map(\.value).joined(separator: ", "))
                    case .unchanged: continuation.resume(returning: "unchanged")
                    case .refused(let outcome): continuation.resume(returning: "refused: \(outcome.message)")
                    }
                }
            }
        }

        /// How often a function was timed.
        func timed(_ function: String) -> UInt64 {
            let found = hub.metrics.snapshot().filter {
                $0.key.name == "described_call_seconds" && $0.key.labels["function"] == function
            }
            return found.values.reduce(0) { sum, value in
                if case .histogram(let counts, _) = value { sum + counts.reduce(0, +) } else { sum }
            }
        }

        func stop() async throws {
            await instance.stop()
            try FileManager.default.removeItem(at: folder)
        }
    }

    @Test("A caller's claims and token fill templates, lists as words; a claim that would break a header is refused")
    func identities() async throws {
        let desk = try await Desk(Self.who)
        let alice = desk.identity(
            #"{"sub":"alice","iss":"https://issuer","aud":["a","b"],"scope":"read write"}"#, token: "t1")
        #expect(await desk.ask(alice) == "alice|https://issuer|a b|read write|t1")
        let bob = desk.identity(#"{"sub":"bob","aud":"one","scp":["x","y"]}"#, token: "t2")
        #expect(await desk.ask(bob) == "bob||one|x y|t2")
        let eve = desk.identity(#"{"sub":"eve\r\nX-Admin: 1"}"#)
        #expect(await desk.ask(eve).contains("the header X-Who would have control characters in it"))
        // The gateway's own requests have no identity.
        #expect(await desk.ask(0) == "unchanged")
        try await desk.stop()
    }

    @Test("Without `cache` each request has an answer of its own, and each call is timed")
    func perRequest() async throws {
        let desk = try await Desk(Self.ticket(""))
        let alice = desk.identity(#"{"sub":"alice"}"#)
        let answers = [await desk.ask(alice), await desk.ask(alice), await desk.ask(0)]
        #expect(Set(answers).count == 3 && answers.allSatisfy { UInt64($0) != nil }, "\(answers)")
        #expect(desk.timed("draw") == 3)
        try await desk.stop()
    }

    @Test("`cache: backend` keeps one answer for all callers until it expires")
    func perBackend() async throws {
        let desk = try await Desk(Self.ticket(", cache: backend, expires: 172800"))
        let (alice, bob) = (desk.identity(#"{"sub":"alice"}"#), desk.identity(#"{"sub":"bob"}"#))
        let first = await desk.ask(alice)
        #expect(UInt64(first) != nil, "\(first)")
        #expect(await desk.ask(alice) == first)
        #expect(await desk.ask(bob) == first)
        desk.pass(days: 1)
        #expect(await desk.ask(bob) == first)
        desk.pass(days: 3)
        #expect(await desk.ask(bob) != first)
        try await desk.stop()
    }

    @Test("`cache: identity` keeps one answer for each caller, and gives the gateway itself none")
    func perIdentity() async throws {
        let desk = try await Desk(Self.ticket(", cache: identity, expires: 172800"))
        let (alice, bob) = (desk.identity(#"{"sub":"alice"}"#), desk.identity(#"{"sub":"bob"}"#))
        let first = await desk.ask(alice)
        #expect(await desk.ask(bob) != first)
        #expect(await desk.ask(alice) == first)
        #expect(await desk.ask(0) == "unchanged")
        desk.pass(days: 3)
        #expect(await desk.ask(alice) != first)
        try await desk.stop()
    }

    @Test(
        "`expires` may be what the library says, as Unix time",
        arguments: [(4_102_444_800, "/first"), (1, "/second")])
    func told(until: Int, path: String) async throws {
        // The path shows which request an answer was made for.
        let desk = try await Desk(
            """
            auth: {function: end, headers: {X-Ticket: '{until} {request.path}'}, cache: backend, expires: until}
            functions:
              end:
                symbol: atoll
                arguments: [text: {type: cstring, value: '\(until)'}]
                returns: {type: int64, name: until}
            """)
        #expect(await desk.ask(desk.identity("{}"), path: "/first") == "\(until) /first")
        #expect(await desk.ask(desk.identity("{}"), path: "/second") == "\(until) \(path)")
        try await desk.stop()
    }

    @Test("A time that is none refuses the request")
    func wrongTime() async throws {
        let desk = try await Desk(
            """
            auth: {function: end, headers: {X-Ticket: a}, cache: backend, expires: until}
            functions: {end: {symbol: atoll, arguments: [text: {type: cstring, value: '-5'}], returns: {type: int64, name: until}}}
            """)
        #expect(await desk.ask(0).contains("'until' is no Unix time in seconds"))
        try await desk.stop()
    }
}
