import Gateway
import Testing

@testable import HostPlugins

@Suite("Life of an instance")
struct InstanceTests {
    private func refusal(_ defines: [String], timing: InstanceTiming = .patient) async throws
        -> (PluginLoadError, PlainHosts)
    {
        let plugin = try FixturePlugin("handshake", defines: defines)
        let hosts = PlainHosts()
        let host = PluginHost(
            search: PluginSearch(commandLine: [plugin.folder], executableFolder: nil), hosts: hosts,
            log: RunningFixture.silent)
        let error = await #expect(throws: PluginLoadError.self) {
            try await host.backend(kind: "Fixture", configuration: RunningFixture.configuration(), timing: timing)
        }
        return (try #require(error), hosts)
    }

    @Test(
        "An error of create is passed on in the plugin's words, bounded",
        arguments: [
            (
                ["STATUS=VMCP_INVALID", "ERROR_TEXT=\"spec.port: expected a number\""],
                "invalid: spec.port: expected a number"
            ),
            (["STATUS=VMCP_UNAVAILABLE"], "unavailable, and no reason given"),
            (["STATUS=99"], "the unknown status 99, and no reason given"),
            (["STATUS=VMCP_INVALID", "ERROR_OVERFLOW"], "invalid: " + String(repeating: "x", count: 1_024)),
        ])
    func createFails(defines: [String], found: String) async throws {
        let (error, hosts) = try await refusal(defines)
        #expect(error.reason == .createFailed)
        #expect(error.path == "Fixture/one")
        #expect(error.found == found)
        #expect(hosts.made.map(\.done) == [["end activities", "release"]])
    }

    @Test("A start that fails is told with its reason, and the instance is destroyed")
    func startFails() async throws {
        let (error, hosts) = try await refusal(["START_FAILS"])
        #expect(error.reason == .startFailed)
        #expect(error.found == "notFound: the model is not there")
        #expect(hosts.made.map(\.done) == [["end activities", "release"]])
    }

    @Test("A start that is never resolved ends at its deadline; the instance is kept for good, its table too")
    func startSilent() async throws {
        let plugin = try FixturePlugin("handshake", defines: ["START_SILENT"])
        let hosts = PlainHosts()
        let host = PluginHost(
            search: PluginSearch(commandLine: [plugin.folder], executableFolder: nil), hosts: hosts,
            log: RunningFixture.silent)
        let error = await #expect(throws: PluginLoadError.self) {
            try await host.backend(
                kind: "Fixture", configuration: RunningFixture.configuration(),
                timing: InstanceTiming(start: 20, grace: 10))
        }
        #expect(error?.reason == .startTimedOut)
        #expect(error?.expected == "the plugin fixture to start within 20 ms")
        #expect(host.plugins().map(\.leakedInstances) == [1])
        #expect(hosts.made.map(\.done) == [["end activities"]])
    }

    @Test("A start that nobody waits for any more ends")
    func startCancelled() async throws {
        let plugin = try FixturePlugin("handshake", defines: ["START_SILENT"])
        let hosts = PlainHosts()
        let host = PluginHost(
            search: PluginSearch(commandLine: [plugin.folder], executableFolder: nil), hosts: hosts,
            log: RunningFixture.silent)
        let starting = Task {
            try await host.backend(
                kind: "Fixture", configuration: RunningFixture.configuration(), timing: InstanceTiming(grace: 10))
        }
        try await until { !hosts.made.isEmpty }
        starting.cancel()
        let error = await #expect(throws: PluginLoadError.self) { try await starting.value }
        #expect(error?.reason == .startFailed)
        #expect(error?.found == "cancelled: nobody waits for it any more")
    }

    @Test("An instance that is no backend is refused as one")
    func noCapability() async throws {
        let (error, hosts) = try await refusal([])
        #expect(error.reason == .missingCapability)
        #expect(error.expected == "vmcp.backend/1 with the functions open, send and close")
        #expect(hosts.made.map(\.done) == [["end activities", "release"]])
    }

    @Test("Progress of start is passed on, and stop destroys the instance once")
    func running() async throws {
        let plugin = try FixturePlugin("talker")
        let hosts = PlainHosts()
        let host = PluginHost(
            search: PluginSearch(commandLine: [plugin.folder], executableFolder: nil), hosts: hosts,
            log: RunningFixture.silent)
        let lines = Recorder()
        let states = Recorder()
        let backend = try await host.backend(
            kind: "Fixture", configuration: RunningFixture.configuration(), timing: .patient,
            onProgress: { lines.progressed($0) },
            onState: { states.progressed("\($0.level): \($0.reason)") })
        #expect(lines.current.progress == ["halfway"])
        #expect(backend.life == .running)
        #expect(backend.state == .ready)
        hosts.made[0].onState(ReportedState(.degraded, reason: "no index"))
        hosts.made[0].onState(ReportedState(.degraded, reason: "no index"))
        #expect(backend.state == ReportedState(.degraded, reason: "no index"))
        #expect(states.current.progress == ["degraded: no index"])
        await backend.stop()
        await backend.stop()
        #expect(backend.life == .destroyed)
        #expect(hosts.made.map(\.done) == [["end activities", "release"]])
        try await until { backend.counts.pending == 0 }
    }

    @Test("Stop cancels the calls that run, and waits for their end")
    func stopCancels() async throws {
        let fixture = try await RunningFixture()
        let observer = Recorder()
        fixture.begin("keep", CallContext(), observer)
        await fixture.backend.stop()
        let record = await observer.ended()
        #expect(record.outcome.status == .cancelled)
        #expect(fixture.backend.life == .destroyed)
    }

    @Test("An instance is not destroyed under a call that the plugin keeps")
    func leak() async throws {
        let fixture = try await RunningFixture(defines: ["NO_CANCEL"], timing: InstanceTiming(grace: 10))
        let observer = Recorder()
        fixture.begin("keep", CallContext(), observer)
        await fixture.backend.stop()
        #expect(await observer.ended().outcome == Outcome(.unavailable, message: "the backend was stopped"))
        #expect(fixture.backend.life == .leaked)
        #expect(fixture.report.leakedInstances == 1)
        #expect(fixture.hosts.made.map(\.done) == [["end activities"]])
    }

    @Test("A spec that the schema refuses makes no instance")
    func badConfiguration() async throws {
        let plugin = try FixturePlugin("talker")
        let hosts = PlainHosts()
        let host = PluginHost(
            search: PluginSearch(commandLine: [plugin.folder], executableFolder: nil), hosts: hosts,
            log: RunningFixture.silent)
        let configuration = RunningFixture.configuration(spec: #"{"port": 70000}"#)
        let error = await #expect(throws: PluginLoadError.self) {
            try await host.backend(kind: "Fixture", configuration: configuration)
        }
        #expect(error?.reason == .badConfiguration)
        #expect(error?.found == "spec.port: expected at most 65535, found 70000")
        #expect(hosts.made.isEmpty)
        #expect(throws: PluginLoadError.self) { try host.check(configuration) }
    }

    @Test("Every step that the table does not name is refused and changes nothing")
    func lifeTable() {
        func reach(_ steps: [InstanceLife.Step]) -> InstanceLife {
            var life = InstanceLife()
            for step in steps {
                let went = life.go(step)
                #expect(went)
            }
            return life
        }
        let states: [(InstanceLife, Set<InstanceLife.Step>)] = [
            (reach([]), [.create, .refuse]), (reach([.create]), [.start, .fail, .quiesce]),
            (reach([.create, .start]), [.succeed, .fail, .quiesce]),
            (reach([.create, .start, .succeed]), [.quiesce]),
            (reach([.create, .start, .succeed, .quiesce]), [.destroy, .abandon]),
            (reach([.create, .quiesce, .destroy]), []), (reach([.create, .fail, .abandon]), []),
            (reach([.refuse]), []),
        ]
        for (life, allowed) in states {
            for step in InstanceLife.Step.allCases {
                var next = life
                let went = next.go(step)
                #expect(went == allowed.contains(step), "\(life.state) \(step)")
                if !allowed.contains(step) { #expect(next == life) }
            }
        }
    }
}
