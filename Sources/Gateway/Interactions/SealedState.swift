/// What the gateway puts into a `requestState`: a value with its form as bytes.
struct SealedState: Equatable, Sendable {
    /// What a retry leads to.
    enum Purpose: Equatable, Sendable {
        /// Back to a call that waits in one process.
        case parked(instance: [UInt8], call: UInt64)
        /// On to a backend of this revision, with its own state as it came: a raw JSON string, if it sent one.
        case relayed(backend: String, state: [UInt8]?)
        /// The same call once more: everything the backend needs is with the user.
        case again
    }

    /// The request that a state was issued for; a retry must be the same but for its id and its answers.
    struct Binding: Equatable, Sendable {
        let principal: Principal
        let method: String
        /// Of ``ParamsDigest``.
        let params: [UInt8]
    }

    let purpose: Purpose
    let binding: Binding
    /// Input-required answers so far, this one included; a state is good for the answers to its own round.
    let round: Int
    /// Milliseconds since 1970: instances do not share a monotonic clock.
    let expiry: UInt64
}

// The form: every part with its length in front, numbers as eight bytes.
extension SealedState {
    private enum Tag: UInt8 { case parked = 1, relayed, relayedWithoutState, again }

    var bytes: [UInt8] {
        var out: [UInt8] = []
        func append(_ number: UInt64) { out.append(contentsOf: withUnsafeBytes(of: number.bigEndian) { Array($0) }) }
        func append(_ part: [UInt8]) {
            append(UInt64(part.count))
            out.append(contentsOf: part)
        }
        append(UInt64(round))
        append(expiry)
        append(Array(binding.principal.issuer.utf8))
        append(Array(binding.principal.subject.utf8))
        append(Array(binding.method.utf8))
        append(binding.params)
        switch purpose {
        case .parked(let instance, let call):
            out.append(Tag.parked.rawValue)
            append(instance)
            append(call)
        case .relayed(let backend, let state):
            out.append((state == nil ? Tag.relayedWithoutState : .relayed).rawValue)
            append(Array(backend.utf8))
            if let state { append(state) }
        case .again: out.append(Tag.again.rawValue)
        }
        return out
    }

    /// `nil` for what ``bytes`` would not have written.
    init?(_ bytes: [UInt8]) {
        var rest = bytes[...]
        func number() -> UInt64? {
            guard rest.count >= 8 else { return nil }
            defer { rest = rest.dropFirst(8) }
            return rest.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
        }
        func part() -> [UInt8]? {
            guard let count = number().flatMap({ Int(exactly: $0) }), count <= rest.count else { return nil }
            defer { rest = rest.dropFirst(count) }
            return Array(rest.prefix(count))
        }
        func text() -> String? { part().map { String(decoding: $0, as: UTF8.self) } }
        guard let round = number().flatMap({ Int(exactly: $0) }), let expiry = number(), let issuer = text(),
            let subject = text(), let method = text(), let params = part(),
            let tag = rest.popFirst().flatMap({ Tag(rawValue: $0) })
        else { return nil }
        let purpose: Purpose? =
            switch tag {
            case .parked: part().flatMap { instance in number().map { .parked(instance: instance, call: $0) } }
            case .relayed: text().flatMap { backend in part().map { .relayed(backend: backend, state: $0) } }
            case .relayedWithoutState: text().map { .relayed(backend: $0, state: nil) }
            case .again: .again
            }
        guard let purpose, rest.isEmpty else { return nil }
        self.purpose = purpose
        binding = Binding(
            principal: Principal(issuer: issuer, subject: subject), method: method, params: params)
        (self.round, self.expiry) = (round, expiry)
    }
}
