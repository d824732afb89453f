/// What children see of the gateway's environment: what programs need to run here and to reach the network, and the
/// settings of package runners. Everything else, which may hold the gateway's own secrets, stays.
enum InheritedEnvironment {
    private static let names: Set<String> = [
        "PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "LANGUAGE", "TZ", "TMPDIR", "http_proxy", "https_proxy",
        "all_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "REQUESTS_CA_BUNDLE",
        "CURL_CA_BUNDLE", "GIT_SSL_CAINFO", "NODE_EXTRA_CA_CERTS",
    ]
    private static let prefixes = [
        "LC_", "XDG_", "SSL_CERT_", "UV_", "PIP_", "NPM_CONFIG_", "npm_config_", "PYTHON",
    ]

    static func selection(from environment: [String: String]) -> [String: String] {
        environment.filter { variable in
            names.contains(variable.key) || prefixes.contains { variable.key.hasPrefix($0) }
        }
    }
}
