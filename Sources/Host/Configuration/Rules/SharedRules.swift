import ClaimExpressions
import PluginKit

/// The admission rules of the shared blocks (resource specification, section 3).
enum SharedRules {
    /// The block `name` is there if and only if `type` names it.
    static func variant(_ name: String, block: String? = nil, default defaultType: String? = nil) -> ObjectShape.Rule {
        let block = block ?? name
        return { value, validation in
            let type = value["type"]?.text ?? defaultType
            if type == name, value[block] == nil {
                validation.log.error(
                    at: value, field: block, "expected the block `\(block)`, found nothing; `type: \(name)` needs it")
            } else if type != name, let extra = value[block] {
                validation.log.error(
                    at: extra,
                    "expected this block with `type: \(name)` only, found `type: \(type ?? "")`; remove the block or "
                        + "change the type")
            }
        }
    }

    /// At most one of two fields is there.
    static func exclusive(_ first: String, _ second: String) -> ObjectShape.Rule {
        { value, validation in
            guard value[first] != nil, let other = value[second] else { return }
            validation.log.error(
                at: other, "expected one of `\(first)` and `\(second)`, found both; they are mutually exclusive")
        }
    }

    /// Exactly one of several fields is there; an empty text counts as absent.
    static func exactlyOne(of names: String..., reason: String? = nil) -> ObjectShape.Rule {
        { value, validation in
            let present = names.filter { value[$0] != nil && value[$0]?.text != "" }
            guard present.count != 1 else { return }
            let list = names.map { "`\($0)`" }.joined(separator: ", ")
            let found = present.isEmpty ? "none" : present.map { "`\($0)`" }.joined(separator: " and ")
            validation.log.error(
                at: value, "expected exactly one of \(list), found \(found)\(reason.map { "; \($0)" } ?? "")")
        }
    }

    /// A token endpoint is written down, or found by the backend's metadata (RFC 9728) at an issuer that is.
    static let tokenEndpoint: ObjectShape.Rule = { value, validation in
        exclusive("tokenUrl", "issuer")(value, validation)
        if value["tokenUrl"] == nil, value["issuer"] == nil {
            validation.log.error(
                at: value, field: "tokenUrl", "expected `tokenUrl` or `issuer`, found neither; one of them is required")
        }
    }

    /// A condition over claims, as far as the gateway understands them.
    static let matcher: ObjectShape.Rule = { value, validation in
        guard let matcher = value["matcher"], let text = matcher.text, !text.isEmpty else { return }
        do throws(PluginError) { _ = try ClaimExpression(text) } catch {
            validation.log.error(at: matcher, error.message)
        }
    }

    static let anyBucket: ObjectShape.Rule = { value, validation in
        if value["shared"] == nil, value["perUser"] == nil, value["tools"]?.items.isEmpty ?? true {
            validation.log.error(
                at: value, "expected `shared`, `perUser` or a non-empty `tools`, found none; add a bucket")
        }
    }

    static let toolBucket: ObjectShape.Rule = { value, validation in
        if value["shared"] == nil, value["perUser"] == nil {
            validation.log.error(at: value, "expected `shared` or `perUser`, found neither; add a bucket")
        }
    }

    static let redisAddress: ObjectShape.Rule = { value, validation in
        if value["provider"]?.text == "redis", value["address"] == nil {
            validation.log.error(
                at: value, field: "address",
                "expected host:port of the Redis server, found nothing; `provider: redis` needs it")
        }
    }

    /// The buckets of a rate limit that count per user, at the top and by tool.
    static func perUserBuckets(_ rateLimiting: Located) -> [Located] {
        [rateLimiting["perUser"]].compactMap { $0 }
            + (rateLimiting["tools"]?.items ?? []).compactMap { $0["perUser"] }
    }

    /// Rate limits live in Redis, and buckets per user need to know the user.
    static func checkRateLimit(
        _ rateLimiting: Located?, storage: Located?, isAuthenticated: Bool, authentication: String,
        validation: Validation
    ) {
        guard let rateLimiting else { return }
        if storage?["provider"]?.text != "redis" {
            validation.log.error(
                at: rateLimiting,
                "expected `sessionStorage.provider: redis` beside it, found "
                    + "\(storage?["provider"]?.text ?? "no session storage"); the buckets are kept in Redis")
        }
        guard !isAuthenticated else { return }
        for bucket in perUserBuckets(rateLimiting) {
            validation.log.error(
                at: bucket,
                "expected \(authentication), found neither user nor authentication; a bucket per user needs it")
        }
    }

    /// The type of a strategy: one of ours, or one that a plugin serves, whose settings stand in `config`.
    static func strategyType(_ known: [String]) -> ObjectShape.Rule {
        { value, validation in
            guard let type = value["type"], let text = type.text else { return }
            if known.contains(text) {
                guard let config = value["config"] else { return }
                validation.log.error(
                    at: config, "expected `config` with the type of a plugin only, found `type: \(text)`; remove it")
            } else if !validation.sources.servedStrategies.contains(text) {
                let all = known + validation.sources.servedStrategies.subtracting(known).sorted()
                validation.log.error(
                    at: type,
                    "expected one of \(all.joined(separator: ", ")), found \(type.node.valueDescription)"
                        + Suggestion.sentence(for: text, among: all))
            }
        }
    }

    /// The rules of a workload's own proxy.
    static let workload: ObjectShape.Rule = { spec, validation in
        exclusive("authzConfig", "authzConfigRef")(spec, validation)
        checkRateLimit(
            spec["rateLimiting"], storage: spec["sessionStorage"],
            isAuthenticated: spec["oidcConfigRef"] != nil || spec["externalAuthConfigRef"] != nil,
            authentication: "`oidcConfigRef` or `externalAuthConfigRef`", validation: validation)
        if let upstream = spec.at("authzConfig", "inline", "primaryUpstreamProvider") {
            validation.log.warning(at: upstream, "is deprecated and has no effect on a workload; remove it")
        }
    }
}
