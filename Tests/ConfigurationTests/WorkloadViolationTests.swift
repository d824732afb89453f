import Testing

@testable import HostConfiguration

@Suite("Violations of the workload kinds")
struct WorkloadViolationTests {
    static let servers: [Violation] = [
        .spec("MCPServer", "no image", "args: [a]", "spec.image", "required"),
        .spec("MCPServer", "empty image", "image: \"\" #!", "spec.image", "uvx://PACKAGE"),
        .spec("MCPServer", "unknown scheme", "image: uxv://a #!", "spec.image", "did you mean `uvx`?"),
        .spec(
            "MCPServer", "package that is an option", "image: uvx://--help #!", "spec.image", "uvx://PACKAGE[@VERSION]"),
        .spec("MCPServer", "package without version after @", "image: npx://a@ #!", "spec.image", "npx://PACKAGE"),
        .spec("MCPServer", "program without path", "image: \"exec:\" #!", "spec.image", "exec:PATH"),
        .spec("MCPServer", "image in upper case", "image: Example/Server #!", "spec.image", "container image"),
        .spec(
            "MCPServer", "transport", "image: uvx://a\ntransport: http #!", "spec.transport",
            "stdio, streamable-http, sse"),
        .spec(
            "MCPServer", "variable twice", "image: uvx://a\nenv:\n  - {name: A, value: x}\n  - {name: A, value: y} #!",
            "spec.env[1].name", "found \"A\" again"),
        .spec(
            "MCPServer", "variable that is a number", "image: uvx://a\nenv:\n  - {name: A, value: 5} #!",
            "spec.env[0].value", "found a number; put it in quotes"),
        .spec(
            "MCPServer", "variable without value", "image: uvx://a\nenv:\n  - {name: A} #!", "spec.env[0].value",
            "required"),
        .spec("MCPServer", "port of the server", "image: uvx://a\nmcpPort: 0 #!", "spec.mcpPort", "from 1 to 65535"),
        .spec("MCPServer", "port as text", "image: uvx://a\nmcpPort: \"80\" #!", "spec.mcpPort", "remove the quotes"),
        .spec(
            "MCPServer", "unknown profile", "image: uvx://a\npermissionProfile: {name: some} #!",
            "spec.permissionProfile.name", "none, network"),
        .spec(
            "MCPServer", "profile without name", "image: uvx://a\npermissionProfile: {type: builtin} #!",
            "spec.permissionProfile.name", "required"),
        .spec(
            "MCPServer", "no network over HTTP", "image: uvx://a\npermissionProfile: {name: none}\ntransport: sse #!",
            "spec.transport", "no network"),
        .spec(
            "MCPServer", "volume without target", "image: uvx://a\nvolumes: [{name: a, hostPath: /a}] #!",
            "spec.volumes[0].mountPath", "required"),
        .spec(
            "MCPServer", "isolation", "image: uvx://a\nsessionIsolation: none #!", "spec.sessionIsolation",
            "auto, shared, private"),
        .spec(
            "MCPServer", "private processes on one port",
            "image: uvx://a\ntransport: sse\nsessionIsolation: private\nmcpPort: 80 #!", "spec.mcpPort", "own process"),
        .spec(
            "MCPServer", "misspelt field", "image: uvx://a\ntransprot: stdio #!", "spec.transprot",
            "did you mean `transport`?"),
        .spec(
            "MCPServer", "arguments as text", "image: uvx://a\nargs: --flag #!", "spec.args",
            "expected a list, found text"),
        .spec(
            "MCPServer", "argument as a number", "image: uvx://a\nargs:\n  - 8080 #!", "spec.args[0]",
            "put it in quotes"),
        .spec(
            "MCPServer", "boolean as text", "image: uvx://a\ntrustProxyHeaders: \"yes\" #!", "spec.trustProxyHeaders",
            "true or false"),
        .spec(
            "MCPServer", "boolean of YAML 1.1", "image: uvx://a\ntrustProxyHeaders: yes #!", "spec.trustProxyHeaders",
            "true or false"),
        .spec("MCPServer", "octal number", "image: uvx://a\nmcpPort: 08080 #!", "spec.mcpPort", "leading zeros"),
    ]

    static let remotes: [Violation] = [
        .spec("MCPRemoteProxy", "no URL", "transport: sse", "spec.remoteUrl", "required"),
        .spec("MCPRemoteProxy", "other scheme", "remoteUrl: ftp://x #!", "spec.remoteUrl", "http:// or https://"),
        .spec("MCPRemoteProxy", "no host", "remoteUrl: https:///mcp #!", "spec.remoteUrl", "no URL with a host"),
        .spec(
            "MCPRemoteProxy", "metadata address", "remoteUrl: http://169.254.169.254/ #!", "spec.remoteUrl",
            "always refused"),
        .spec(
            "MCPRemoteProxy", "stdio", "remoteUrl: https://x.example.com\ntransport: stdio #!", "spec.transport",
            "sse, streamable-http"),
        .spec(
            "MCPRemoteProxy", "restricted header",
            "remoteUrl: https://x.example.com\nheaderForward:\n  addPlaintextHeaders:\n    Host: a #!",
            "spec.headerForward.addPlaintextHeaders.Host", "restricted header"),
        .spec(
            "MCPRemoteProxy", "header with a line break",
            "remoteUrl: https://x.example.com\nheaderForward:\n  addPlaintextHeaders:\n    X-A: \"a\\nb\" #!",
            "spec.headerForward.addPlaintextHeaders.X-A", "control characters"),
        .spec(
            "MCPRemoteProxy", "header twice",
            "remoteUrl: https://x.example.com\nheaderForward:\n  addHeadersFromSecret:\n    - {headerName: X-A, valueSecretRef: {name: keys, key: token}}\n    - {headerName: x-a, valueSecretRef: {name: keys, key: token}} #!",
            "spec.headerForward.addHeadersFromSecret[1].headerName", "each header once"),
        .spec(
            "MCPServerEntry", "no group", "remoteUrl: https://x.example.com\ntransport: sse", "spec.groupRef",
            "required"),
        .spec(
            "MCPServerEntry", "no transport", "groupRef: {name: tools}\nremoteUrl: https://x.example.com",
            "spec.transport", "required"),
        .spec("MCPServerEntry", "no URL", "groupRef: {name: tools}\ntransport: sse", "spec.remoteUrl", "required"),
        .spec(
            "MCPServerEntry", "bundle without key",
            "groupRef: {name: tools}\nremoteUrl: https://x.example.com\ntransport: sse\ncaBundleRef: {configMapRef: {name: texts}} #!",
            "spec.caBundleRef.configMapRef.key", "required"),
        .spec(
            "MCPServerEntry", "bundle without name",
            "groupRef: {name: tools}\nremoteUrl: https://x.example.com\ntransport: sse\ncaBundleRef: {configMapRef: {key: \"\"}} #!",
            "spec.caBundleRef.configMapRef.name", "name of a ConfigMap"),
        .spec(
            "MCPServerEntry", "bundle that is missing",
            "groupRef: {name: tools}\nremoteUrl: https://x.example.com\ntransport: sse\ncaBundleRef: {configMapRef: {name: text, key: \"\"}} #!",
            "spec.caBundleRef.configMapRef.name", "did you mean `texts`?"),
    ]

    static let others: [Violation] = [
        .spec("MCPGroup", "members", "servers: [a] #!", "spec.servers", "known here: description"),
        .spec("EmbeddingServer", "replicas", "replicas: 0 #!", "spec.replicas", "at least 1"),
        .spec(
            "EmbeddingServer", "pull policy", "imagePullPolicy: always #!", "spec.imagePullPolicy",
            "did you mean `Always`?"),
        .spec(
            "EmbeddingServer", "cache", "modelCache: {accessMode: Any} #!", "spec.modelCache.accessMode",
            "ReadWriteOnce"),
        .spec("EmbeddingServer", "token", "hfTokenSecretRef: {name: keys} #!", "spec.hfTokenSecretRef.key", "required"),
        .spec(
            "MCPToolConfig", "filter twice", "toolsFilter:\n  - a\n  - a #!", "spec.toolsFilter[1]", "found \"a\" again"
        ),
        .spec(
            "MCPToolConfig", "unknown hint", "toolsOverride: {a: {annotations: {readonlyHint: true}}} #!",
            "spec.toolsOverride.a.annotations.readonlyHint", "did you mean `readOnlyHint`?"),
        .spec(
            "MCPTelemetryConfig", "endpoint for nothing", "openTelemetry:\n  endpoint: a:1 #!",
            "spec.openTelemetry.endpoint", "both off"),
        .spec(
            "MCPTelemetryConfig", "header twice",
            "openTelemetry:\n  headers: {X-A: b}\n  sensitiveHeaders: [{name: X-A, secretKeyRef: {name: keys, key: token}}] #!",
            "spec.openTelemetry.sensitiveHeaders[0].name", "in both"),
        .spec(
            "MCPTelemetryConfig", "ratio", "openTelemetry: {tracing: {samplingRate: \"1.5\"}} #!",
            "spec.openTelemetry.tracing.samplingRate", "ratio"),
        .spec(
            "MCPTelemetryConfig", "ratio as a number", "openTelemetry: {tracing: {samplingRate: 0.5}} #!",
            "spec.openTelemetry.tracing.samplingRate", "put it in quotes"),
    ]

    @Test("Is rejected with its place", arguments: servers + remotes + others)
    func rejected(violation: Violation) throws { try violation.check() }
}
