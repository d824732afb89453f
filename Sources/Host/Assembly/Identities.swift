import Gateway
import HostAuthentication
import HostServices

/// Enters identities into the identity service, and takes them out when nobody holds them any more.
struct Identities: IdentityRegistry {
    let store: IdentityStore

    func register(claims: [UInt8], token: [UInt8], key: [UInt8]) -> any CallerIdentity {
        let upstream = UpstreamTokens(claims: claims)
        let identity = ServiceIdentity(
            claims: claims, token: token, key: key,
            upstreamToken: { provider, kind, completion in completion(upstream.token(provider: provider, kind: kind)) })
        return Held(number: store.add(identity), store: store)
    }

    /// The one caller of a gateway that asks nobody who they are.
    func anonymous(subject: String, name: String) -> Principal {
        var claims = Array("{\"iss\":\"toolhive-local\",\"aud\":\"toolhive\",\"sub\":".utf8)
        JSONText.append(subject, to: &claims)
        claims += ",\"email\":".utf8
        JSONText.append("\(subject)@localhost", to: &claims)
        claims += ",\"name\":".utf8
        JSONText.append(name, to: &claims)
        claims.append(UInt8(ascii: "}"))
        // Sessions of everybody are everybody's: the principal stays the anonymous one.
        return Principal(
            issuer: "", subject: "", identity: register(claims: claims, token: [], key: Array(subject.utf8)))
    }

    private final class Held: CallerIdentity {
        let number: UInt64
        private let store: IdentityStore

        init(number: UInt64, store: IdentityStore) {
            self.number = number
            self.store = store
        }

        deinit { store.release(number) }
    }
}
