package import Gateway
import PluginAPI
import Synchronization

/// The request that waits for its credential (`vmcp_auth_request`).
package struct AuthRequest: Sendable {
    /// The numbers are those of `VMCP_AUTH_CALL` and so on.
    package enum Purpose: UInt32, Sendable { case call = 1, probe, teardown }

    package var purpose: Purpose
    /// 1, then 2 after a 401, or a 403 with ``PluginAuthStrategy/stepsUp``.
    package var attempt: Int
    /// Name of the backend.
    package var backend: String
    package var method: String
    package var url: String
    /// As they will be sent.
    package var headers: [Header]
    /// The whole body; may be left empty unless ``PluginAuthStrategy/needsBody``.
    package var body: [UInt8]
    /// `WWW-Authenticate` of the response before; empty at first.
    package var challenge: String

    package init(
        purpose: Purpose = .call, attempt: Int = 1, backend: String, method: String, url: String,
        headers: [Header] = [], body: [UInt8] = [], challenge: String = ""
    ) {
        self.purpose = purpose
        self.attempt = attempt
        self.backend = backend
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.challenge = challenge
    }
}

/// What makes a request acceptable (`vmcp_auth_answer`). Holds credentials: never to be logged.
package struct AuthAnswer: Sendable, Equatable {
    /// The numbers are those of `VMCP_AUTH_CACHE_NONE` and so on.
    package enum CacheScope: UInt32, Sendable { case none = 0, backend, identity }

    package var scope: CacheScope
    /// Replace headers of the same name.
    package var set: [Header]
    /// Header names to take away first.
    package var remove: [String]
    /// Unix time in milliseconds; 0 = not known: not to be kept.
    package var expiresAt: UInt64
    /// Distinguishes answers within the scope.
    package var cacheKey: [UInt8]

    package init(
        scope: CacheScope = .none, set: [Header] = [], remove: [String] = [], expiresAt: UInt64 = 0,
        cacheKey: [UInt8] = []
    ) {
        self.scope = scope
        self.set = set
        self.remove = remove
        self.expiresAt = expiresAt
        self.cacheKey = cacheKey
    }
}

/// A strategy for outgoing credentials: `vmcp.auth/1` of a plugin instance.
package final class PluginAuthStrategy: Sendable {
    private let instance: PluginInstance
    private let table: CapabilityTable<vmcp_auth>
    /// The body is part of what is signed.
    package let needsBody: Bool
    /// Without an identity there is no credential.
    package let needsIdentity: Bool
    /// It may get a credential with more scopes, and is asked for one after a 403.
    package let stepsUp: Bool

    init(_ instance: PluginInstance) throws(PluginLoadError) {
        let table = instance.capability(VMCP_AUTH, as: vmcp_auth.self)
        guard let table, table.functions.authorize != nil else {
            throw PluginLoadError(
                .missingCapability, path: instance.image.path, expected: "\(VMCP_AUTH) with the function authorize",
                found: table == nil ? "no such table" : "NULL",
                advice: "answer capability(\"\(VMCP_AUTH)\") with a complete vmcp_auth")
        }
        self.instance = instance
        self.table = table
        needsBody = table.functions.flags & UInt32(VMCP_AUTH_NEEDS_BODY) != 0
        needsIdentity = table.functions.flags & UInt32(VMCP_AUTH_NEEDS_IDENTITY) != 0
        stepsUp = table.functions.flags & UInt32(VMCP_AUTH_STEPS_UP) != 0
    }

    /// Finds the credential for one request.
    /// - Parameters:
    ///   - context: ``CallContext/identity`` is on whose behalf; headers are not used.
    ///   - completion: Called exactly once, from any thread: with the answer, `nil` = leave the request as it is, or
    ///     with why there is none, which fails the request.
    /// - Returns: The call's number, for ``cancel(_:)``.
    @discardableResult
    package func authorize(
        _ request: AuthRequest, context: CallContext,
        completion: @escaping @Sendable (Result<AuthAnswer?, Outcome>) -> Void
    ) -> UInt64 {
        instance.call(with(request, context), AuthorizeCall(completion), body(request, context)).rawValue
    }

    /// As ``authorize(_:context:completion:)``, awaited. When the task is cancelled the plugin is advised of it.
    package func authorize(_ request: AuthRequest, context: CallContext) async throws(Outcome) -> AuthAnswer? {
        let result: Result<AuthAnswer?, Outcome> = await instance.awaited(with(request, context)) { continuation in
            AuthorizeCall { continuation.resume(returning: $0) }
        } _: { [body = body(request, context)] handle, call in
            body(handle, call)
        }
        return try result.get()
    }

    /// The request's headers travel in the call, where C can borrow them.
    private func with(_ request: AuthRequest, _ context: CallContext) -> CallContext {
        var context = context
        context.headers = request.headers
        return context
    }

    private func body(
        _ request: AuthRequest, _ context: CallContext
    ) -> @Sendable (UnsafeMutableRawPointer?, UnsafePointer<vmcp_call>) -> Void {
        { [table, identity = context.identity] handle, call in
            Lending.with([
                Array(request.backend.utf8), Array(request.method.utf8), Array(request.url.utf8), request.body,
                Array(request.challenge.utf8),
            ]) { parts in
                var raw = vmcp_auth_request()
                raw.struct_size = UInt32(MemoryLayout<vmcp_auth_request>.size)
                raw.purpose = request.purpose.rawValue
                raw.attempt = UInt32(clamping: request.attempt)
                raw.identity = identity
                (raw.backend, raw.method, raw.url) = (parts[0], parts[1], parts[2])
                (raw.body, raw.challenge) = (parts[3], parts[4])
                raw.headers = call.pointee.headers
                raw.header_count = call.pointee.header_count
                var sink = vmcp_auth_sink()
                sink.struct_size = UInt32(MemoryLayout<vmcp_auth_sink>.size)
                sink.context = call.pointee.context
                sink.answer = PluginCallbacks.answer
                table.functions.authorize?(handle, &raw, &sink, call)
            }
        }
    }

    /// Nobody waits for this call any more; it still ends.
    package func cancel(_ call: UInt64) {
        instance.ledger.calls.cancel(ContextNumber(rawValue: call), reason: .byClient)
    }

    /// The answer with this cache key was refused.
    package func invalidate(_ cacheKey: [UInt8]) {
        _ = instance.direct { handle in
            Lending.with(cacheKey) { table.functions.invalidate?(handle, $0) }
        }
    }
}

/// A call of `authorize`: keeps the answer until the call is resolved.
final class AuthorizeCall: BackendCallObserver {
    private enum Given: Sendable {
        case nothing
        case answer(AuthAnswer)
        /// The request must not be sent: the plugin meant it to carry something that cannot be read.
        case unreadable
    }

    private let given = Mutex(Given.nothing)
    private let completion: @Sendable (Result<AuthAnswer?, Outcome>) -> Void

    init(_ completion: @escaping @Sendable (Result<AuthAnswer?, Outcome>) -> Void) { self.completion = completion }

    func received(_ message: [UInt8]) -> Flow { .go }
    func progressed(_ text: String) {}

    /// - Returns: False when the answer cannot be read, or is not the first.
    func answered(_ pointer: UnsafePointer<vmcp_auth_answer>?) -> Bool {
        let read = Self.read(pointer)
        return given.withLock { given in
            guard let read, case .nothing = given else {
                given = .unreadable
                return false
            }
            given = .answer(read)
            return true
        }
    }

    private static func read(_ pointer: UnsafePointer<vmcp_auth_answer>?) -> AuthAnswer? {
        guard let pointer, let raw = CTable.copy(pointer, minimum: 8),
            let scope = AuthAnswer.CacheScope(rawValue: raw.cache_scope), raw.set_count <= 256,
            raw.remove_count <= 256, raw.set_count == 0 || raw.set != nil, raw.remove_count == 0 || raw.remove != nil
        else { return nil }
        func text(_ bytes: vmcp_bytes) -> String { String(decoding: OutcomeReader.buffer(bytes), as: UTF8.self) }
        let set = UnsafeBufferPointer(start: raw.set, count: Int(raw.set_count)).map {
            Header(text($0.name), text($0.value))
        }
        let remove = UnsafeBufferPointer(start: raw.remove, count: Int(raw.remove_count)).map(text)
        return AuthAnswer(
            scope: scope, set: set, remove: remove, expiresAt: raw.expires_at_ms,
            cacheKey: Array(OutcomeReader.buffer(raw.cache_key)))
    }

    func ended(_ outcome: Outcome, last: [UInt8]) {
        guard outcome.status == .ok else { return completion(.failure(outcome)) }
        switch given.withLock({ $0 }) {
        case .nothing: completion(.success(nil))
        case .answer(let answer): completion(.success(answer))
        case .unreadable:
            completion(
                .failure(Outcome(.protocolError, notSent: true, message: "the auth plugin's answer cannot be used")))
        }
    }
}
