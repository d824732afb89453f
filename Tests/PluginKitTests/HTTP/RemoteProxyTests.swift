import PluginKit
import Testing

@Suite("Remote proxy")
struct RemoteProxyTests {
    @Test(
        "A wrong field is named",
        arguments: [
            (#""transport":"sse""#, "spec.remoteUrl"), (#""remoteUrl":1"#, "spec.remoteUrl"),
            (#""remoteUrl":"ftp://h""#, "spec.remoteUrl"),
            (#""remoteUrl":"http://h","transport":"stdio""#, "spec.transport"),
            (
                #""remoteUrl":"http://h","headerForward":{"addPlaintextHeaders":{"Host":"x"}}"#,
                "addPlaintextHeaders.Host"
            ),
            (#""remoteUrl":"http://h","headerForward":{"addPlaintextHeaders":{"X-Real-IP":"x"}}"#, "X-Real-IP"),
            (#""remoteUrl":"http://h","headerForward":{"addPlaintextHeaders":{"a b":"x"}}"#, "a b"),
            (
                #""remoteUrl":"http://h","headerForward":{"addPlaintextHeaders":{"a":"x\r\nb: y"}}"#,
                "addPlaintextHeaders.a"
            ),
            (#""remoteUrl":"http://h","headerForward":{"addPlaintextHeaders":{"a":"x","A":"y"}}"#, "once"),
            (
                #""remoteUrl":"http://h","headerForward":{"addHeadersFromSecret":[{"headerName":"K","valueSecretRef":{"name":"s","key":"k"}}]}"#,
                "Secret 's' with key 'k'"
            ),
            (#""remoteUrl":"http://h","headerForward":{"addHeadersFromSecret":[{}]}"#, "addHeadersFromSecret[0]"),
            (
                #""remoteUrl":"http://h","caBundleRef":{"configMapRef":{"name":"m","key":""}}"#,
                "'ca.crt' in ConfigMap 'm'"
            ),
        ])
    func wrong(spec: String, part: String) {
        let refused = #expect(throws: TestInstance.Refused.self) { try remote(spec) }
        #expect(refused?.status == .invalid)
        #expect(refused?.message.contains(part) == true, "\(refused?.message ?? "")")
    }

    @Test("An entry says its transport itself")
    func entry() {
        #expect(throws: TestInstance.Refused.self) { try remote(#""remoteUrl":"http://h""#, kind: "MCPServerEntry") }
        #expect(throws: Never.self) {
            try remote(#""remoteUrl":"http://h","transport":"streamable-http""#, kind: "MCPServerEntry")
        }
    }

    private static let secretSpec =
        #""remoteUrl":"http://h","headerForward":{"addPlaintextHeaders":{"X-Team":"a"},"addHeadersFromSecret":[{"headerName":"X-Key","valueSecretRef":{"name":"s","key":"k"}}]}"#

    @Test("Static headers go with every request, secrets with the value they have then")
    func headers() throws {
        let host = TestHost(secrets: ["h1": "one\n"])
        let instance = try remote(Self.secretSpec, resolved: #"{"secrets":{"s/k":"h1"}}"#, host: host)
        instance.open(1)
        instance.send(1, "{}", headers: [("x-team", "call"), ("X-Other", "o")])
        #expect(host.exchange()["X-Key"] == "one")
        #expect(host.exchange()["X-Team"] == "a", "what the resource says wins")
        #expect(host.exchange()["X-Other"] == "o")
        host.changeSecret("h1", to: "two")
        instance.listen(1)
        #expect(host.exchange(1)["X-Key"] == "two")
    }

    @Test("Without its secret no request is sent, and no value is told", arguments: [nil, "a\u{1}secret"])
    func missingSecret(value: String?) throws {
        let host = TestHost(secrets: value.map { ["h1": $0] } ?? [:])
        let instance = try remote(Self.secretSpec, resolved: #"{"secrets":{"s/k":"h1"}}"#, host: host)
        instance.open(1)
        for call in [instance.send(1, "{}"), instance.listen(1)] {
            #expect(call.outcome?.status == .unauthenticated && call.outcome?.notSent == true)
            #expect(call.outcome?.message.contains("s/k") == true)
            #expect(call.outcome?.message.contains("a\u{1}secret") == false)
        }
        #expect(host.exchanges.isEmpty)
    }

    @Test("What the host resolved goes into each request")
    func resolved() throws {
        let pem = #"-----BEGIN CERTIFICATE-----\nx"#
        let instance = try remote(
            #""remoteUrl":"https://h/mcp","caBundleRef":{"configMapRef":{"name":"m","key":"k"}}"#,
            resolved: #"{"auth":42,"allowPrivate":true,"configMaps":{"m/k":"\#(pem)"}}"#)
        instance.open(1)
        instance.send(1, "{}")
        #expect(instance.host.exchange().auth == 42)
        #expect(instance.host.exchange().options == [.followSameOrigin, .allowPrivate])
        #expect(instance.host.exchange().caBundle == "-----BEGIN CERTIFICATE-----\nx")
    }

    @Test("Shutting down ends every session and what is under way")
    func quiesce() throws {
        let instance = try remote()
        let sink = TestSink()
        instance.open(1, sink: sink)
        let call = instance.send(1, "{}")
        #expect(instance.quiesce().outcome == .ok)
        #expect(call.outcome?.status == .unavailable && instance.host.exchange().wasCancelled)
        #expect(sink.lost.count == 1)
    }
}
