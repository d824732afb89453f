import Testing

@testable import HostServices

@Suite("Network policy")
struct NetworkPolicyTests {
    @Test(
        "Addresses of this machine and of private networks need leave",
        arguments: [
            "127.0.0.1", "127.9.9.9", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1",
            "198.19.0.1", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12::1", "::ffff:10.0.0.1", "[::1]",
            "64:ff9b::7f00:1", "::127.0.0.1",
        ])
    func nearby(text: String) throws {
        let address = try #require(IPAddress(text))
        #expect(NetworkPolicy(allowPrivate: false).objection(to: address) != nil)
        #expect(NetworkPolicy(allowPrivate: true).objection(to: address) == nil)
    }

    @Test(
        "Metadata services and addresses that name no host are refused always",
        arguments: [
            "169.254.169.254", "169.254.0.1", "0.0.0.0", "0.1.2.3", "::", "224.0.0.1", "255.255.255.255", "ff02::1",
            "fd00:ec2::254", "fd20:ce::254", "100.100.100.200", "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe",
        ])
    func never(text: String) throws {
        let address = try #require(IPAddress(text))
        #expect(NetworkPolicy(allowPrivate: true).objection(to: address) != nil)
    }

    @Test(
        "Other addresses are open",
        arguments: [
            "8.8.8.8", "172.15.255.255", "172.32.0.1", "100.63.255.255", "100.128.0.1", "169.253.0.1", "192.0.1.1",
            "2001:4860:4860::8888", "64:ff9b::808:808",
        ])
    func open(text: String) throws {
        let address = try #require(IPAddress(text))
        #expect(NetworkPolicy(allowPrivate: false).objection(to: address) == nil)
    }

    @Test(
        "What is no address is none",
        arguments: ["", "localhost", "1.2.3", "1.2.3.4.5", "256.1.1.1", "12345::", "0x7f.1"])
    func noAddress(text: String) { #expect(IPAddress(text) == nil) }

    @Test(
        "Proxies are chosen as curl chooses them, and never for loopback",
        arguments: [
            ("http://a.test/", "http://plain:1"), ("https://a.test/", "http://secure:2"), ("http://localhost:9/", ""),
            ("http://x.localhost/", ""), ("http://127.0.0.1/", ""), ("https://[::1]/", ""), ("http://inside.test/", ""),
            ("http://a.inside.test/", ""), ("http://notinside.test/", "http://plain:1"), ("http://10.9.9.9/", ""),
            ("http://11.9.9.9/", "http://plain:1"), ("http://dotted.example/", ""), ("http://b.dotted.example/", ""),
        ])
    func proxies(url: String, expected: String) throws {
        let settings = ProxySettings(environment: [
            "http_proxy": "http://plain:1", "HTTP_PROXY": "http://forged:3", "HTTPS_PROXY": "http://secure:2",
            "no_proxy": "inside.test, 10.0.0.0/8,.dotted.example",
        ])
        #expect(settings.proxy(for: try #require(Origin(url))) == expected)
    }
}
