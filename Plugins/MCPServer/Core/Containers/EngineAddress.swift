#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Where a container engine may be reached.
package enum EngineAddress: Sendable, Equatable, CustomStringConvertible {
    /// A unix socket.
    case socket(String)
    /// `HOST:PORT`, without TLS.
    case host(String)

    package var description: String {
        switch self {
        case .socket(let path): "unix://\(path)"
        case .host(let host): "tcp://\(host)"
        }
    }

    /// What `DOCKER_HOST` says.
    ///
    /// - Returns: nil for a form that is not understood: `ssh://` and TLS need more than an address.
    package init?(_ text: String) {
        if text.hasPrefix("unix://") {
            self = .socket(String(text.dropFirst(7)))
        } else if text.hasPrefix("tcp://") || text.hasPrefix("http://") {
            let rest = text.drop { $0 != "/" }.dropFirst(2)
            self = .host(String(rest.prefix { $0 != "/" }))
        } else if text.hasPrefix("/") {
            self = .socket(text)
        } else {
            return nil
        }
    }

    /// Why `DOCKER_HOST` cannot be followed, whatever answers there; nil when it can.
    ///
    /// TLS is for engines of other machines, and those are of no use here: ports on their loopback cannot be reached, and
    /// folders of this machine are not there.
    package static func objection(to environment: (String) -> String?) -> String? {
        guard let host = environment("DOCKER_HOST"), host.hasPrefix("tcp://"),
            environment("DOCKER_TLS_VERIFY") ?? "" != ""
        else { return nil }
        return
            "DOCKER_TLS_VERIFY: expected an engine of this machine, without TLS, found \(host); set DOCKER_HOST to a "
            + "socket, or unset both"
    }

    /// Where to look, best first: what `DOCKER_HOST` says and nothing else, or the usual sockets: podman's of this user,
    /// podman's of the machine, docker's of this user, docker's of the machine.
    ///
    /// - Parameters:
    ///   - environment: Of the gateway.
    ///   - user: Its numeric user id.
    package static func candidates(environment: (String) -> String?, user: UInt32) -> [EngineAddress] {
        if let text = environment("DOCKER_HOST"), !text.isEmpty { return EngineAddress(text).map { [$0] } ?? [] }
        let runtime = environment("XDG_RUNTIME_DIR").flatMap { $0.isEmpty ? nil : $0 } ?? "/run/user/\(user)"
        return [
            .socket("\(runtime)/podman/podman.sock"), .socket("/run/podman/podman.sock"),
            .socket("\(runtime)/docker.sock"), .socket("/var/run/docker.sock"),
        ]
    }

    /// Why a socket cannot be used, seen without connecting; nil when it may.
    var objection: String? {
        guard case .socket(let path) = self else { return nil }
        if access(path, F_OK) != 0 { return "there is no such socket" }
        if access(path, R_OK | W_OK) != 0 { return "this user may not use the socket" }
        return nil
    }
}
