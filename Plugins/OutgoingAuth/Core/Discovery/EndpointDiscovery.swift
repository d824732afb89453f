import PluginKit
import Synchronization

/// Finds the token endpoint for a backend from the backend's own metadata, and keeps it.
///
/// The issuer is settled beforehand: whoever has the client's secret decides to whom it is shown, not the backend.
final class EndpointDiscovery: Sendable {
    struct Found: Sendable, Equatable {
        var resource: ResourceMetadata
        var issuer: IssuerMetadata
    }

    /// How long what was found is used, in milliseconds.
    static let lifetime: UInt64 = 3_600_000
    /// A backend that refuses tokens does not make us look more often than this.
    static let pause: UInt64 = 30_000
    /// Milliseconds for one document, and most bytes of it.
    static let patience: UInt64 = 10_000
    static let maximumDocument: UInt64 = 65_536

    typealias Completion = @Sendable (Result<Found, PluginError>) -> Void

    private struct State {
        var found: Found?
        var since: UInt64 = 0
        var waiting: [Completion] = []
    }

    private let issuer: String
    private let http: HTTPService
    private let now: @Sendable () -> UInt64
    private let state = Mutex(State())

    /// - Parameter now: Unix time in milliseconds.
    init(issuer: String, http: HTTPService, now: @escaping @Sendable () -> UInt64) {
        self.issuer = issuer
        self.http = http
        self.now = now
    }

    /// `completion` is called exactly once, from any thread; its error is ``Status/notFound`` when there are no metadata.
    func find(for request: AuthRequest, _ completion: @escaping Completion) {
        let time = now()
        let (kept, isFirst) = state.withLock { state -> (Found?, Bool) in
            let age = time < state.since ? Self.lifetime : time - state.since
            if let found = state.found, age < (request.attempt > 1 ? Self.pause : Self.lifetime) {
                return (found, false)
            }
            state.waiting.append(completion)
            return (nil, state.waiting.count == 1)
        }
        if let kept { return completion(.success(kept)) }
        if isFirst { look(request) }
    }

    private func look(_ request: AuthRequest) {
        guard let backend = HTTPAddress(request.url), let issuerAddress = HTTPAddress(issuer) else {
            return settle(.failure(PluginError(.invalid, "the backend's URL cannot be asked for metadata")))
        }
        var places = ResourceMetadata.addresses(of: backend)
        if let named = BearerChallenge(request.challenge)?.resourceMetadata {
            // What decides who gets our credentials has to come from where nobody can change it, as far as the backend itself
            // is reached that way.
            guard let address = HTTPAddress(named), address.isTrustworthy || !backend.isTrustworthy else {
                return settle(.failure(PluginError(.protocolError, "its resource_metadata is no https URL")))
            }
            places = [named]
        }
        let (issuer, url) = (issuer, request.url)
        first(of: places[...], what: "metadata of the protected resource") { [self] result in
            do throws(PluginError) {
                let resource = try ResourceMetadata(result.get(), backend: url, issuer: issuer)
                let places = IssuerMetadata.addresses(of: issuerAddress)
                first(of: places[...], what: "metadata of the issuer \"\(issuer)\"") { [self] result in
                    do throws(PluginError) {
                        let metadata = try IssuerMetadata(result.get(), issuer: issuer)
                        settle(.success(Found(resource: resource, issuer: metadata)))
                    } catch {
                        // Not the same as a backend that has none.
                        settle(
                            .failure(
                                PluginError(error.status == .notFound ? .unavailable : error.status, error.message)))
                    }
                }
            } catch {
                settle(.failure(error))
            }
        }
    }

    private func settle(_ result: Result<Found, PluginError>) {
        let time = now()
        let waiting = state.withLock { state in
            if case .success(let found) = result { (state.found, state.since) = (found, time) }
            defer { state.waiting = [] }
            return state.waiting
        }
        for completion in waiting { completion(result) }
    }

    /// The first of several documents that is there. Redirects are not followed.
    private func first(
        of places: ArraySlice<String>, what: String, failed: PluginError? = nil,
        _ completion: @escaping @Sendable (Result<JSONValue, PluginError>) -> Void
    ) {
        guard let place = places.first else {
            return completion(.failure(failed ?? PluginError(.notFound, "found no \(what)")))
        }
        var get = HTTPRequest("GET", place, headers: [Header("Accept", "application/json")])
        get.totalTimeout = Self.patience
        get.maximumResponse = Self.maximumDocument
        let answer = WholeAnswer { [self] outcome, status, body in
            guard outcome.status == .ok, status < 500 else {
                let why = outcome.status == .ok ? "answered \(status)" : outcome.message
                let error = PluginError(.unavailable, "\(what): \(ResourceMetadata.shown(place)): \(why)")
                return first(of: places.dropFirst(), what: what, failed: error, completion)
            }
            guard status == 200 else { return first(of: places.dropFirst(), what: what, failed: failed, completion) }
            do throws(PluginError) { completion(.success(try JSONValue(json: body))) } catch {
                let why = "\(what): \(ResourceMetadata.shown(place)): expected a JSON object"
                completion(.failure(PluginError(.protocolError, why)))
            }
        }
        http.request(get, handler: answer)
    }
}
