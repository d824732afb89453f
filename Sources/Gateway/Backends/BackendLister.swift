/// Asks a backend what it offers: every list it announces, all pages.
package struct BackendLister: Sendable {
    private let backend: String
    private let session: BackendSession
    private let limits: @Sendable () -> BackendLimits
    private let context: @Sendable () -> CallContext

    /// - Parameters:
    ///   - limits: What each reading keeps to.
    ///   - context: Makes the deadline of each request anew.
    package init(
        backend: String, session: BackendSession,
        limits: @escaping @Sendable () -> BackendLimits = { BackendLimits() },
        context: @escaping @Sendable () -> CallContext
    ) {
        self.backend = backend
        self.session = session
        self.limits = limits
        self.context = context
    }

    /// Reads the kinds asked for, one after the other. A list that fails takes away its own kind alone.
    /// - Throws: When the session is gone: then nothing is known.
    package func offer(_ kinds: some Sequence<OfferKind> = OfferKind.allCases) async throws(Outcome) -> BackendOffer {
        guard let server = session.server else {
            throw Outcome(.unavailable, sessionLost: true, message: "has no session")
        }
        var offer = BackendOffer(backend: backend)
        offer.isModern = server.isModern
        offer.servesTasks = server.tasks.contains(.asked)
        for kind in kinds where Self.announces(server, kind) {
            do throws(Outcome) {
                let (items, hint, doubt) = try await list(kind)
                offer.items[kind] = items
                offer.doubts[kind] = doubt
                guard server.isModern else { continue }
                offer.hints[kind] = hint
                if kind == .tools { session.toolHeaders.replace(with: items, isPart: !session.sharesModern) }
            } catch {
                if error.sessionLost { throw error }
                if kind == .resourceTemplates, error.status == .unsupported {
                    continue
                } else {
                    offer.failures[kind] = error.message
                }
            }
        }
        return offer
    }

    private static func announces(_ server: BackendServer, _ kind: OfferKind) -> Bool {
        switch kind {
        case .tools: server.offersTools
        case .resources, .resourceTemplates: server.offersResources
        case .prompts: server.offersPrompts
        }
    }

    /// - Returns: The items, what is said of caching, and why items may lack.
    private func list(_ kind: OfferKind) async throws(Outcome) -> ([JSONSlice], CacheHint, doubt: String?) {
        let limits = limits()
        var items: [JSONSlice] = []
        var hint: CacheHint?
        // From before the first page: what comes later is no older.
        let begin = session.clock.now()
        var seen: Set<[UInt8]> = []
        var cursor: [UInt8]?
        for _ in 0..<limits.listPages {
            let params = cursor.map { Array("{\"cursor\":".utf8) + $0 + [UInt8(ascii: "}")] }
            let answer = try await session.request(method: kind.listMethod, params: params, context: context())
            if let error = answer.error {
                let code = error["code"]?.integer ?? 0
                let text = (error["message"]?.string ?? "no message").prefix(200)
                throw Outcome(
                    code == -32601 ? .unsupported : .protocolError,
                    message: "answered \(kind.listMethod) with error \(code): \(text)")
            }
            guard let list = answer.result?[kind.rawValue], list.kind == .array else {
                throw Outcome(
                    .protocolError,
                    message: "answered \(kind.listMethod) without an array \"\(kind.rawValue)\" in its result")
            }
            items += list.elements
            let own = CacheHint(answer.result)
            hint = hint?.merged(with: own) ?? own
            guard items.count <= limits.listItems else {
                throw Outcome(
                    .exhausted,
                    message: "lists more than \(limits.listItems) \(kind.rawValue) (operational.limits.listItems)")
            }
            func ended(_ items: [JSONSlice], doubt: String? = nil) -> ([JSONSlice], CacheHint, doubt: String?) {
                var hint = hint ?? .none
                if !session.modernListener.watches(kind) { hint.end = begin + hint.timeToLive }
                return (items, hint, doubt)
            }
            // The empty string is a cursor like any other; what ends a list is the absence of one (2025-06-18, Pagination).
            guard let next = answer.result?["nextCursor"], next.kind == .string else { return ended(items) }
            guard seen.insert(next.array).inserted else {
                let shown = String(decoding: next.array.prefix(100), as: UTF8.self)
                return ended(Self.distinct(items), doubt: "gives the cursor \(shown) of \(kind.listMethod) again")
            }
            cursor = next.array
        }
        throw Outcome(
            .exhausted,
            message: "has more than \(limits.listPages) pages of \(kind.rawValue) (operational.limits.listPages)")
    }

    /// Each item once: a server that leads back to a page before it lists its items again.
    private static func distinct(_ items: [JSONSlice]) -> [JSONSlice] {
        var seen: Set<[UInt8]> = []
        return items.filter { seen.insert($0.array).inserted }
    }
}

extension BackendOffer {
    /// Takes over one kind, with its failure, from a newer reading.
    mutating func replace(_ kind: OfferKind, with newer: BackendOffer) {
        items[kind] = newer.items[kind]
        failures[kind] = newer.failures[kind]
        doubts[kind] = newer.doubts[kind]
        hints[kind] = newer.hints[kind]
    }
}
