import Gateway
import Logging

/// The keys of the issuer: discovered, fetched, kept, and fetched again when they are old or one is missing.
///
/// One fetch at a time; who comes meanwhile waits for it. A set that cannot be renewed is used on.
actor IssuerKeys {
    /// A set is kept between these, whatever its `max-age` says; seconds.
    static let lifetime = 900.0...3_600.0
    /// A key that is not in the set may be a new one: fetched again at most so often; seconds.
    static let patience = 30.0

    private struct Kept {
        var keys: KeySet
        var staleAt: Double
    }

    private let settings: OIDCSettings
    private let fetch: any DocumentFetch
    /// Seconds that only grow.
    private let clock: @Sendable () -> Double
    /// Between attempts; milliseconds.
    private let pause: @Sendable (Int) async -> Void
    private let log: Logger

    private var kept: Kept?
    private var fetchedAt: Double?
    private var fetching: Task<Result<KeySet, TokenFault>, Never>?
    private var discovered: Discovery?
    private var discovering: Task<Result<Discovery, FetchFault>, Never>?

    /// What discovery tells (OpenID Connect Discovery 1.0, section 4; RFC 8414, section 3).
    private struct Discovery {
        var jwksURL: String
        var introspectionURL: String?
    }

    init(
        _ settings: OIDCSettings, fetch: any DocumentFetch, clock: @escaping @Sendable () -> Double,
        pause: @escaping @Sendable (Int) async -> Void, log: Logger
    ) {
        self.settings = settings
        self.fetch = fetch
        self.clock = clock
        self.pause = pause
        self.log = log
    }

    /// The key of an id.
    func key(_ id: String, for algorithm: SignatureAlgorithm) async throws(TokenFault) -> JSONWebKey {
        if let kept {
            if let key = kept.keys.key(id, for: algorithm) {
                if clock() >= kept.staleAt { renew() }
                return key
            }
            // Perhaps the issuer has a new one. Tokens with made-up ids must not make us ask all the time.
            guard fetching != nil || fetchedAt.map({ clock() - $0 >= Self.patience }) ?? true else {
                throw TokenFault(.unknownKey, "the key of the token is not one of the issuer's")
            }
        }
        renew()
        let keys = try await fetching?.value.get() ?? kept?.keys
        guard let key = keys?.key(id, for: algorithm) else {
            throw TokenFault(.unknownKey, "the key of the token is not one of the issuer's")
        }
        return key
    }

    /// Where opaque tokens are asked about; `nil` when nowhere.
    func introspectionURL() async -> String? {
        if !settings.introspectionURL.isEmpty { return settings.introspectionURL }
        guard settings.jwksURL.isEmpty else { return nil }
        do throws(FetchFault) { return try await discovery().introspectionURL } catch { return nil }
    }

    private func renew() {
        guard fetching == nil else { return }
        fetching = Task { await self.fetchKeys() }
    }

    private func fetchKeys() async -> Result<KeySet, TokenFault> {
        let result: Result<FetchedDocument, FetchFault>
        do throws(FetchFault) {
            let url = settings.jwksURL.isEmpty ? try await discovery().jwksURL : settings.jwksURL
            result = .success(try await attempt(url))
        } catch {
            result = .failure(error)
        }
        fetching = nil
        fetchedAt = clock()
        switch result {
        case .success(let document):
            guard let keys = KeySet(document.body) else { return unavailable("its key set is no JSON Web Key Set") }
            let age = min(
                max(document.maxAge ?? Self.lifetime.upperBound, Self.lifetime.lowerBound), Self.lifetime.upperBound)
            kept = Kept(keys: keys, staleAt: clock() + age)
            return .success(keys)
        case .failure(let fault): return unavailable(fault.text)
        }
    }

    /// A set that is kept goes on to be used, and is tried again later.
    private func unavailable(_ why: String) -> Result<KeySet, TokenFault> {
        log.warning("The issuer's keys cannot be fetched", metadata: ["issuer": "\(settings.issuer)", "why": "\(why)"])
        if let kept {
            self.kept?.staleAt = clock() + Self.patience
            return .success(kept.keys)
        }
        return .failure(TokenFault(.issuerUnavailable, "the issuer's keys cannot be fetched now"))
    }

    private func discovery() async throws(FetchFault) -> Discovery {
        if let discovered { return discovered }
        let task = discovering ?? Task { await self.discover() }
        discovering = task
        return try await task.value.get()
    }

    private func discover() async -> Result<Discovery, FetchFault> {
        defer { discovering = nil }
        do throws(FetchFault) {
            let found = try await readDiscovery()
            discovered = found
            return .success(found)
        } catch {
            return .failure(error)
        }
    }

    private func readDiscovery() async throws(FetchFault) -> Discovery {
        var base = settings.issuer
        if base.hasSuffix("/") { base.removeLast() }
        let document = try await attempt(base + "/.well-known/openid-configuration")
        let json: JSONSlice
        do throws(JSONScanError) { json = try JSONSlice(validating: document.body) } catch {
            throw FetchFault(text: "its discovery document is no JSON")
        }
        // OpenID Connect Discovery 1.0, section 4.3: another issuer's document must not be used.
        guard json["issuer"]?.string == settings.issuer else {
            throw FetchFault(text: "its discovery document names another issuer")
        }
        guard let url = json["jwks_uri"]?.string, !url.isEmpty else {
            throw FetchFault(text: "its discovery document has no jwks_uri")
        }
        return Discovery(jwksURL: url, introspectionURL: json["introspection_endpoint"]?.string)
    }

    /// Three attempts, with pauses between.
    private func attempt(_ url: String) async throws(FetchFault) -> FetchedDocument {
        var last = FetchFault(text: "it was not asked")
        for number in 0..<3 {
            if number > 0 { await pause(500 * number) }
            do throws(FetchFault) {
                let document = try await fetch.get(url)
                if document.status == 200 { return document }
                last = FetchFault(text: "it answered \(document.status)")
            } catch {
                last = error
            }
        }
        throw last
    }
}
