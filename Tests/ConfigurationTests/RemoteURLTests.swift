import Testing

@testable import HostConfiguration

@Suite("Remote URLs")
struct RemoteURLTests {
    private let closed = RemoteURL.Reach(allowsPrivate: false, allowsLoopback: false)

    @Test(
        "A host is classified by its name or by the address it spells",
        arguments: [
            ("example.com", .other), ("8.8.8.8", .other), ("2001:db8::1", .other), ("localhost", .loopback),
            ("api.localhost", .loopback), ("127.0.0.1", .loopback), ("127.1", .loopback), ("2130706433", .loopback),
            ("0x7f.1", .loopback), ("0177.0.0.1", .loopback), ("0.0.0.0", .loopback), ("::1", .loopback),
            ("::", .loopback), ("::ffff:127.0.0.1", .loopback), ("10.1.2.3", .privateNetwork),
            ("172.16.0.1", .privateNetwork), ("172.32.0.1", .other), ("192.168.1.1", .privateNetwork),
            ("fd00::1", .privateNetwork), ("x.ns.svc.cluster.local", .privateNetwork), ("169.254.169.254", .metadata),
            ("::ffff:169.254.169.254", .metadata), ("fe80::1", .metadata), ("metadata.google.internal", .metadata),
            ("kubernetes.default.svc", .orchestrator), ("a.kubernetes.default", .orchestrator),
            ("kubernetes.default.svc.cluster.local", .orchestrator), ("notlocalhost", .other), ("1.2.3.256", .other),
        ] as [(String, RemoteURL.Class)])
    func classes(host: String, expected: RemoteURL.Class) { #expect(RemoteURL.classify(host) == expected) }

    @Test(
        "Text that is no URL with a host is refused",
        arguments: [
            "", "https://", "https:///x", "ftp://a", "https://[::1", "https://a:port", "https://a b", "https://a\\@b",
            "//a",
            "https://user@", "http://%31%32",
        ])
    func invalid(url: String) {
        #expect(RemoteURL.problem(with: url, reach: .init(allowsPrivate: true, allowsLoopback: true)) != nil)
    }

    @Test(
        "The host is what stands before the path, after credentials",
        arguments: [
            ("https://a.example.com:8443/x?y#z", "a.example.com"), ("HTTPS://User:Pass@Example.COM", "example.com"),
            ("http://[::1]:80/", "::1"), ("http://evil.com#@127.0.0.1/", "evil.com"),
            ("http://127.0.0.1?x@evil.com", "127.0.0.1"),
        ])
    func host(url: String, expected: String) { #expect(RemoteURL.host(of: url) == expected) }

    @Test("A refusal names the host and never the credentials in the URL")
    func credentials() throws {
        let problem = try #require(RemoteURL.problem(with: "http://user:hunter2@10.0.0.1/", reach: closed))
        #expect(problem.contains("10.0.0.1") && !problem.contains("hunter2"))
    }

    /// Where the gateway runs, what the resource says, and whether a loopback and a private address are accepted.
    struct Setting: Sendable {
        var target = Target.local
        var listensOnLoopback = true
        var allowPrivateBackends = false
        var allowPrivateEndpoint = false
        var loopback: Bool
        var privateAddress: Bool
    }

    @Test(
        "Loopback and private addresses are decided by where the gateway runs",
        arguments: [
            Setting(loopback: true, privateAddress: true),
            Setting(listensOnLoopback: false, loopback: false, privateAddress: false),
            Setting(listensOnLoopback: false, allowPrivateBackends: true, loopback: true, privateAddress: true),
            Setting(listensOnLoopback: false, allowPrivateEndpoint: true, loopback: false, privateAddress: true),
            Setting(target: .cluster, loopback: false, privateAddress: false),
            Setting(target: .cluster, allowPrivateEndpoint: true, loopback: false, privateAddress: true),
            Setting(target: .cluster, allowPrivateBackends: true, loopback: true, privateAddress: true),
        ])
    func decided(setting: Setting) throws {
        for (url, isAllowed) in [
            ("http://127.0.0.1/", setting.loopback), ("http://10.0.0.1/", setting.privateAddress),
            ("http://169.254.169.254/", false), ("http://kubernetes.default.svc/", false),
            ("https://example.com/", true),
        ] {
            let spec = "remoteUrl: \(url)\nallowPrivateEndpoint: \(setting.allowPrivateEndpoint)"
            let result = try load(documents(surroundings, resource("MCPRemoteProxy", spec: spec))) {
                $0.target = setting.target
                $0.listensOnLoopback = setting.listensOnLoopback
                $0.allowPrivateBackends = setting.allowPrivateBackends
            }
            #expect(result.errors.isEmpty == isAllowed, "\(url): \(result.errors)")
        }
    }

    @Test("A cluster's own document may list private services, and the machine's own only on loopback")
    func documentBackends() throws {
        let text = document(
            "backends: [{name: a, url: \"http://x.ns.svc.cluster.local:8080\", transport: sse}]", without: "backends")
        #expect(try load(text) { $0.target = .cluster }.errors.isEmpty)
        #expect(try load(text) { $0.listensOnLoopback = false }.errors.map(\.path) == ["backends[0].url"])
        #expect(try load(document()) { $0.target = .cluster }.errors.map(\.path) == ["backends[0].url"])
    }
}
