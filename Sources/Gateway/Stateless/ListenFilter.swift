/// What a `subscriptions/listen` asks for (2026-07-28, `SubscriptionFilter`).
struct ListenFilter: Sendable, Equatable {
    /// The lists whose changes are told, in the filter's own words.
    private static let lists: [(key: String, kind: OfferKind)] = [
        ("promptsListChanged", .prompts), ("resourcesListChanged", .resources), ("toolsListChanged", .tools),
    ]

    /// Methods of the notifications wanted.
    private(set) var methods: Set<String> = []
    /// Without repetition, in the order they came.
    private(set) var uris: [String] = []
    /// Tasks whose changes are told, as the client has them (the extension `io.modelcontextprotocol/tasks`).
    private(set) var taskIDs: [String] = []

    init() {}

    init(methods: Set<String>, uris: [String]) { (self.methods, self.uris) = (methods, uris) }

    /// What a backend says that it will tell; what is not as it should be counts as absent.
    init(acknowledged filter: JSONSlice?) {
        for (key, kind) in Self.lists where filter?[key]?.bool == true { methods.insert(kind.changedMethod) }
        uris = filter?["resourceSubscriptions"]?.elements.compactMap(\.string) ?? []
    }

    /// Whether nothing is asked for.
    var isEmpty: Bool { methods.isEmpty && uris.isEmpty }

    /// Reads a request's `params.notifications`.
    init(_ params: JSONSlice?, limits: StatelessLimits) throws(RequestFault) {
        guard let filter = params?["notifications"], filter.kind == .object else {
            throw .invalid("subscriptions/listen needs \"notifications\", an object")
        }
        for (key, kind) in Self.lists {
            guard let value = filter[key] else { continue }
            guard let isWanted = value.bool else { throw .invalid("\"\(key)\" must be true or false") }
            if isWanted { methods.insert(kind.changedMethod) }
        }
        uris = try Self.names("resourceSubscriptions", of: filter, "resources", limit: limits.subscriptionsPerListen)
        if filter["taskIds"] != nil {
            guard TasksExtension.isDeclared(by: params) else { throw TasksExtension.undeclared("\"taskIds\"") }
            taskIDs = try Self.names("taskIds", of: filter, "tasks", limit: limits.subscriptionsPerListen)
        }
    }

    private static func names(
        _ key: String, of filter: JSONSlice, _ what: String, limit: Int
    ) throws(RequestFault) -> [String] {
        guard let list = filter[key] else { return [] }
        let names = list.elements.compactMap(\.string)
        guard list.kind == .array, names.count == list.elements.count else {
            throw .invalid("\"\(key)\" must be an array of strings")
        }
        guard names.count <= limit else {
            throw .invalid(
                "\"\(key)\" may name \(limit) \(what), found \(names.count) "
                    + "(operational.limits.subscriptionsPerSession)")
        }
        var seen: Set<CatalogKey> = []
        return names.filter { seen.insert(CatalogKey($0)).inserted }
    }

    /// What remains when lists that nobody offers are left out, and all resources and tasks but these.
    func honoured(_ offering: Offering, uris: Set<String>, tasks: Set<String> = []) -> ListenFilter {
        var filter = ListenFilter()
        for (_, kind) in Self.lists where methods.contains(kind.changedMethod) && offering.offers(kind) {
            filter.methods.insert(kind.changedMethod)
        }
        filter.uris = self.uris.filter { uris.contains($0) }
        filter.taskIDs = taskIDs.filter { tasks.contains($0) }
        return filter
    }

    /// Whether a resource, or one that it is part of, is named (2026-07-28, Subscriptions: an update may be of a
    /// sub-resource).
    func covers(_ uri: String) -> Bool {
        let bytes = Array(uri.utf8)
        return uris.contains { named in
            let named = Array(named.utf8)
            guard bytes.starts(with: named) else { return false }
            let slash = UInt8(ascii: "/")
            return bytes.count == named.count || named.last == slash || bytes[named.count] == slash
        }
    }

    /// As the acknowledgement has it.
    var json: [UInt8] {
        var parts = Self.lists.filter { methods.contains($0.kind.changedMethod) }.map {
            Array("\"\($0.key)\":true".utf8)
        }
        for (key, names) in [("resourceSubscriptions", uris), ("taskIds", taskIDs)] where !names.isEmpty {
            let list = names.map(JSONText.quote).joined(separator: [UInt8(ascii: ",")])
            parts.append(Array("\"\(key)\":[".utf8) + list + [UInt8(ascii: "]")])
        }
        return [UInt8(ascii: "{")] + parts.joined(separator: [UInt8(ascii: ",")]) + [UInt8(ascii: "}")]
    }
}
