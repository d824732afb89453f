import Foundation
import Glibc
import Testing

extension EndToEnd {
    /// What is told on the streams of sessions and on those of `subscriptions/listen`, with real servers behind.
    @Suite("What listens hear")
    struct ListenTests {
        private static let changed = "notifications/tools/list_changed"

        /// A server whose tools can be changed, and how it is reached.
        enum Server: String, Sendable, CaseIterable {
            case process, streamableHTTP, eventStream, modern
        }

        @Test(
            "Changes after a restart of the backend are told to sessions and to listens", .timeLimit(.minutes(2)),
            arguments: Server.allCases)
        func restarted(kind: Server) async throws {
            let sdk = kind == .modern ? Places.SDK.second : .first
            let transport = kind == .eventStream ? "sse" : "streamable-http"
            var server: FixtureServer?
            var resources = Resources()
            if kind == .process {
                try resources.addSDK(sdk, "far")
            } else {
                let started = try await FixtureServer.sdk(sdk, name: "far", transport: transport)
                server = started
                resources.addRemote("far", kind == .eventStream ? started.sseURL : started.url, transport: transport)
            }
            try await RunningGateway.serve(resources) { gateway in
                _ = try await gateway.await("far", health: "healthy")
                let client = try await gateway.client()
                let feeds = [
                    try await EventFeed.session(client, of: gateway),
                    try await EventFeed.listen(#""toolsListChanged":true"#, of: gateway),
                ]
                /// Looks at the list only when it is told to, until it is this.
                func told(_ names: Set<String>) async throws {
                    for feed in feeds {
                        repeat { try await feed.next(Self.changed) } while Set(try await client.toolNames()) != names
                    }
                }
                func add(_ tool: String) async throws {
                    let arguments = #"{"kind":"tool","item":"\#(tool)","present":true}"#
                    #expect(try await client.call("far_change", arguments).toolText == "tool \(tool) added")
                }
                let names = Set(try await client.toolNames())
                try await add("extra")
                try await told(names.union(["far_extra"]))
                if let running = server {
                    server = try await running.replaced(by: sdk, name: "far", transport: transport)
                } else {
                    // The innermost: each has a supervisor of its own above it.
                    for process in try ProcessTable.descendants(of: gateway.process.identifier)
                    where try ProcessTable.descendants(of: process).isEmpty { kill(process, SIGKILL) }
                }
                // The new one has forgotten what was added.
                try await told(names)
                try await add("later")
                try await told(names.union(["far_later"]))
            }
        }

        @Test(
            "A listen hears of what its own caller may see, and nobody else's word or listen ends it",
            .timeLimit(.minutes(2)))
        func identities() async throws {
            let issuer = try await FixtureServer.authorizationServer()
            let backend = try await FixtureServer.guarded(
                by: issuer, audience: "frontend", mode: "stream", perUser: true)
            try await withTemporaryFolder { folder in
                try Data(CallerStrategyTests.manifest.utf8).write(to: folder.appending(path: "plugin.yaml"))
                let yaml = Resources.guarded(
                    by: issuer, strategy: "type: own_token\nconfig: {}", "remote", at: backend.url)
                let feeds = try await RunningGateway.serve(yaml: yaml, plugins: [folder]) { gateway in
                    _ = try await gateway.await("remote", health: "healthy")
                    var callers: [(token: String, client: RawClient, feed: EventFeed, tool: String)] = []
                    for user in ["diana", "bob"] {
                        let token = try await issuer.login(user: user)
                        let client = try await gateway.client(token: token)
                        let own = try await client.toolNames().first { $0.hasPrefix("remote_of_") }
                        // Both under the same id, which is the client's to choose.
                        let feed = try await EventFeed.listen(
                            #""toolsListChanged":true"#, id: "7", token: token, of: gateway)
                        callers.append((token, client, feed, try #require(own)))
                    }
                    let (diana, bob) = (callers[0], callers[1])
                    for (caller, id) in [(bob, "7"), (bob, "8"), (diana, "8")] {
                        let cancel = ModernRequest("notifications/cancelled", members: #""requestId":7"#)
                            .adding("Authorization", "Bearer \(caller.token)")
                        let body = cancel.body.replacing(#""id":7,"#, with: "")
                        #expect(try await cancel.with(body: body).send(to: gateway.port).status == 202)
                        let other = try await EventFeed.listen(
                            #""toolsListChanged":true"#, id: id, token: caller.token, of: gateway)
                        other.hangUp()
                    }
                    for (caller, other) in [(bob, diana), (diana, bob)] {
                        try await backend.grow(String(caller.tool.dropFirst("remote_".count)))
                        try await backend.notify(#"{"jsonrpc":"2.0","method":"\#(Self.changed)"}"#)
                        let told = try await caller.feed.next()
                        #expect(told?["method"]?.string == Self.changed)
                        #expect(told?["params"]?["_meta"]?["\(ModernRequest.prefix)subscriptionId"] == 7)
                        #expect(try await caller.client.toolNames().contains("\(caller.tool)_more"))
                        #expect(try await !other.client.toolNames().contains("\(caller.tool)_more"))
                    }
                    return [diana.feed, bob.feed]
                }
                // The end of the gateway is the result of a listen, and there was nothing else.
                for feed in feeds { #expect(try await feed.rest() == [nil]) }
            }
        }

        @Test(
            "Updates of a resource are heard whichever backend session of the client's causes them",
            .timeLimit(.minutes(2)))
        func sessionsOfOneClient() async throws {
            var resources = Resources()
            try resources.addSDK(.first, "far")
            try await RunningGateway.serve(resources) { gateway in
                _ = try await gateway.await("far", health: "healthy")
                let sets = ["{}", #"{"elicitation":{"form":{}}}"#, #"{"roots":{}}"#]
                // A process for each set, and a second for calls beside one another: only its own is told of a touch.
                let feed = try await EventFeed.listen(
                    #""resourceSubscriptions":["far://info"]"#, capabilities: sets[1], of: gateway)
                func call(_ tool: String, _ arguments: String, _ capabilities: String) async throws -> JSON {
                    let meta = ModernRequest.meta(capabilities: capabilities)
                    let request = ModernRequest.call("far_\(tool)", arguments, meta: meta)
                    return try await request.send(to: gateway.port).json
                }
                func touch(_ capabilities: String) async throws {
                    let answer = try await call("touch", #"{"uri":"far://info"}"#, capabilities)
                    #expect(answer["result"]?.toolText == "far://info touched", "\(answer.text)")
                    let told = try await feed.next("notifications/resources/updated")
                    #expect(told["params"]?["uri"] == "far://info")
                }
                for set in sets { try await touch(set) }
                let held = try await call("ask_form", "{}", sets[1])
                #expect(held["result"]?["resultType"] == "input_required", "\(held.text)")
                try await touch(sets[1])
            }
        }
    }
}
